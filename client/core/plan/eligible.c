#include "core/plan/eligible.h"

#include <string.h>

#include "core/sql/actions.h"

/* A table that exists, or NULL. */
static const TableFact *
table_there(const Facts *facts, const QName *name)
{
    const TableFact *table = name->name == NULL ? NULL : facts_table(facts, name);

    return table != NULL && table->exists ? table : NULL;
}

/* --- who may change the table ---------------------------------------------------- */

/* clang-format off */
/* What anybody may do who was granted it, or what makes something of its own. */
static const Action for_others_too[] = {
    ACTION_CREATE_TABLE, ACTION_CREATE_TABLE_AS, ACTION_CREATE_TEMP, ACTION_CREATE_MATVIEW,
    ACTION_CREATE_TRIGGER, ACTION_SELECT, ACTION_INSERT, ACTION_UPDATE, ACTION_DELETE,
    ACTION_MERGE, ACTION_COPY, ACTION_LOCK, ACTION_TRUNCATE, ACTION_ANALYZE, ACTION_VACUUM,
    ACTION_GRANT, ACTION_REFRESH, ACTION_REFRESH_CONCURRENTLY,
};
/* clang-format on */

static bool
needs_owner(Action action)
{
    for (int i = 0; i < LENGTH(for_others_too); i++)
        if (for_others_too[i] == action)
            return false;
    return true;
}

/* What the catalog says of one table of a tree, in the same words for one alone. */
static TreeFact
tree_root(const TableFact *table)
{
    return (TreeFact){.name = table->name,
                      .oid = table->oid,
                      .kind = table->kind,
                      .owner = table->owner,
                      .access_method = table->access_method,
                      .may_own = table->may_own,
                      .may_update = table->may_update,
                      .may_delete = table->may_delete,
                      .rows_hidden = table->rows_hidden};
}

static bool
not_owner(const Facts *facts, const Span *span, const TreeFact *table, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const char *owner = ident_show(scope, table->owner);

    err_at(err, ERR_CONNECT, span->file, span->line,
           "role \"%s\" may not change \"%s\": it belongs to \"%s\"", facts->user,
           table->name.name, table->owner);
    return err_hint(err, "Run with --role %s, or GRANT %s TO %s.", owner, owner,
                    ident_show(scope, facts->user));
}

static bool
statement_owned(const Facts *facts, const Statement *statement, Err *err)
{
    for (int i = 0; i < statement->act_count; i++)
    {
        const Act *act = &statement->acts[i];
        const TableFact *table = table_there(facts, &act->relation);

        if (table == NULL || table->may_own || !needs_owner(act->action))
            continue;

        TreeFact root = tree_root(table);

        return not_owner(facts, &statement->span, &root, err);
    }
    return true;
}

/* --- what can be swept ----------------------------------------------------------- */

typedef struct Kind
{
    const char *relkind;
    const char *what;
} Kind;

static const Kind kinds_without_rows[] = {
    {"v", "a view"}, {"m", "a materialized view"}, {"f", "a foreign table"}};

static bool
fill_has_rows(const Backfill *fill, const TreeFact *table, Err *err)
{
    const Span *span = &fill->statement->span;

    for (int i = 0; i < LENGTH(kinds_without_rows); i++)
        if (strcmp(table->kind, kinds_without_rows[i].relkind) == 0)
            return err_at(err, ERR_REFUSED, span->file, span->line,
                          "\"%s\" is %s: a backfill needs a table", table->name.name,
                          kinds_without_rows[i].what) ||
                   err_hint(err, "Fill the tables that its rows come from.");
    if (table->access_method == NULL || strcmp(table->access_method, "heap") == 0)
        return true;
    return err_at(err, ERR_REFUSED, span->file, span->line,
                  "\"%s\" is stored by \"%s\": a sweep goes over the blocks of a heap",
                  table->name.name, table->access_method);
}

/* Its rows are on another server; nothing here could prove that all were met. */
static bool
fill_not_foreign(const Backfill *fill, const TableFact *table, const TreeFact *part,
                 Err *err)
{
    const Span *span = &fill->statement->span;

    return strcmp(part->kind, "f") != 0 || part->oid == table->oid ||
           err_at(err, ERR_REFUSED, span->file, span->line,
                  "\"%s\", a part of \"%s\", is a foreign table: its rows cannot be "
                  "backfilled from here",
                  part->name.name, table->name.name) ||
           err_hint(err, "Detach it, fill it where it lives, and attach it again.");
}

static bool
key_holds(const TreeFact *part, const char *column)
{
    for (int i = 0; i < part->key_count; i++)
        if (strcmp(part->key[i], column) == 0)
            return true;
    return false;
}

/* A batch changes rows in the partition where they are: none may have to move. */
static bool
fill_keeps_places(const Backfill *fill, const TreeFact *part, Err *err)
{
    const Span *span = &fill->statement->span;
    const char *moved = NULL;

    for (int i = 0; i < fill->assignment_count; i++)
        if (key_holds(part, fill->assignments[i].target))
            moved = fill->assignments[i].target;
    for (int i = 0; i < fill->reverse_count; i++)
        if (key_holds(part, fill->reverses[i].target))
            moved = fill->reverses[i].target;
    return moved == NULL ||
           err_at(err, ERR_REFUSED, span->file, span->line,
                  "\"%s\" is in the partition key of \"%s\": changing it moves rows "
                  "from one partition to another",
                  moved, part->name.name) ||
           err_hint(err, "Move rows in batches of your own, with repeat:true.");
}

