/*
 * How a sync trigger calls the server extension: pgstride_server.sync() and its
 * arguments, which say what sync_body.c writes out in PL/pgSQL. Their words are
 * explained in pg_extension/src/sync.h. What is a copy, what changed and what may fail
 * the server finds out by itself.
 */
#include "core/sync/sync_shape.h"

typedef struct Call
{
    SqlText sql;
    int count;
} Call;

static void
call_add(Call *call, const char *argument)
{
    if (call->count++ > 0)
        sql_raw(&call->sql, ", ");
    sql_string(&call->sql, argument);
}

static void
call_add_set(Call *call, const char *word, const char *column, SqlParsed value)
{
    call_add(call, word);
    call_add(call, column);
    call_add(call, value.text);
}

static void
call_add_default(Call *call, const SyncShape *shape, const char *column)
{
    SyncColumn known = sync_column(shape, column);

    if (known.default_value.text != NULL)
        call_add_set(call, "default", column, known.default_value);
}

static void
call_add_condition(Call *call, const char *word, SqlParsed condition)
{
    if (condition.text == NULL)
        return;
    call_add(call, word);
    call_add(call, condition.text);
}

static void
call_add_fill(Call *call, const Backfill *fill)
{
    call_add(call, "fill");
    call_add_condition(call, "where", fill->where_over_new);
    call_add_condition(call, "scope", fill->scope_over_new);
    for (int i = 0; i < fill->assignment_count; i++)
        call_add_set(call, "set", fill->assignments[i].target,
                     fill->assignments[i].over_new);
    for (int i = 0; i < fill->reverse_count; i++)
        call_add_set(call, "back", fill->reverses[i].target,
                     fill->reverses[i].over_new);
}

SqlText
sync_call(Mem *mem, const SyncShape *shape)
{
    Call call = {.sql = sql_begin(mem, shape->request->facts->caps)};

    sql_raw(&call.sql, "pgstride_server.sync(");
    if (shape->looks_up)
    {
        call_add(&call, "path");
        call_add(&call, sync_path(mem, shape));
    }
    for (int f = 0; f < shape->fill_count; f++)
    {
        const Backfill *fill = shape->fills[f];

        for (int i = 0; i < fill->assignment_count; i++)
            call_add_default(&call, shape, fill->assignments[i].target);
        for (int i = 0; i < fill->reverse_count; i++)
            call_add_default(&call, shape, fill->reverses[i].target);
    }
    for (int f = 0; f < shape->fill_count; f++)
        call_add_fill(&call, shape->fills[f]);
    sql_raw(&call.sql, ")");
    return call.sql;
}
