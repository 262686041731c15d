#include "cli/print/print_history.h"

#include "base/buf.h"
#include "base/units.h"
#include "cli/json.h"
#include "cli/text.h"

/* What is as wide as its widest cell, up to a limit; the outcome runs free. */
enum
{
    CELL_AT,
    CELL_VERSION,
    CELL_PHASE,
    CELL_WHO,
    CELL_WHAT,
    CELL_COUNT
};

#define WIDEST_CELL 48
#define FOLDED_AT 4

static const char *
or_blank(const char *text)
{
    return text == NULL ? "" : text;
}

static void
line_cells(Mem *mem, const HistoryLine *line, const char *cells[CELL_COUNT])
{
    cells[CELL_AT] = mem_text(mem, "%.19sZ", or_blank(line->at));
    cells[CELL_VERSION] = or_blank(line->version);
    cells[CELL_PHASE] = or_blank(line->phase);
    cells[CELL_WHO] = mem_text(mem, "%s%s%s", or_blank(line->os_user),
                               line->host == NULL ? "" : "@", or_blank(line->host));
    cells[CELL_WHAT] = text_one_line(mem, or_blank(line->what));
}

/* Of a column that holds this cell too. */
static int
cell_width(const char *cell, int width)
{
    int wanted = utf8_width(cell) < WIDEST_CELL ? utf8_width(cell) : WIDEST_CELL;

    return wanted > width ? wanted : width;
}

/* "done   9.1 s   2 tries   1,000,000 rows   largest stall 4.0 ms" */
static char *
outcome_text(Mem *mem, const HistoryLine *line)
{
    Buf buf = buf_begin(mem);

    buf_add(&buf, or_blank(line->outcome));
    if (line->took_ms >= 0)
        buf_format(&buf, "   %s", duration_show(mem, line->took_ms));
    if (line->tries > 1)
        buf_format(&buf, "   %lld tries", (long long)line->tries);
    if (line->rows > 0)
        buf_format(&buf, "   %s", text_count(mem, line->rows, "row"));
    if (line->stall_ms > 0)
        buf_format(&buf, "   largest stall %s", duration_show(mem, line->stall_ms));
    return buf.text;
}

typedef struct HistoryTable
{
    int widths[CELL_COUNT];
    bool folded; /* wider than the terminal: what it was, and its outcome, go below */
} HistoryTable;

static HistoryTable
table_measure(Mem *mem, const Out *out, const HistoryLines *lines)
{
    HistoryTable table = {0};
    const char *cells[CELL_COUNT];
    int outcome = 0;

    for (int i = 0; i < lines->count; i++)
    {
        int wide = utf8_width(outcome_text(mem, &lines->items[i]));

        line_cells(mem, &lines->items[i], cells);
        for (int j = 0; j < CELL_COUNT; j++)
            table.widths[j] = cell_width(cells[j], table.widths[j]);
        outcome = wide > outcome ? wide : outcome;
    }
    for (int j = 0; j < CELL_COUNT; j++)
        outcome += table.widths[j] + 2;
    table.folded = out->width > 0 && outcome > out->width;
    return table;
}

static void
print_history_line(Out *out, const HistoryTable *table, const HistoryLine *line)
{
    MEM_SCOPE(scope, NULL);
    const char *cells[CELL_COUNT];
    const char *outcome = outcome_text(scope, line);
    int beside = table->folded ? CELL_WHO : CELL_WHAT;

    line_cells(scope, line, cells);
    for (int i = 0; i <= beside; i++)
        out_print(out, "%s%s", i == 0 ? "" : "  ",
                  i == CELL_WHO && table->folded
                      ? cells[i]
                      : text_pad(scope, cells[i], table->widths[i]));
    if (table->folded)
    {
        out_print(out, "\n%*s", FOLDED_AT, "");
        out_paragraph(out, FOLDED_AT,
                      mem_text(scope, "%s   %s", cells[CELL_WHAT], outcome));
    }
    else
        out_print(out, "  %s\n", outcome);
}

void
print_history(Out *out, const HistoryLines *lines)
{
    MEM_SCOPE(scope, NULL);
    HistoryTable table = table_measure(scope, out, lines);

    if (lines->count == 0)
        out_print(out, "Nothing has run yet.\n");
    for (int i = 0; i < lines->count; i++)
        print_history_line(out, &table, &lines->items[i]);
}

json_t *
history_json(const HistoryLines *lines)
{
    json_t *array = json_array();

    for (int i = 0; i < lines->count; i++)
    {
        const HistoryLine *line = &lines->items[i];
        json_t *object =
            json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "at", json_text(line->at),
                      "kind", json_text(line->kind), "version",
                      json_text(line->version), "phase", json_text(line->phase), "what",
                      json_text(line->what), "outcome", json_text(line->outcome));

        json_object_set_new(object, "who", json_text(line->who));
        json_object_set_new(object, "os_user", json_text(line->os_user));
        json_object_set_new(object, "host", json_text(line->host));
        json_object_set_new(object, "tool_version", json_text(line->tool_version));
        json_object_set_new(object, "took_ms", json_millis(line->took_ms));
        json_object_set_new(object, "stall_ms", json_millis(line->stall_ms));
        json_object_set_new(object, "tries", json_count(line->tries));
        json_object_set_new(object, "rows", json_count(line->rows));
        json_array_append_new(array, object);
    }
    return json_pack("{s:o}", "events", array);
}
