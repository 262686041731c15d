#include "run/facts/meant.h"

#include <string.h>

#include "base/nearest.h"

/* Of the names that can be written as the wrong one was, with a schema or without. */
static const char *
nearest_written(Mem *mem, const Rows *rows, const char *wrong)
{
    bool with_schema = strchr(wrong, '.') != NULL;
    const char **names = mem_array(mem, const char *, rows->row_count + 1);
    int count = 0;

    for (int i = 0; i < rows->row_count; i++)
    {
        const char *name = rows_cell(rows, i, "table_name");

        if (with_schema)
            name = mem_text(mem, "%s.%s", rows_cell(rows, i, "schema_name"), name);
        if (with_schema || rows_bool(rows, i, "is_visible"))
            names[count++] = name;
    }
    return nearest_name(wrong, names, count);
}

/* The same name where the search path does not lead. */
static const char *
same_elsewhere(Mem *mem, const Rows *rows, const char *wrong)
{
    const char *dot = strchr(wrong, '.');
    const char *name = dot == NULL ? wrong : dot + 1;

    for (int i = 0; i < rows->row_count; i++)
        if (strcmp(rows_cell(rows, i, "table_name"), name) == 0)
            return mem_text(mem, "%s.%s", rows_cell(rows, i, "schema_name"), name);
    return NULL;
}

bool
table_meant(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Err ignored = {0};
    Rows rows;

    if (err->missing_table == NULL || run->caps->plain_path)
        return false;
    if (!db_query(scope, run->watcher, "tables_named", NO_ARGS, &rows, &ignored))
    {
        err_clear(&ignored);
        return false;
    }

    const char *meant = same_elsewhere(scope, &rows, err->missing_table);

    if (meant == NULL)
        meant = nearest_written(scope, &rows, err->missing_table);
    if (meant == NULL)
        return false;
    return err_hint(err, "Did you mean \"%s\"?%s%s", meant,
                    err->hint == NULL ? "" : " · ", err->hint == NULL ? "" : err->hint);
}
