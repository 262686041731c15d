#include "db/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"

/* One cell on its way into a struct: everything an error has to name. */
typedef struct Reading
{
    Mem *mem;
    const Rows *rows;
    int row;
    const Column *column;
    const char *cell; /* NULL is null */
    char *item;
    Err *err;
} Reading;

static int
rows_column(const Rows *rows, const char *name)
{
    for (int i = 0; i < rows->column_count; i++)
        if (strcmp(rows->names[i], name) == 0)
            return i;
    return -1;
}

static bool
reading_wrong(const Reading *reading, const char *what)
{
    return err_set(reading->err, ERR_INTERNAL,
                   "query \"%s\": column \"%s\" of row %d %s", reading->rows->label,
                   reading->column->name, reading->row + 1, what);
}

static void *
reading_place(const Reading *reading)
{
    return reading->item + reading->column->offset;
}

static bool
read_text(const Reading *reading)
{
    *(char **)reading_place(reading) = mem_copy(reading->mem, reading->cell);
    return true;
}

static bool
read_int64(const Reading *reading)
{
    char *end;

    errno = 0;

    long long number = strtoll(reading->cell, &end, 10);

    if (errno != 0 || end == reading->cell || *end != '\0')
        return reading_wrong(reading, "is no whole number");
    *(int64_t *)reading_place(reading) = number;
    return true;
}

static bool
read_double(const Reading *reading)
{
    char *end;
    double number = strtod(reading->cell, &end);

    if (end == reading->cell || *end != '\0')
        return reading_wrong(reading, "is no number");
    *(double *)reading_place(reading) = number;
    return true;
}

static bool
read_bool(const Reading *reading)
{
    if (strcmp(reading->cell, "t") != 0 && strcmp(reading->cell, "f") != 0)
        return reading_wrong(reading, "is neither t nor f");
    *(bool *)reading_place(reading) = reading->cell[0] == 't';
    return true;
}

/* One element of a text[] from *at on, behind which *at is left; a null one is "". */
static char *
list_element(Mem *mem, const char **at)
{
    Buf text = buf_begin(mem);
    bool quoted = **at == '"';
    const char *from = quoted ? *at + 1 : *at;
    const char *ends = quoted ? "\"" : ",}";

    for (; *from != '\0' && strchr(ends, *from) == NULL; from++)
    {
        if (*from == '\\' && from[1] != '\0')
            from++;
        buf_bytes(&text, from, 1);
    }
    if (quoted && *from == '"')
        from++;
    *at = from;
    if (!quoted && strcasecmp(text.text, "NULL") == 0)
        text.text[0] = '\0';
    return text.text;
}

static bool
read_list(const Reading *reading)
{
    LIST(char *) items = {0};
    const char *at = reading->cell;

    if (at[0] != '{')
        return reading_wrong(reading, "is no list");
    for (at++; *at != '}';)
    {
        if (*at == '{' || *at == '\0')
            return reading_wrong(reading, "is no plain list");
        *list_add(reading->mem, &items) = list_element(reading->mem, &at);
        if (*at != ',' && *at != '}')
            return reading_wrong(reading, "is a list cut short");
        at += *at == ',';
    }
    *(char ***)reading_place(reading) = items.items;
    *(int *)(reading->item + reading->column->count_offset) = items.count;
    return true;
}

static bool
null_refused(const Reading *reading)
{
    return reading_wrong(reading, "is null");
}

static bool
null_text(const Reading *reading)
{
    *(char **)reading_place(reading) = NULL;
    return true;
}

static bool
null_int64(const Reading *reading)
{
    *(int64_t *)reading_place(reading) = -1;
    return true;
}

static bool
null_double(const Reading *reading)
{
    *(double *)reading_place(reading) = -1;
    return true;
}

static bool
null_list(const Reading *reading)
{
    *(char ***)reading_place(reading) = NULL;
    *(int *)(reading->item + reading->column->count_offset) = 0;
    return true;
}

