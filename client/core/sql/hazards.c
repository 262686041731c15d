#include "core/sql/hazards.h"

#include <string.h>

#include "base/mem.h"

/* In which phases an act is a hazard. */
#define IN(phase) (1u << (phase))
#define BEFORE_CONTRACT (IN(PHASE_EXPAND) | IN(PHASE_BACKFILL))
#define ANYWHERE (BEFORE_CONTRACT | IN(PHASE_CONTRACT) | IN(PHASE_UP))
#define NOT_IN_CONTRACT (ANYWHERE & ~IN(PHASE_CONTRACT))

typedef struct HazardRow
{
    Action action;
    unsigned phases;
    Hazard hazard;
} HazardRow;

/*
 * Several rows may share an id: `allow:` then accepts them all. A row without a recipe
 * is refused under --safe=rewrite unless it is allowed.
 */
/* clang-format off */
static const HazardRow rows[] = {
    {ACTION_UNPARSED, ANYWHERE, {"unparsed",
        "newer syntax than pgstride knows: what it locks is not known", NULL,
        "Say allow:unparsed:\"why\" in the section line, and let the statement stand alone."}},

    {ACTION_RENAME_COLUMN, NOT_IN_CONTRACT, {"rename-column",
        "running code that uses the old name fails at once", NULL,
        "Add the new column in expand, copy it in backfill with sync:both, rename in contract."}},
    {ACTION_DROP_COLUMN, BEFORE_CONTRACT, {"drop-column",
        "running code that uses the column fails at once, and its data is gone", NULL,
        "Drop it in contract, when no running code names it any more."}},
    {ACTION_RENAME_TABLE, NOT_IN_CONTRACT, {"rename-table",
        "running code that uses the old name fails at once", NULL,
        "Rename in contract, or create a view with the old name in the same migration and allow it."}},
    {ACTION_SET_SCHEMA, NOT_IN_CONTRACT, {"set-schema",
        "running code that does not have the new schema in its search_path fails at once", NULL,
        "Move it in contract, or create a view in the old schema in the same migration and allow it."}},
    {ACTION_DROP_TABLE, BEFORE_CONTRACT, {"drop-table",
        "running code that uses the table fails at once, and its data is gone", NULL,
        "Drop it in contract, when no running code names it any more."}},
    {ACTION_TRUNCATE, BEFORE_CONTRACT, {"truncate",
        "locks out everybody, and the data is gone", NULL,
        "Write DELETE in a backfill section: pgstride batches it."}},

    {ACTION_SET_NOT_NULL, ANYWHERE, {"set-not-null",
        "reads the whole table while nobody can use it", "not-null",
        "Prove it beforehand with a validated CHECK (column IS NOT NULL)."}},
    {ACTION_ADD_NOT_NULL, ANYWHERE, {"set-not-null",
        "reads the whole table while nobody can use it", "not-null",
        "Add it NOT VALID, then VALIDATE CONSTRAINT."}},
    {ACTION_ADD_CHECK, ANYWHERE, {"add-check",
        "reads the whole table while nobody can use it", "check",
        "Add it NOT VALID, then VALIDATE CONSTRAINT in a statement of its own."}},
    {ACTION_ADD_FOREIGN_KEY, ANYWHERE, {"add-foreign-key",
        "reads both tables while nobody can write to them", "foreign-key",
        "Add it NOT VALID, then VALIDATE CONSTRAINT in a statement of its own."}},
    {ACTION_ADD_UNIQUE, ANYWHERE, {"add-unique",
        "builds an index while nobody can use the table", "key",
        "CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT ... UNIQUE USING INDEX."}},
    {ACTION_ADD_PRIMARY_KEY, ANYWHERE, {"add-primary-key",
        "builds an index while nobody can use the table", "key",
        "CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT ... PRIMARY KEY USING INDEX."}},
    {ACTION_ADD_EXCLUDE, ANYWHERE, {"add-exclude",
        "builds an index and checks it while nobody can use the table", NULL,
        "Build a new table with the constraint, keep it level, and swap; or allow it in a quiet hour."}},

    {ACTION_CREATE_INDEX, ANYWHERE, {"create-index",
        "nobody can write to the table while the index is built", "concurrent-index",
        "CREATE INDEX CONCURRENTLY."}},
    {ACTION_DROP_INDEX, ANYWHERE, {"drop-index",
        "locks out everybody, and waits for every reader first", "concurrent-index",
        "DROP INDEX CONCURRENTLY."}},
    {ACTION_REINDEX, ANYWHERE, {"reindex",
        "nobody can write to the table, nor plan a query on it, while the index is built",
        "concurrent-reindex", "REINDEX CONCURRENTLY."}},

    {ACTION_ADD_COLUMN_VOLATILE, ANYWHERE, {"volatile-default",
        "writes every row and every index again while nobody can use the table", "new-column",
        "Add the column without a default, SET DEFAULT, then fill the old rows in a backfill."}},
    {ACTION_ADD_COLUMN_STORED, ANYWHERE, {"stored-column",
        "writes every row and every index again while nobody can use the table", NULL,
        "Add a plain column, fill it in a backfill, and keep it level with sync:forward or a trigger."}},
    {ACTION_ADD_COLUMN_REQUIRED, ANYWHERE, {"add-required-column",
        "fails as soon as the table has a row, and old code cannot insert any more", NULL,
        "Add it nullable or with a constant default, fill it in a backfill, SET NOT NULL in contract."}},
    {ACTION_ADD_COLUMN_CONSTRAINED, ANYWHERE, {"constrained-column",
        "checks or indexes the whole table while nobody can use it", "new-column",
        "Add the plain column, then the constraint in a statement of its own."}},
    {ACTION_ADD_COLUMN_DOMAIN, ANYWHERE, {"domain-column",
        "its domain has constraints, so every row and every index is written again while nobody can use the table",
        NULL,
        "Add a column of the type below the domain, and the domain's check as a constraint of the table."}},
    {ACTION_CHECK_DOMAIN, ANYWHERE, {"check-domain",
        "reads every table that uses the domain while nobody can write to it", NULL,
        "Check it in the tables: ADD CHECK there is done safely. Or add it NOT VALID, for new values alone."}},
    {ACTION_ALTER_TYPE, ANYWHERE, {"alter-type",
        "may write every row again while nobody can use the table", NULL,
        "Add a column of the new type in expand, copy it in backfill with sync:both, swap in contract."}},
    {ACTION_REWRITE_TABLE, ANYWHERE, {"rewrite",
        "writes the whole table again while nobody can use it", NULL,
        "Use a tool that rewrites online, or allow it in a quiet hour."}},
    {ACTION_CLUSTER_ALL, ANYWHERE, {"rewrite",
        "writes whole tables again while nobody can use them", NULL,
        "Use a tool that rewrites online, or allow it in a quiet hour."}},

    {ACTION_CREATE_PARTITION, ANYWHERE, {"create-partition",
        "locks out everybody from the whole partitioned table", NULL,
        "CREATE TABLE ... (LIKE parent INCLUDING ALL), then ATTACH PARTITION."}},
    {ACTION_ATTACH_PARTITION, ANYWHERE, {"attach-partition",
        "reads the new partition, and the DEFAULT one, while nobody can use them", NULL,
        "First add and validate a CHECK that implies the bound, then allow it."}},
    {ACTION_DETACH_PARTITION, ANYWHERE, {"detach-partition",
        "locks out everybody from the whole partitioned table", "detach",
        "DETACH PARTITION ... CONCURRENTLY."}},
    {ACTION_REFRESH, ANYWHERE, {"refresh",
        "nobody can read the materialized view while its query runs", NULL,
        "Give it a unique index and REFRESH MATERIALIZED VIEW CONCURRENTLY."}},
    {ACTION_LOCK, ANYWHERE, {"lock-table",
        "makes others wait for as long as the transaction lasts", NULL,
        "Leave the locking to pgstride: it takes what a statement needs, under the stall budget."}},

    {ACTION_UPDATE, IN(PHASE_EXPAND) | IN(PHASE_CONTRACT), {"update-in-one-go",
        "locks every row it changes until the whole table is done", NULL,
        "Write it in a backfill section: pgstride batches it."}},
    {ACTION_DELETE, IN(PHASE_EXPAND) | IN(PHASE_CONTRACT), {"update-in-one-go",
        "locks every row it removes until the whole table is done", NULL,
        "Write it in a backfill section: pgstride batches it."}},

    /* Not acts: what sync, a backfill and contract refuse on their own, and let an author accept. */
    {ACTION_COUNT, 0, {"sync-null",
        "a NULL that new code writes on purpose would be filled again", NULL,
        "Make the column NOT NULL in contract, or say sync:both or sync:off."}},
    {ACTION_COUNT, 0, {"sync-cascade",
        "what a foreign key changes in a row (ON UPDATE CASCADE, SET NULL) no trigger is told, so its new column would keep the old value",
        NULL, "On MySQL and MariaDB: say sync:off, and let the application write both columns."}},
    {ACTION_COUNT, 0, {"sync-gap",
        "a sync trigger was missing for a while, and rows differ that it would have kept level", NULL,
        "On MySQL and MariaDB: write the right value into both columns of those rows."}},
    {ACTION_COUNT, 0, {"set-aside",
        "rows that a backfill could not change would be left as they are", NULL,
        "Mend the rows that it names, and run it again."}},
    {ACTION_COUNT, 0, {"blocks-writers",
        "nobody could write to the table for as long as it takes", NULL,
        "On MySQL and MariaDB: add a column in expand, fill it, rename it in contract."}},
    {ACTION_COUNT, 0, {"lost-index",
        "an index that also serves other columns would go with the column", NULL,
        "Make one without the column first."}},
    {ACTION_COUNT, 0, {"lost-twin",
        "what hangs on the old column and has no twin on the new one would be lost", NULL,
        "Make the twin on the new column first."}},
};
/* clang-format on */

