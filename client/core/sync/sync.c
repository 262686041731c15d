#include "core/sync/sync.h"

#include <string.h>

#include "core/sync/sync_shape.h"

static SqlParsed
text_of(const SqlText *sql)
{
    return (SqlParsed){.text = sql_done(sql)};
}

/*
 * An expression of the user's means what it meant to the session that ran expand: the
 * function pins that search path. A SET clause costs about 1.2 us a row, so plain
 * copies, which look nothing up, go without.
 */
static SqlParsed
create_function(Mem *mem, const SyncShape *shape)
{
    MEM_SCOPE(scope, mem);
    SqlText sql = sql_begin(mem, shape->request->facts->caps);
    SqlText body = sync_body(scope, shape);

    sql_raw(&sql, "CREATE FUNCTION ");
    sql_qname(&sql, &shape->function);
    sql_raw(&sql, "() RETURNS trigger LANGUAGE plpgsql");
    if (shape->looks_up)
    {
        sql_raw(&sql, " SET search_path TO ");
        sql_parsed(&sql, (SqlParsed){.text = sync_path(scope, shape)});
    }
    sql_raw(&sql, " AS ");
    sql_dollar(&sql, &body);
    return text_of(&sql);
}

static SqlParsed
create_trigger(Mem *mem, const SyncShape *shape, const QName *table)
{
    MEM_SCOPE(scope, mem);
    SqlText sql = sql_begin(mem, shape->request->facts->caps);
    SqlText call;

    sql_raw(&sql, "CREATE TRIGGER ");
    sql_ident(&sql, shape->trigger);
    sql_raw(&sql, " BEFORE INSERT OR UPDATE ON ");
    sql_qname(&sql, table);
    sql_raw(&sql, " FOR EACH ROW EXECUTE FUNCTION ");
    if (shape->in_server)
    {
        call = sync_call(scope, shape);
        sql_add(&sql, &call);
        return text_of(&sql);
    }
    sql_qname(&sql, &shape->function);
    sql_raw(&sql, "()");
    return text_of(&sql);
}

/* Replica-role sessions and logical apply write rows too, and rows must be level. */
static SqlParsed
enable_always(Mem *mem, const SyncShape *shape, const QName *table)
{
    SqlText sql = sql_begin(mem, shape->request->facts->caps);

    sql_raw(&sql, "ALTER TABLE ");
    sql_qname(&sql, table);
    sql_raw(&sql, " ENABLE ALWAYS TRIGGER ");
    sql_ident(&sql, shape->trigger);
    return text_of(&sql);
}

static SqlParsed
drop_trigger(Mem *mem, const SyncShape *shape, const QName *table)
{
    SqlText sql = sql_begin(mem, shape->request->facts->caps);

    sql_raw(&sql, "DROP TRIGGER IF EXISTS ");
    sql_ident(&sql, shape->trigger);
    sql_raw(&sql, " ON ");
    sql_qname(&sql, table);
    return text_of(&sql);
}

static SqlParsed
drop_function(Mem *mem, const SyncShape *shape)
{
    SqlText sql = sql_begin(mem, shape->request->facts->caps);

    sql_raw(&sql, "DROP FUNCTION IF EXISTS ");
    sql_qname(&sql, &shape->function);
    sql_raw(&sql, "()");
    return text_of(&sql);
}

static SqlParsed
in_force(Mem *mem, const SyncShape *shape)
{
    SqlText sql = sql_begin(mem, shape->request->facts->caps);

    sql_raw(&sql,
            "WITH RECURSIVE tree (oid) AS (SELECT c.oid FROM pg_catalog.pg_class c"
            " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = ");
    sql_string(&sql, shape->table->schema);
    sql_raw(&sql, " AND c.relname = ");
    sql_string(&sql, shape->table->name);
    sql_raw(&sql,
            " UNION SELECT i.inhrelid FROM tree"
            " JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid)"
            " SELECT coalesce(pg_catalog.bool_and(told.good), false) AS in_force,"
            " pg_catalog.min(told.name) FILTER (WHERE NOT told.there) AS missing,"
            " pg_catalog.min(told.name) FILTER (WHERE told.there AND NOT told.good)"
            " AS disabled, pg_catalog.min(told.calls) AS calls"
            " FROM (SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)"
            " AS name, t.oid IS NOT NULL AS there,"
            " coalesce(t.tgenabled = 'A', false) AS good, pg_catalog.regexp_replace("
            "pg_catalog.pg_get_triggerdef(t.oid), '^.*? FOR EACH ROW EXECUTE [A-Z]+ ',"
            " '') AS calls FROM tree"
            " JOIN pg_catalog.pg_class c ON c.oid = tree.oid"
            " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
            " LEFT JOIN pg_catalog.pg_trigger t ON t.tgrelid = tree.oid"
            " AND t.tgname = ");
    sql_string(&sql, shape->trigger);
    sql_raw(&sql, ") told");
    return text_of(&sql);
}

