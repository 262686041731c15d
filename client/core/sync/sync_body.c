/*
 * The sync trigger's function, as a person reads it in \sf.
 *
 * Every name and operator that we write is qualified. "Changed" is asked of the stored
 * bytes (*<>), not of "=": a type may have no "=" (json, xml), or one that calls
 * different values equal (citext, numeric scale), and a change that "=" does not see
 * would be lost with the old column.
 */
#include "core/sync/sync_shape.h"

#include <string.h>

/* The rows a body speaks of; "wanted" is a copy of NEW in which a value is stored only
 * to see what the column makes of it. */
typedef enum View
{
    VIEW_NEW,
    VIEW_OLD,
    VIEW_WANTED
} View;

typedef struct Body
{
    SqlText sql;
    const SyncShape *shape;
    int depth;
} Body;

static void
line(Body *body)
{
    for (int i = 0; i < body->depth; i++)
        sql_raw(&body->sql, "    ");
}

#define LINE(body, literal) (line(body), sql_raw(&(body)->sql, literal "\n"))

static void
end_if(Body *body)
{
    body->depth--;
    LINE(body, "END IF;");
}

static void
put_column(SqlText *sql, View view, const char *column)
{
    if (view == VIEW_NEW)
        sql_raw(sql, "NEW.");
    else if (view == VIEW_OLD)
        sql_raw(sql, "OLD.");
    else
        sql_raw(sql, "wanted.");
    sql_ident(sql, column);
}

static void
put_row(SqlText *sql, View view, const char *const *columns, int count)
{
    sql_raw(sql, "ROW(");
    for (int i = 0; i < count; i++)
    {
        if (i > 0)
            sql_raw(sql, ", ");
        put_column(sql, view, columns[i]);
    }
    sql_raw(sql, ")");
}

/* An uncast pair of ROWs would be compared column by column, with each type's own
 * operator; as records their bytes are. */
static void
put_differ(SqlText *sql, View other, const char *const *columns, int count)
{
    if (count == 0)
    {
        sql_raw(sql, "false");
        return;
    }
    sql_raw(sql, "(");
    put_row(sql, VIEW_NEW, columns, count);
    sql_raw(sql, "::pg_catalog.record OPERATOR(pg_catalog.*<>) ");
    put_row(sql, other, columns, count);
    sql_raw(sql, ")");
}

static void
put_changed(Body *body, const char *const *columns, int count)
{
    put_differ(&body->sql, VIEW_OLD, columns, count);
}

/* As far as a value can tell, the writer of an INSERT did not give the column. */
static void
put_missing(Body *body, const char *column)
{
    SqlText *sql = &body->sql;
    bool has_default = sync_column(body->shape, column).default_value.text != NULL;

    if (has_default)
        sql_raw(sql, "(");
    put_column(sql, VIEW_NEW, column);
    sql_raw(sql, " IS NULL");
    if (has_default)
    {
        sql_raw(sql, " OR NOT ");
        put_differ(sql, VIEW_WANTED, &column, 1);
        sql_raw(sql, ")");
    }
}

static void
put_scope(Body *body, const Backfill *fill)
{
    if (fill->scope_over_new.text == NULL)
        return;
    sql_raw(&body->sql, "(");
    sql_parsed(&body->sql, fill->scope_over_new);
    sql_raw(&body->sql, ") AND ");
}

static void
set_column(Body *body, View view, const char *column, SqlParsed value)
{
    line(body);
    put_column(&body->sql, view, column);
    sql_raw(&body->sql, " := ");
    sql_parsed(&body->sql, value);
    sql_raw(&body->sql, ";\n");
}

/*
 * new := f(old). An old value that f cannot take must not fail the application's write,
 * which was good before we came: the row stays unfilled, and contract says so.
 */
static void
derive(Body *body, View view, const Assignment *assignment)
{
    static const SqlParsed null = {.text = "NULL"};
    bool exact = sync_exact(body->shape, assignment);

    if (!exact)
    {
        LINE(body, "BEGIN");
        body->depth++;
    }
    set_column(body, view, assignment->target, assignment->over_new);
    if (exact)
        return;
    body->depth--;
    LINE(body, "EXCEPTION WHEN data_exception OR integrity_constraint_violation "
               "OR raise_exception THEN");
    body->depth++;
    set_column(body, view, assignment->target, null);
    body->depth--;
    LINE(body, "END;");
}

/* --- INSERT ---------------------------------------------------------------------- */

static void
default_of(Body *body, const char *column)
{
    SyncColumn known = sync_column(body->shape, column);

    if (known.default_value.text != NULL)
        set_column(body, VIEW_WANTED, column, known.default_value);
}

static void
defaults_of(Body *body, const Backfill *fill)
{
    for (int i = 0; i < fill->assignment_count; i++)
        default_of(body, fill->assignments[i].target);
    for (int i = 0; i < fill->reverse_count; i++)
        default_of(body, fill->reverses[i].target);
}