static bool
fill_may_write(const Facts *facts, const Backfill *fill, const TreeFact *table,
               Err *err)
{
    MEM_SCOPE(scope, NULL);
    const Span *span = &fill->statement->span;
    const char *verb = fill->is_delete ? "DELETE" : "UPDATE";
    bool may = fill->is_delete ? table->may_delete : table->may_update;

    if (!may)
        return err_at(err, ERR_CONNECT, span->file, span->line,
                      "role \"%s\" may not %s \"%s\"", facts->user, verb,
                      table->name.name) ||
               err_hint(err, "GRANT SELECT, %s ON %s TO %s.", verb,
                        qname_show(scope, &table->name),
                        ident_show(scope, facts->user));
    if (!table->rows_hidden)
        return true;
    return err_at(err, ERR_CONNECT, span->file, span->line,
                  "row-level security hides rows of \"%s\" from role \"%s\"",
                  table->name.name, facts->user) ||
           err_hint(
               err,
               "A sweep must meet every row. Run with --role and a role that has "
               "BYPASSRLS, or as the owner; where policies are FORCEd on the owner "
               "too: ALTER TABLE %s NO FORCE ROW LEVEL SECURITY.",
               qname_show(scope, &table->name));
}

/* Batches name each table of a tree by itself, so rights on its root are not enough. */
static bool
part_eligible(const Facts *facts, const Backfill *fill, const TableFact *table,
              const TreeFact *part, Err *err)
{
    bool own_trigger = strcmp(part->kind, "r") == 0 && strcmp(table->kind, "p") != 0;

    if (fill->sync != SYNC_OFF && !part->may_own &&
        (own_trigger || part->oid == table->oid))
        return not_owner(facts, &fill->statement->span, part, err);
    return fill_not_foreign(fill, table, part, err) && fill_has_rows(fill, part, err) &&
           fill_keeps_places(fill, part, err) && fill_may_write(facts, fill, part, err);
}

/* --- triggers:skip --------------------------------------------------------------- */

/* Keys and deferrable constraints are checked by triggers too, and would be skipped. */
static bool
key_is_checked(const ConstraintFact *key)
{
    return strcmp(key->kind, "f") == 0 ||
           (strchr("pux", key->kind[0]) != NULL &&
            strstr(key->definition, " DEFERRABLE") != NULL);
}

static bool
key_is_touched(const Backfill *fill, const TableFact *table, const ConstraintFact *key)
{
    bool here = key->incoming ||
                (key->other.name != NULL && qname_equal(&key->other, &table->name));
    bool touched = fill->repeat || (fill->is_delete && here);

    for (int i = 0; i < fill->assignment_count; i++)
    {
        const ColumnFact *column = table_column(table, fill->assignments[i].target);

        touched =
            touched || (column != NULL && fact_mentions(key->mentions, column->number));
    }
    return touched;
}

static bool
skip_refused(const Backfill *fill, Err *err, const char *why)
{
    const Section *section = fill->section;

    return err_at(err, ERR_REFUSED, section->file, section->span.line,
                  "triggers:skip is refused: %s", why) ||
           err_hint(err, "Leave it out: triggers then see these rows as they see any.");
}

static bool
fill_may_skip(const Facts *facts, const Backfill *fill, const TableFact *table,
              Err *err)
{
    MEM_SCOPE(scope, NULL);

    if (!fill->section->options.triggers_skip)
        return true;
    for (int i = 0; i < table->constraint_count; i++)
    {
        const ConstraintFact *key = &table->constraints[i];

        if (key_is_checked(key) && key_is_touched(fill, table, key))
            return skip_refused(fill, err,
                                mem_text(scope,
                                         "it would skip the check of \"%s\" too (%s)",
                                         key->name, key->definition));
    }
    if (table->tree_count > 0)
        return skip_refused(fill, err,
                            mem_text(scope,
                                     "\"%s\" has partitions or children, whose keys "
                                     "are not known",
                                     table->name.name));
    if (!facts->triggers_stay)
        return true;
    skip_refused(fill, err,
                 mem_text(scope, "role \"%s\" may not set session_replication_role",
                          facts->user));
    err->kind = ERR_CONNECT;
    return err_hint(err,
                    "GRANT SET ON PARAMETER session_replication_role TO %s, as a "
                    "superuser; or leave it out.",
                    ident_show(scope, facts->user));
}

bool
eligible_fill(const Facts *facts, const Backfill *fill, Err *err)
{
    const Span *span = &fill->statement->span;
    const TableFact *table = table_there(facts, &fill->table);

    if (table == NULL)
        return true;

    TreeFact root = tree_root(table);

    if (fill->only && strcmp(table->kind, "p") == 0)
        return err_at(err, ERR_REFUSED, span->file, span->line,
                      "\"%s\" is partitioned: ONLY leaves all of its rows out",
                      table->name.name) ||
               err_hint(err, "Leave out ONLY, or name one partition.");
    if (!fill_may_skip(facts, fill, table, err))
        return false;
    if (fill->repeat)
        return fill_has_rows(fill, &root, err);
    if (table->tree_count == 0 || fill->only)
        return part_eligible(facts, fill, table, &root, err);
    for (int i = 0; i < table->tree_count; i++)
        if (!part_eligible(facts, fill, table, &table->tree[i], err))
            return false;
    return true;
}

bool
eligible_check(const PlanRequest *request, const Backfill *fills, int count, Err *err)
{
    const Migration *migration = request->migration;

    for (int i = 0; i < migration->section_count; i++)
    {
        const Statements *statements = &migration->sections[i].statements;

        for (int j = 0; !migration->sections[i].down && j < statements->count; j++)
            if (!statement_owned(request->facts, &statements->items[j], err))
                return false;
    }
    for (int i = 0; i < count; i++)
        if (!eligible_fill(request->facts, &fills[i], err))
            return false;
    return true;
}
