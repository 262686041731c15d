#include "cli/print/table.h"

#include "base/buf.h"
#include "cli/text.h"

typedef struct TableColumn
{
    const char *heading;
    const char *key;
} TableColumn;

/* clang-format off */
static const TableColumn report_columns[] = {
    {"Version", "version"}, {"Name", "name"}, {"From", "from"}, {"To", "to"},
    {"Rows", "rows"}, {"Took ms", "took_ms"}, {"Stall ms", "stall_ms"},
};

static const TableColumn plan_columns[] = {
    {"Version", "version"}, {"Phase", "phase"}, {"Step", "number"}, {"Statements", "sql"},
    {"Locks", "locks"}, {"Work", "work"}, {"Rows", "rows"}, {"Estimate ms", "estimate_ms"},
    {"Undo", "undo"}, {"File", "file"}, {"Line", "line"},
};

static const TableColumn history_columns[] = {
    {"At", "at"}, {"Kind", "kind"}, {"Version", "version"}, {"Phase", "phase"},
    {"What", "what"}, {"Outcome", "outcome"}, {"Who", "who"}, {"Host", "host"},
    {"Took ms", "took_ms"}, {"Stall ms", "stall_ms"}, {"Tries", "tries"}, {"Rows", "rows"},
};
/* clang-format on */

/* What a cell says; of a list its parts, of a lock its mode and its relation. */
static void
cell_add(Buf *cell, const json_t *value)
{
    MEM_SCOPE(scope, NULL);
    const json_t *part;
    size_t i;

    if (json_is_string(value))
        buf_add(cell, text_one_line(scope, json_string_value(value)));
    else if (json_is_integer(value))
        buf_format(cell, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        buf_format(cell, "%.15g", json_real_value(value));
    else if (json_is_object(value))
        buf_format(cell, "%s on %s", json_string_value(json_object_get(value, "mode")),
                   json_string_value(json_object_get(value, "relation")));
    else if (json_is_array(value))
        json_array_foreach(value, i, part)
        {
            buf_add(cell, i == 0 ? "" : "; ");
            cell_add(cell, part);
        }
}

/* A tab in a text would be one cell more. */
static const char *
cell_text(Mem *mem, const json_t *value)
{
    Buf cell = buf_begin(mem);

    buf_add(&cell, "");
    cell_add(&cell, value);
    for (char *at = cell.text; *at != '\0'; at++)
        if (*at == '\t')
            *at = ' ';
    return cell.text;
}

static void
table_heading(Out *out, const TableColumn *columns, int count)
{
    for (int i = 0; i < count; i++)
        out_print(out, "%s%s", columns[i].heading, i + 1 < count ? "\t" : "\n");
}

static void
table_row(Out *out, const json_t *row, const TableColumn *columns, int count)
{
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < count; i++)
        out_print(out, "%s%s", cell_text(scope, json_object_get(row, columns[i].key)),
                  i + 1 < count ? "\t" : "\n");
}

static void
table_rows(Out *out, const json_t *rows, const TableColumn *columns, int count)
{
    const json_t *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        table_row(out, row, columns, count);
    }
}

void
table_of_report(Out *out, json_t *report)
{
    table_heading(out, report_columns, LENGTH(report_columns));
    table_rows(out, json_object_get(report, "migrations"), report_columns,
               LENGTH(report_columns));
    json_decref(report);
}

void
table_of_history(Out *out, json_t *history)
{
    table_heading(out, history_columns, LENGTH(history_columns));
    table_rows(out, json_object_get(history, "events"), history_columns,
               LENGTH(history_columns));
    json_decref(history);
}

/* A step says its migration's version. */
static void
table_of_steps(Out *out, const json_t *migration)
{
    json_t *version = json_object_get(migration, "version");
    json_t *step;
    size_t i;

    json_array_foreach(json_object_get(migration, "steps"), i, step)
    {
        json_object_set(step, "version", version);
        table_row(out, step, plan_columns, LENGTH(plan_columns));
    }
}

void
table_of_plan(Out *out, const PlanView *view)
{
    json_t *plan = plan_json(view);
    const json_t *migration;
    size_t i;

    table_heading(out, plan_columns, LENGTH(plan_columns));
    json_array_foreach(json_object_get(plan, "migrations"), i, migration)
    {
        table_of_steps(out, migration);
    }
    json_decref(plan);
}