/* Whoever finds it on the server reads whose it is. */
static SqlParsed
comment(Mem *mem, const SyncShape *shape)
{
    MEM_SCOPE(scope, mem);
    SqlText sql = sql_begin(mem, shape->request->facts->caps);

    if (shape->in_server)
    {
        sql_raw(&sql, "COMMENT ON TRIGGER ");
        sql_ident(&sql, shape->trigger);
        sql_raw(&sql, " ON ");
        sql_qname(&sql, shape->table);
        sql_raw(&sql, " IS ");
    }
    else
    {
        sql_raw(&sql, "COMMENT ON FUNCTION ");
        sql_qname(&sql, &shape->function);
        sql_raw(&sql, "() IS ");
    }
    sql_string(&sql, mem_text(scope,
                              "Keeps old and new columns of %s level while pgstride "
                              "migrates it: %s. Contract and down drop it.",
                              qname_show(scope, shape->table),
                              shape->request->migration->label));
    return text_of(&sql);
}

/* "email ⇄ new_email", "first, last → full_name": what plan calls the trigger. */
static void
shows_add(Buf *title, const Backfill *fill, const Assignment *assignment)
{
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < assignment->source_count; i++)
        buf_format(title, "%s%s", i > 0 ? ", " : "",
                   ident_show(scope, assignment->sources[i]));
    buf_format(title, "%s %s", fill->sync == SYNC_BOTH ? " ⇄" : " →",
               ident_show(scope, assignment->target));
}

static const char *
shows_of(Mem *mem, const SyncShape *shape)
{
    Buf shows = buf_begin(mem);

    buf_add(&shows, "sync trigger ");
    for (int f = 0; f < shape->fill_count; f++)
        for (int i = 0; i < shape->fills[f]->assignment_count; i++)
        {
            if (f + i > 0)
                buf_add(&shows, " · ");
            shows_add(&shows, shape->fills[f], &shape->fills[f]->assignments[i]);
        }
    return shows.text;
}

static const char *
title_of(Mem *mem, const SyncShape *shape)
{
    MEM_SCOPE(scope, NULL);
    Buf title = buf_begin(mem);

    buf_add(&title, "sync trigger on ");
    for (int f = 0; f < shape->fill_count; f++)
        for (int i = 0; i < shape->fills[f]->assignment_count; i++)
            buf_format(&title, "%s%s", f + i > 0 ? ", " : "",
                       ident_show(scope, shape->fills[f]->assignments[i].target));
    return title.text;
}

typedef LIST(const char *) Notes;

static void
note_functions(Mem *mem, const SyncShape *shape, const Backfill *fill, Notes *notes)
{
    const Facts *facts = shape->request->facts;

    for (int i = 0; i < fill->function_count; i++)
        for (int k = 0; k < facts->function_count; k++)
            if (strcmp(facts->functions[k].name, fill->functions[i]) == 0 &&
                strcmp(facts->functions[k].volatility, "s") == 0)
                *list_add(mem, notes) = mem_text(
                    mem,
                    "\"%s\" may depend on settings such as TimeZone: a writer with "
                    "another setting derives another value",
                    fill->functions[i]);
}

static void
note_reverses(Mem *mem, const SyncShape *shape, const Backfill *fill, Notes *notes)
{
    for (int i = 0; i < fill->reverse_count; i++)
        if (sync_column(shape, fill->reverses[i].target).default_computed)
            *list_add(mem, notes) =
                mem_text(mem,
                         "an INSERT that gives only \"%s\" keeps what the default of "
                         "\"%s\" computed",
                         fill->reverses[i].sources[0], fill->reverses[i].target);
}

