#include "core/doctor.h"

#include <string.h>

#include "core/sql/sql.h"

/* clang-format off */
static const AilmentKind kinds[] = {
    {"index-ready",   "invalid index",
     "a build that was interrupted left it: no query uses it, every write keeps it up, a unique one rejects rows",
     MEND_CONCURRENT, LOCK_NONE},
    {"index-dead",    "invalid index",
     "a build that was interrupted left it: no query uses it, and it takes up space", MEND_CONCURRENT, LOCK_NONE},
    {"index-reindex", "leftover of REINDEX",
     "a REINDEX CONCURRENTLY that was interrupted left it beside the index: writes may keep up both",
     MEND_CONCURRENT, LOCK_NONE},
    {"index-part",    "invalid part of an index",
     "no query uses it, and the partitioned index that it belongs to stays invalid", MEND_CONCURRENT, LOCK_NONE},
    {"index-parts",   "incomplete partitioned index",
     "partitions lack their part of it: no unique key or conflict target can rely on it", MEND_TREE, LOCK_NONE},
    {"constraint",    "constraint not validated",
     "it holds for new rows, but old ones were never checked, and the planner does not rely on it",
     MEND_SCAN, LOCK_SHARE_UPDATE_EXCLUSIVE},
    {"proof",         "leftover proof",
     "a check that pgstride needed for a while, and no migration needs any more: every write evaluates it",
     MEND_LOCKED, LOCK_ACCESS_EXCLUSIVE},
    {"detach",        "pending detach",
     "a DETACH CONCURRENTLY was interrupted: its rows are neither seen nor accepted through the parent",
     MEND_LOCKED, LOCK_ACCESS_EXCLUSIVE},
    {"sync-orphan",   "orphaned sync trigger",
     "no migration needs it any more: every write to the table still runs it", MEND_LOCKED, LOCK_ACCESS_EXCLUSIVE},
    {"sync-disabled", "disabled sync trigger",
     "rows written meanwhile are not kept level, and contract refuses: run the backfill's UPDATE for them once it is enabled",
     MEND_LOCKED, LOCK_SHARE_ROW_EXCLUSIVE},
    {"sync-missing",  "missing sync trigger",
     "a child that came later has none: what is written to it is not kept level, and contract refuses",
     MEND_LOCKED, LOCK_SHARE_ROW_EXCLUSIVE},
    {"sync-stray",    "stray sync trigger",
     "its table has left the tree that a migration changes: its writes still run it, and contract cannot drop it",
     MEND_LOCKED, LOCK_ACCESS_EXCLUSIVE},
    {"sync-lost",     "lost sync trigger",
     "it was dropped while its migration needs it: rows written since are not kept level", MEND_BY_HAND, LOCK_NONE},
    {"sync-function", "orphaned sync function",
     "its trigger is gone, and no migration needs it", MEND_LOCKED, LOCK_NONE},
    {"ask",           "leftover of a question",
     "an empty table, by which a run that was killed asked the server how it would change another",
     MEND_LOCKED, LOCK_NONE},
    {"rebuild",       "leftover of a rebuild",
     "a copy of a table that was to take its place, by a run that was killed outside of a transaction",
     MEND_LOCKED, LOCK_NONE},
    {"keys-broken",   "broken foreign key",
     "its rows point at rows that are not there: a change of either table may fail by them", MEND_BY_HAND, LOCK_NONE},
    {"damaged",       "damaged file",
     "what the library reads is not what it wrote: nothing should be changed before that is settled",
     MEND_BY_HAND, LOCK_NONE},
    {"dirty",         "dirty migration",
     "a part of it that is in the database is not what its file says now", MEND_COMMAND, LOCK_NONE},
    {"stopped",       "dirty migration",
     "its own runner goes no further before that is settled, nor does pgstride", MEND_COMMAND, LOCK_NONE},
    {"undoing",       "unfinished way down",
     "its undo was begun and not finished: there is no way but down", MEND_COMMAND, LOCK_NONE},
    {"set-aside",     "rows set aside",
     "the backfill could not fill them", MEND_BY_HAND, LOCK_NONE},
    {"backfill",      "backfill standing still",
     "no run is at work on it: it goes on where it stopped", MEND_COMMAND, LOCK_NONE},
    {"failed",        "failed migration",
     "its last attempt failed", MEND_COMMAND, LOCK_NONE},
    {"partial",       "unfinished migration",
     "a phase of it was begun, and no run is at work on it", MEND_COMMAND, LOCK_NONE},
};
/* clang-format on */