/* How each type is read, and what null means for it. */
typedef struct Reader
{
    bool (*value)(const Reading *reading);
    bool (*null)(const Reading *reading);
} Reader;

/* clang-format off */
static const Reader readers[] = {
    [COLUMN_TEXT]            = {read_text,   null_refused},
    [COLUMN_TEXT_OR_NULL]    = {read_text,   null_text},
    [COLUMN_INT64]           = {read_int64,  null_refused},
    [COLUMN_INT64_OR_MINUS]  = {read_int64,  null_int64},
    [COLUMN_DOUBLE_OR_MINUS] = {read_double, null_double},
    [COLUMN_BOOL]            = {read_bool,   null_refused},
    [COLUMN_TEXT_LIST]       = {read_list,   null_list},
};
/* clang-format on */

/* A row into a struct, column by column. */
static bool
row_decode(Reading *reading, const Column *columns, int column_count)
{
    const Rows *rows = reading->rows;

    for (int i = 0; i < column_count; i++)
    {
        int at = rows_column(rows, columns[i].name);

        if (at < 0)
            return err_set(reading->err, ERR_INTERNAL,
                           "query \"%s\" gives no column \"%s\"", rows->label,
                           columns[i].name);
        reading->column = &columns[i];
        reading->cell = rows->cells[reading->row * rows->column_count + at];

        const Reader *reader = &readers[columns[i].type];

        if (!(reading->cell != NULL ? reader->value : reader->null)(reading))
            return false;
    }
    return true;
}

bool
rows_decode(Mem *mem, const Rows *rows, const Column *columns, int column_count,
            size_t size, void **items, int *count, Err *err)
{
    Reading reading = {.mem = mem, .rows = rows, .err = err};
    char *array = mem_zeroed(mem, size * (size_t)rows->row_count, rows->label);

    for (int row = 0; row < rows->row_count; row++)
    {
        reading.row = row;
        reading.item = array + size * (size_t)row;
        if (!row_decode(&reading, columns, column_count))
            return false;
    }
    *items = array;
    *count = rows->row_count;
    return true;
}

bool
rows_one(Mem *mem, const Rows *rows, const Column *columns, int column_count,
         void *item, Err *err)
{
    Reading reading = {.mem = mem, .rows = rows, .item = item, .err = err};

    if (rows->row_count != 1)
        return err_set(err, ERR_INTERNAL, "query \"%s\" gave %d rows instead of one",
                       rows->label, rows->row_count);
    return row_decode(&reading, columns, column_count);
}

/* Asking for what is not there is our own mistake: no answer could be right. */
static void
rows_bug(const Rows *rows, int row, const char *name)
{
    log_line(LOG_LEVEL_ERROR, "bug: query \"%s\" has no usable \"%s\" in row %d of %d",
             rows->label, name, row + 1, rows->row_count);
    exit(err_exit_code(ERR_INTERNAL));
}

const char *
rows_cell(const Rows *rows, int row, const char *name)
{
    int at = rows_column(rows, name);

    if (at < 0 || row < 0 || row >= rows->row_count)
        rows_bug(rows, row, name);
    return rows->cells[row * rows->column_count + at];
}

int64_t
rows_int(const Rows *rows, int row, const char *name)
{
    const char *cell = rows_cell(rows, row, name);
    char *end = NULL;
    long long number = cell == NULL ? 0 : strtoll(cell, &end, 10);

    if (cell == NULL || end == cell || *end != '\0')
        rows_bug(rows, row, name);
    return number;
}

bool
rows_bool(const Rows *rows, int row, const char *name)
{
    const char *cell = rows_cell(rows, row, name);

    if (cell == NULL || (strcmp(cell, "t") != 0 && strcmp(cell, "f") != 0))
        rows_bug(rows, row, name);
    return cell[0] == 't';
}
