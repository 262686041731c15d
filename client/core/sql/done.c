/*
 * When is a row done? The question that verification, contract's proof and fill on
 * touch all ask in the same words.
 *
 * IS DISTINCT FROM finds its "=" on the search path. That is the path under which the
 * author's own expressions mean what they mean, so both are kept together: a session of
 * pgstride keeps the path of its role, and a trigger that looks anything up pins the
 * path that it was made under (Backfill.looks_up). pg_catalog comes first on every path
 * that does not name it, and values are compared as the type they are stored as.
 */
#include <string.h>

#include "core/sql/sql.h"
#include "model/keywords.h"

/* No "=", or one that calls different values equal: by area, by box, without case. */
static const char *const compared_as_text[] = {
    "json",      "xml",         "point",         "line",    "lseg",
    "box",       "path",        "circle",        "polygon", "geometry",
    "geography", "pg_snapshot", "txid_snapshot", "citext"};

static bool
type_compares_as_text(const char *type)
{
    const char *dot = strrchr(type, '.');
    const char *name = dot == NULL ? type : dot + 1;
    size_t length = strcspn(name, "([");

    for (int i = 0; i < LENGTH(compared_as_text); i++)
        if (strlen(compared_as_text[i]) == length &&
            strncmp(name, compared_as_text[i], length) == 0)
            return true;
    return false;
}

SqlParsed
sql_distinct(Mem *mem, const char *left, const char *right, const char *type)
{
    if (type == NULL)
        return (SqlParsed){.text =
                               mem_text(mem, "%s IS DISTINCT FROM (%s)", left, right)};
    if (!type_compares_as_text(type))
        return (SqlParsed){.text = mem_text(mem, "%s IS DISTINCT FROM CAST(%s AS %s)",
                                            left, right, type)};
    return (SqlParsed){.text = mem_text(mem,
                                        "CAST(%s AS pg_catalog.text) IS DISTINCT FROM "
                                        "CAST(CAST(%s AS %s) AS pg_catalog.text)",
                                        left, right, type)};
}

static const char *
column_written(Mem *mem, const char *column)
{
    return ident_plain(column) ? column : ident_quoted(mem, column, '"');
}

static const char *
target_differs(Mem *mem, const Assignment *assignment, RowView view)
{
    const char *target = column_written(mem, assignment->target);
    bool bare = view == ROW_BARE;

    return sql_distinct(mem, mem_text(mem, "%s%s", bare ? "" : "new.", target),
                        bare ? assignment->expression.text : assignment->over_new.text,
                        assignment->type)
        .text;
}

/* What DEFAULT stands for only the catalog knows; the planner puts it in its place. */
static const char *
targets_differ(Mem *mem, const Backfill *fill, RowView view)
{
    const char *differ = NULL;

    for (int i = 0; i < fill->assignment_count; i++)
    {
        const Assignment *assignment = &fill->assignments[i];
        const char *one =
            assignment->is_default ? NULL : target_differs(mem, assignment, view);

        if (one != NULL)
            differ = differ == NULL ? one : mem_text(mem, "%s OR %s", differ, one);
    }
    return differ;
}

SqlParsed
sql_not_done(Mem *mem, const Backfill *fill, RowView view, bool is_volatile)
{
    MEM_SCOPE(scope, mem);
    const char *where = view == ROW_BARE ? fill->where.text : fill->where_over_new.text;
    const char *differ = is_volatile ? NULL : targets_differ(scope, fill, view);

    if (where == NULL && differ == NULL)
        return (SqlParsed){.text = "true"};
    if (where == NULL || differ == NULL)
        return (SqlParsed){.text =
                               mem_text(mem, "(%s)", where == NULL ? differ : where)};
    return (SqlParsed){.text = mem_text(mem, "((%s) AND (%s))", where, differ)};
}

SqlParsed
sql_sources_given(Mem *mem, const Backfill *fill)
{
    MEM_SCOPE(scope, NULL);
    const Assignment *only = &fill->assignments[0];
    Buf text = buf_begin(mem);

    buf_format(&text, "((%s)", fill->where.text);
    for (int i = 0; i < only->source_count; i++)
        buf_format(&text, " AND %s IS NOT NULL",
                   column_written(scope, only->sources[i]));
    buf_add(&text, ")");
    return (SqlParsed){.text = text.text};
}