typedef struct Examination
{
    Mem *mem;
    const Finds *finds;
    LIST(Ailment) found;
} Examination;

static const AilmentKind *
kind_named(const char *name)
{
    for (int i = 0; i < LENGTH(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

bool
ailment_mendable(const Ailment *ailment)
{
    return ailment->kind->mending > MEND_COMMAND && ailment->may_mend;
}

/* --- what the catalog has -------------------------------------------------------- */

/* One that has no function is known by its own name. */
static bool
trigger_needed(const Finds *finds, const char *trigger)
{
    for (int i = 0; i < finds->history_count; i++)
        if (strcmp(finds->history[i].kind, "needs") == 0 &&
            strcmp(finds->history[i].what, trigger) == 0)
            return true;
    return false;
}

/* The migration that a sync function is named after goes on. */
static bool
sync_needed(const Finds *finds, const char *function)
{
    for (int i = 0; i < finds->history_count; i++)
    {
        const HistoryFind *row = &finds->history[i];
        size_t length = strlen(row->token);

        if (strcmp(row->kind, "open") == 0 && strncmp(function, "sync_", 5) == 0 &&
            strncmp(function + 5, row->token, length) == 0 &&
            function[5 + length] == '_')
            return true;
    }
    return false;
}

/* Some phase of some migration was begun and is not done: its proofs are needed. */
static bool
anything_under_way(const Finds *finds)
{
    for (int i = 0; i < finds->history_count; i++)
        if (strcmp(finds->history[i].kind, "partial") == 0)
            return true;
    return false;
}

/* What it is, now that the history has been asked; NULL: it is not ill. */
static const char *
catalog_kind(const Finds *finds, const CatalogFind *find)
{
    bool sync = strncmp(find->kind, "sync", 4) == 0;
    bool needed = sync && sync_needed(finds, find->definition);

    if ((sync || strcmp(find->kind, "proof") == 0) && finds->history_hidden)
        return NULL;
    if (strcmp(find->kind, "trigger") == 0)
        return trigger_needed(finds, find->definition) ? NULL : "sync-orphan";
    if (strcmp(find->kind, "proof") == 0)
        return anything_under_way(finds) ? NULL : "proof";
    if (strcmp(find->kind, "sync-function") == 0)
        return needed ? "sync-lost" : "sync-function";
    if (strcmp(find->kind, "sync") == 0)
        return needed ? NULL : "sync-orphan";
    if (strcmp(find->kind, "sync-missing") == 0)
        return needed ? "sync-missing" : NULL;
    if (sync)
        return needed ? find->kind : "sync-orphan";
    return find->kind;
}

static const char begin_again[] = "begin again: pgstride down, then pgstride up";

static const char *
catalog_mend(Mem *mem, const char *kind, const CatalogFind *find)
{
    if (strcmp(find->kind, "trigger") == 0)
        return find->mend;
    if (strcmp(kind, "sync-orphan") == 0 || strcmp(kind, "sync-stray") == 0)
        return mem_text(mem, "DROP TRIGGER %s ON %s", find->object, find->table);
    if (strcmp(kind, "sync-lost") == 0)
        return begin_again;
    if (strcmp(kind, "damaged") == 0)
        return "put a backup back, or save what can be read: sqlite3 FILE .recover";
    if (strcmp(kind, "index-parts") == 0)
        return "CREATE INDEX CONCURRENTLY ... on each partition that lacks its part, "
               "and "
               "ATTACH it";
    return find->mend;
}

/* A trigger's function goes with it, unless it is the extension's; a new one has to
 * work for replicas, too. */
static const char *
catalog_also(Mem *mem, const char *kind, const CatalogFind *find)
{
    if (strcmp(kind, "sync-missing") == 0)
        return mem_text(mem, "ALTER TABLE %s ENABLE ALWAYS TRIGGER %s", find->table,
                        find->object);
    return strcmp(kind, "sync-orphan") == 0 && find->has_function
               ? mem_text(mem, "DROP FUNCTION pgstride.%s()",
                          ident_show(mem, find->definition))
               : NULL;
}

static void
catalog_examine(Examination *exam, const CatalogFind *find)
{
    const char *kind = catalog_kind(exam->finds, find);

    if (kind == NULL || kind_named(kind) == NULL)
        return;
    *list_add(exam->mem, &exam->found) = (Ailment){
        .kind = kind_named(kind),
        .object = find->object,
        .table = find->table,
        .note = strncmp(kind, "sync", 4) == 0 ? NULL : find->definition,
        .mend = catalog_mend(exam->mem, kind, find),
        .also = catalog_also(exam->mem, kind, find),
        .table_name = {find->table_schema, find->table_name},
        .object_name = {find->object_schema, find->object_name},
        .may_mend = find->may_mend,
    };
}

/* --- what the history has -------------------------------------------------------- */

static bool
version_has(const Finds *finds, const HistoryFind *row, const char *kind)
{
    for (int i = 0; i < finds->history_count; i++)
        if (strcmp(finds->history[i].kind, kind) == 0 &&
            strcmp(finds->history[i].version, row->version) == 0 &&
            strcmp(finds->history[i].component, row->component) == 0)
            return true;
    return false;
}

/* One migration is told of once: by what says most about it. */
static bool
history_told(const Finds *finds, const HistoryFind *row)
{
    static const char *const order[] = {"undoing",  "sync-lost", "set-aside",
                                        "backfill", "failed",    "partial"};

    if (finds->dirty_version != NULL &&
        strcmp(row->version, finds->dirty_version) == 0 &&
        strcmp(row->component, finds->component) == 0)
        return true;
    for (int i = 0; i < LENGTH(order) && strcmp(order[i], row->kind) != 0; i++)
        if (version_has(finds, row, order[i]))
            return true;
    return false;
}

/* Its rows are filled: what failed, or stands still, is contract. */
static bool
is_backfilled(const Finds *finds, const HistoryFind *row)
{
    for (int i = 0; i < finds->history_count; i++)
    {
        const HistoryFind *open = &finds->history[i];

        if (strcmp(open->kind, "open") == 0 && open->what != NULL &&
            strcmp(open->what, "backfilled") == 0 &&
            strcmp(open->version, row->version) == 0 &&
            strcmp(open->component, row->component) == 0)
            return true;
    }
    return false;
}

static const char *
history_mend(Mem *mem, const Finds *finds, const HistoryFind *row)
{
    if (strcmp(row->kind, "undoing") == 0)
        return mem_text(mem, "pgstride down %s", row->version);
    if (strcmp(row->kind, "sync-lost") == 0)
        return begin_again;
    if (strcmp(row->kind, "set-aside") == 0)
        return mem_text(mem, "mend the rows, then: pgstride up %s", row->version);
    if (is_backfilled(finds, row) ||
        strcmp(row->what == NULL ? "" : row->what, "contract") == 0)
        return mem_text(mem, "pgstride contract %s", row->version);
    return mem_text(mem, "pgstride up %s", row->version);
}

static const char *
history_note(Mem *mem, const HistoryFind *row)
{
    const char *what = row->what == NULL ? "" : sql_scrub(mem, row->what);

    if (strcmp(row->kind, "set-aside") == 0)
        return mem_text(mem, "%lld row%s, for one %s", (long long)row->number,
                        row->number == 1 ? "" : "s", what);
    if (strcmp(row->kind, "partial") == 0)
        return mem_text(mem, "%s: %lld step%s done", what, (long long)row->number,
                        row->number == 1 ? "" : "s");
    return what;
}

static void
history_examine(Examination *exam, const HistoryFind *row)
{
    const AilmentKind *kind = kind_named(row->kind);

    if (kind == NULL || row->busy || history_told(exam->finds, row))
        return;
    *list_add(exam->mem, &exam->found) = (Ailment){
        .kind = kind,
        .object = row->version,
        .note = history_note(exam->mem, row),
        .mend = history_mend(exam->mem, exam->finds, row),
        .version = row->version,
        .component = row->component,
        .may_mend = true,
    };
}

void
doctor_examine(Mem *mem, const Finds *finds, Ailments *ailments)
{
    Examination exam = {.mem = mem, .finds = finds};

    if (finds->dirty_version != NULL)
        *list_add(mem, &exam.found) = (Ailment){
            .kind = kind_named(finds->dirty_mend != NULL ? "stopped" : "dirty"),
            .object = finds->dirty_version,
            .note = finds->dirty_why,
            .mend = finds->dirty_mend != NULL
                        ? finds->dirty_mend
                        : mem_text(mem, "pgstride repair %s", finds->dirty_version),
            .version = finds->dirty_version,
            .component = finds->component,
            .may_mend = true,
        };
    for (int i = 0; i < finds->catalog_count; i++)
        catalog_examine(&exam, &finds->catalog[i]);
    for (int i = 0; i < finds->history_count; i++)
        history_examine(&exam, &finds->history[i]);
    ailments->items = exam.found.items;
    ailments->count = exam.found.count;
}