typedef LIST(SqlParsed) Texts;

/* The tables that need a trigger of their own; the root is the first. */
static int
trigger_tables(Mem *mem, const SyncShape *shape, const QName ***tables)
{
    const TableFact *table = shape->request->table;
    LIST(const QName *) found = {0};

    *list_add(mem, &found) = shape->table;
    for (int i = 0; i < table->tree_count && strcmp(table->kind, "p") != 0; i++)
        if (table->tree[i].oid != table->oid)
            *list_add(mem, &found) = &table->tree[i].name;
    *tables = found.items;
    return found.count;
}

static void
trigger_drops(Mem *mem, const SyncShape *shape, SyncTrigger *trigger)
{
    MEM_SCOPE(scope, mem);
    const QName **tables;
    int count = trigger_tables(scope, shape, &tables);
    Texts drop = {0};

    for (int i = 0; i < count; i++)
        *list_add(mem, &drop) = drop_trigger(mem, shape, tables[i]);
    *list_add(mem, &drop) = drop_function(mem, shape);
    trigger->drop = drop.items;
    trigger->drop_count = drop.count;
}

static void
trigger_creates(Mem *mem, const SyncShape *shape, SyncTrigger *trigger)
{
    MEM_SCOPE(scope, mem);
    const QName **tables;
    int count = trigger_tables(scope, shape, &tables);
    Texts create = {0};

    if (!shape->in_server)
        *list_add(mem, &create) = create_function(mem, shape);
    for (int i = 0; i < count; i++)
    {
        *list_add(mem, &create) = create_trigger(mem, shape, tables[i]);
        *list_add(mem, &create) = enable_always(mem, shape, tables[i]);
    }
    *list_add(mem, &create) = comment(mem, shape);
    trigger->create = create.items;
    trigger->create_count = create.count;
}

static SyncTrigger
trigger_of(Mem *mem, const SyncShape *shape)
{
    SyncTrigger trigger = {
        .needed = true,
        .in_server = shape->in_server,
        .table = qname_copy(mem, shape->table),
        .trigger = mem_copy(mem, shape->trigger),
        .in_force = in_force(mem, shape),
        .title = title_of(mem, shape),
        .shows = shows_of(mem, shape),
    };

    trigger_drops(mem, shape, &trigger);
    return trigger;
}

SyncTrigger
sync_installed(Mem *mem, const SyncRequest *request)
{
    MEM_SCOPE(scope, mem);
    SyncShape shape = sync_shape(scope, request);

    return shape.fill_count == 0 ? (SyncTrigger){.needed = false}
                                 : trigger_of(mem, &shape);
}

/* Triggers of the user have run when ours writes back to the old column. */
static void
note_triggers(Mem *mem, const SyncShape *shape, const Backfill *fill, Notes *notes)
{
    const TableFact *table = shape->request->table;

    for (int i = 0; i < table->trigger_count; i++)
    {
        const TriggerFact *trigger = &table->triggers[i];

        if (!trigger->ours && trigger->before_row && fill->reverse_count > 0)
            *list_add(mem, notes) = mem_text(
                mem,
                "where code writes only \"%s\", trigger \"%s\" runs before "
                "\"%s\" has its new value",
                fill->reverses[0].sources[0], trigger->name, fill->reverses[0].target);
    }
}

bool
sync_plan(Mem *mem, const SyncRequest *request, SyncTrigger *trigger, Err *err)
{
    MEM_SCOPE(scope, mem);
    SyncShape shape = sync_shape(scope, request);
    Notes notes = {0};

    *trigger = (SyncTrigger){.needed = false};
    if (shape.fill_count == 0)
        return true;
    if (!sync_check(&shape, err))
        return false;
    *trigger = trigger_of(mem, &shape);
    trigger_creates(mem, &shape, trigger);
    for (int f = 0; f < shape.fill_count; f++)
    {
        note_functions(mem, &shape, shape.fills[f], &notes);
        note_reverses(mem, &shape, shape.fills[f], &notes);
        note_triggers(mem, &shape, shape.fills[f], &notes);
    }
    trigger->notes = notes.items;
    trigger->note_count = notes.count;
    return true;
}