/* LOCK TABLE in a mode that blocks nobody is the same action, but no hazard. */
static bool
is_harmless(const Act *act)
{
    if (act->action != ACTION_LOCK || act->object == NULL)
        return false;
    for (int mode = LOCK_ACCESS_SHARE; mode < LOCK_MODE_COUNT; mode++)
        if (strcmp(lock_mode_sql((LockMode)mode), act->object) == 0)
            return !lock_mode_blocks_traffic((LockMode)mode);
    return false;
}

/* Before 11 a constant default was written into every row, as a volatile one still is.
 */
static Action
action_on(const Act *act, const Caps *caps)
{
    if (act->action == ACTION_ADD_COLUMN && act->has_default && caps != NULL &&
        caps->version < 110000)
        return ACTION_ADD_COLUMN_VOLATILE;
    return act->action;
}

const Hazard *
hazard_of(const Act *act, Phase phase, const Caps *caps)
{
    Action action = action_on(act, caps);

    for (int i = 0; i < LENGTH(rows); i++)
        if (rows[i].action == action && (rows[i].phases & IN(phase)) != 0 &&
            !is_harmless(act))
            return &rows[i].hazard;
    return NULL;
}

const Hazard *
hazard_named(const char *id)
{
    for (int i = 0; i < LENGTH(rows); i++)
        if (strcmp(rows[i].hazard.id, id) == 0)
            return &rows[i].hazard;
    return NULL;
}

const Hazard *
hazard_row(int index)
{
    return index >= 0 && index < LENGTH(rows) ? &rows[index].hazard : NULL;
}