/* The way back goes first: where both sides are missing, the old one is the source. */
static void
insert_back(Body *body, const Backfill *fill, const Reverse *reverse)
{
    line(body);
    sql_raw(&body->sql, "IF ");
    put_scope(body, fill);
    put_missing(body, reverse->target);
    sql_raw(&body->sql, " AND NOT (");
    for (int i = 0; i < reverse->source_count; i++)
    {
        if (i > 0)
            sql_raw(&body->sql, " AND ");
        put_missing(body, reverse->sources[i]);
    }
    sql_raw(&body->sql, ") THEN\n");
    body->depth++;
    set_column(body, VIEW_NEW, reverse->target, reverse->over_new);
    end_if(body);
}

static void
insert_forward(Body *body, const Backfill *fill, const Assignment *assignment)
{
    line(body);
    sql_raw(&body->sql, "IF ");
    put_scope(body, fill);
    put_missing(body, assignment->target);
    sql_raw(&body->sql, " THEN\n");
    body->depth++;
    derive(body, VIEW_NEW, assignment);
    end_if(body);
}

static void
on_insert(Body *body)
{
    const SyncShape *shape = body->shape;

    if (shape->compares)
        LINE(body, "wanted := NEW;");
    for (int f = 0; f < shape->fill_count && shape->compares; f++)
        defaults_of(body, shape->fills[f]);
    for (int f = 0; f < shape->fill_count; f++)
    {
        const Backfill *fill = shape->fills[f];

        for (int i = 0; i < fill->reverse_count; i++)
            insert_back(body, fill, &fill->reverses[i]);
        for (int i = 0; i < fill->assignment_count; i++)
            insert_forward(body, fill, &fill->assignments[i]);
    }
}

/* --- UPDATE ---------------------------------------------------------------------- */

static void
update_forward(Body *body, const Backfill *fill, const Assignment *assignment)
{
    if (assignment->source_count == 0)
        return;
    line(body);
    sql_raw(&body->sql, "IF ");
    put_scope(body, fill);
    put_changed(body, assignment->sources, assignment->source_count);
    sql_raw(&body->sql, " AND NOT ");
    put_changed(body, &assignment->target, 1);
    sql_raw(&body->sql, " THEN\n");
    body->depth++;
    derive(body, VIEW_NEW, assignment);
    end_if(body);
}

/*
 * old := r(new), unless new is what f makes of old: then it was the backfill that wrote
 * it, and r need not give back what f was given. Where both are plain copies the test
 * would only find out that nothing changes.
 */
static void
update_back(Body *body, const Backfill *fill, const Reverse *reverse)
{
    bool exact = sync_reverse_exact(body->shape, reverse);

    line(body);
    sql_raw(&body->sql, "IF ");
    put_scope(body, fill);
    put_changed(body, reverse->sources, reverse->source_count);
    sql_raw(&body->sql, " AND NOT ");
    put_changed(body, &reverse->target, 1);
    sql_raw(&body->sql, " THEN\n");
    body->depth++;
    if (!exact)
    {
        LINE(body, "wanted := NEW;");
        for (int i = 0; i < reverse->source_count; i++)
            derive(body, VIEW_WANTED,
                   sync_assignment(body->shape, reverse->sources[i], NULL));
        line(body);
        sql_raw(&body->sql, "IF ");
        put_differ(&body->sql, VIEW_WANTED, reverse->sources, reverse->source_count);
        sql_raw(&body->sql, " THEN\n");
        body->depth++;
    }
    set_column(body, VIEW_NEW, reverse->target, reverse->over_new);
    if (!exact)
        end_if(body);
    end_if(body);
}

static void
on_update(Body *body)
{
    const SyncShape *shape = body->shape;

    for (int f = 0; f < shape->fill_count; f++)
    {
        const Backfill *fill = shape->fills[f];

        for (int i = 0; i < fill->assignment_count; i++)
            update_forward(body, fill, &fill->assignments[i]);
        for (int i = 0; i < fill->reverse_count; i++)
            update_back(body, fill, &fill->reverses[i]);
    }
}

/* Fill on touch: whoever wrote the row, and whatever it says, it is done when it leaves
 * us. The sweep's proof rests on this line. */
static void
fill_on_touch(Body *body, const Backfill *fill)
{
    bool everywhere = fill->where_over_new.text == NULL;

    if (!everywhere)
    {
        line(body);
        sql_raw(&body->sql, "IF ");
        sql_parsed(&body->sql, fill->where_over_new);
        sql_raw(&body->sql, " THEN\n");
        body->depth++;
    }
    for (int i = 0; i < fill->assignment_count; i++)
        derive(body, VIEW_NEW, &fill->assignments[i]);
    if (!everywhere)
        end_if(body);
}

SqlText
sync_body(Mem *mem, const SyncShape *shape)
{
    Body body = {.sql = sql_begin(mem, shape->request->facts->caps), .shape = shape};

    sql_raw(&body.sql, "\n");
    if (shape->compares)
        LINE(&body, "DECLARE\n    wanted record;");
    LINE(&body, "BEGIN");
    body.depth++;
    LINE(&body, "IF TG_OP OPERATOR(pg_catalog.=) 'INSERT' THEN");
    body.depth++;
    on_insert(&body);
    body.depth--;
    LINE(&body, "ELSE");
    body.depth++;
    on_update(&body);
    end_if(&body);
    for (int f = 0; f < shape->fill_count; f++)
        fill_on_touch(&body, shape->fills[f]);
    LINE(&body, "RETURN NEW;");
    body.depth--;
    LINE(&body, "END");
    return body.sql;
}
