#include "run/locks/look.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "core/sql/sql.h"
#include "model/sqltext.h"
#include "run/locks/idler.h"
#include "run/locks/standby.h"

/* A row of look.sql, blockers.sql, old_snapshots.sql and snapshots_before.sql. */
typedef struct LookRow
{
    int64_t need; /* which of the relations asked for */
    char *kind;
    int64_t pid;
    char *gid;
    char *user;
    char *application;
    char *client;
    char *state;
    char *query;
    char *relation;
    char *mode;
    bool granted;
    char *transaction;
    int64_t age_ms;
    int64_t state_ms;
    bool wrote;
    int64_t begun_us;
    int64_t state_us;
} LookRow;

/* clang-format off */
static const Column look_columns[] = {
    COLUMN(INT64, LookRow, need),              COLUMN(TEXT, LookRow, kind),
    COLUMN(INT64, LookRow, pid),               COLUMN(TEXT_OR_NULL, LookRow, gid),
    COLUMN(TEXT_OR_NULL, LookRow, user),       COLUMN(TEXT_OR_NULL, LookRow, application),
    COLUMN(TEXT_OR_NULL, LookRow, client),     COLUMN(TEXT_OR_NULL, LookRow, state),
    COLUMN(TEXT_OR_NULL, LookRow, query),      COLUMN(TEXT_OR_NULL, LookRow, relation),
    COLUMN(TEXT, LookRow, mode),               COLUMN(BOOL, LookRow, granted),
    COLUMN(TEXT_OR_NULL, LookRow, transaction),
    COLUMN(INT64_OR_MINUS, LookRow, age_ms),   COLUMN(INT64_OR_MINUS, LookRow, state_ms),
    COLUMN(BOOL, LookRow, wrote),              COLUMN(INT64_OR_MINUS, LookRow, begun_us),
    COLUMN(INT64_OR_MINUS, LookRow, state_us),
};

static const char *const holder_kinds[] = {
    [HOLDER_SESSION]             = "session",
    [HOLDER_IDLE_IN_TRANSACTION] = "idle",
    [HOLDER_AUTOVACUUM]          = "autovacuum",
    [HOLDER_WRAPAROUND]          = "wraparound",
    [HOLDER_PREPARED]            = "prepared",
    [HOLDER_SLOT]                = "slot",
    [HOLDER_UNSEEN]              = "unseen",
    [HOLDER_OTHER]               = "other",
};
/* clang-format on */

typedef struct TargetRow
{
    int64_t oid;
    bool lockable;
    int64_t deadlock_ms;
} TargetRow;

static const Column target_columns[] = {
    COLUMN(INT64, TargetRow, oid),
    COLUMN(BOOL, TargetRow, lockable),
    COLUMN(INT64, TargetRow, deadlock_ms),
};

/* Asked on the worker: what LOCK TABLE accepts depends on its role. */
bool
targets_find(Run *run, Mem *mem, const LockNeed *locks, int count, Targets *targets,
             Err *err)
{
    *targets = (Targets){.locks = mem_array(mem, LockNeed, count),
                         .lockable = mem_array(mem, bool, count)};

    for (int i = 0; i < count; i++)
    {
        MEM_SCOPE(scope, mem);
        SqlText name = sql_begin(scope, run->caps);
        TargetRow row = {0};
        Rows rows;

        sql_qname(&name, &locks[i].relation);
        if (!db_query(scope, run->worker, "lock_target", ARGS(sql_done(&name)), &rows,
                      err) ||
            !rows_one(scope, &rows, target_columns, LENGTH(target_columns), &row, err))
            return false;
        targets->deadlock_ms = (double)row.deadlock_ms;
        if (row.oid == 0)
            continue;
        targets->locks[targets->count] = locks[i];
        targets->locks[targets->count].oid = row.oid;
        targets->lockable[targets->count++] = row.lockable;
    }
    return true;
}

/* Nobody replaces a table so quickly; and if somebody does, LOCK TABLE goes by name. */
#define FRESH_MS 100.0

/* The first step of a phase has no session but ours before it, and so no other role. */
bool
targets_known(const Run *run, Mem *mem, const Step *step, Targets *targets)
{
    bool known = step->lean && step->ordinal == 1 && run->lean_ms > 0 &&
                 clock_now(run->clock) - run->lean_ms < FRESH_MS;

    for (int i = 0; i < step->lock_count; i++)
        known = known && step->locks[i].oid > 0;
    if (!known)
        return false;
    *targets = (Targets){.locks = step->locks,
                         .lockable = mem_array(mem, bool, step->lock_count + 1),
                         .count = step->lock_count};
    for (int i = 0; i < step->lock_count; i++)
        targets->lockable[i] = step->locks[i].lockable;
    return true;
}

static HolderKind
holder_kind(const char *name)
{
    for (int i = 0; i < LENGTH(holder_kinds); i++)
        if (strcmp(holder_kinds[i], name) == 0)
            return (HolderKind)i;
    return HOLDER_OTHER;
}

static Holder
holder_from(Mem *mem, const LookRow *row, LockMode mode)
{
    return (Holder){
        .kind = holder_kind(row->kind),
        .pid = row->pid,
        .gid = mem_copy(mem, row->gid),
        .user = mem_copy(mem, row->user),
        .application = mem_copy(mem, row->application),
        .client = mem_copy(mem, row->client),
        .state = mem_copy(mem, row->state),
        .query = row->query == NULL ? NULL : (char *)sql_scrub(mem, row->query),
        .relation = mem_copy(mem, row->relation),
        .transaction = mem_copy(mem, row->transaction),
        .mode = mode,
        .granted = row->granted,
        .age_known = row->age_ms >= 0,
        .age_ms = row->age_ms,
        .state_ms = row->state_ms,
        .wrote = row->wrote,
        .begun_us = row->begun_us,
        .state_us = row->state_us,
    };
}

static const Holder *
holder_again(const Look *look, const Holder *holder)
{
    for (int i = 0; i < look->count; i++)
        if (holder->transaction != NULL && look->holders[i].transaction != NULL &&
            strcmp(look->holders[i].transaction, holder->transaction) == 0)
            return &look->holders[i];
    return NULL;
}

/* Remembers who is in the way now, and since when we know it. */
static void
watch_note(Watch *watch, Look *look, double now_ms)
{
    Mem *kept = mem_scope_begin(watch->owner);
    Look seen = {.holders = mem_array(kept, Holder, look->count)};

    for (int i = 0; i < look->count; i++)
    {
        Holder *holder = &look->holders[i];
        const Holder *before = holder_again(&watch->seen, holder);

        if (before != NULL)
            holder->seen_ms = before->seen_ms + (int64_t)(now_ms - watch->at_ms);
        seen.holders[seen.count++] =
            (Holder){.transaction = mem_copy(kept, holder->transaction),
                     .seen_ms = holder->seen_ms};
    }
    TALLOC_FREE(watch->mem);
    *watch = (Watch){.owner = watch->owner, .mem = kept, .seen = seen, .at_ms = now_ms};
}

/* Without targets everybody who was found is in the way. */
static bool
rows_to_look(const Run *run, Mem *mem, const Rows *rows, const Targets *targets,
             Look *look, Err *err)
{
    MEM_SCOPE(scope, mem);
    LookRow *found;
    int count;

    if (!rows_decode(scope, rows, look_columns, LENGTH(look_columns), sizeof(LookRow),
                     (void **)&found, &count, err))
        return false;

    *look = (Look){.holders = mem_array(mem, Holder, count)};
    for (int i = 0; i < count; i++)
    {
        Holder holder;
        LockMode mode;
        bool conflicts =
            lock_mode_read(found[i].mode, &mode) &&
            (targets == NULL ||
             lock_modes_conflict(mode, targets->locks[found[i].need].mode));

        if (!conflicts)
            continue;
        holder = holder_from(mem, &found[i], mode);
        holder.asked = idler_was_asked(run, &holder);
        if (holder_again(look, &holder) == NULL)
            look->holders[look->count++] = holder;
    }
    return true;
}

/* {16393,16385}; of all, or of those that are locked alone. */
static char *
oid_array(Mem *mem, const Targets *targets, bool all)
{
    Buf text = buf_begin(mem);

    buf_add(&text, "{");
    for (int i = 0; i < targets->count; i++)
        if (all || targets->locks[i].only)
            buf_format(&text, "%s%" PRId64, text.length > 1 ? "," : "",
                       targets->locks[i].oid);
    buf_add(&text, "}");
    return text.text;
}

/* {"ACCESS EXCLUSIVE","SHARE"} */
static char *
mode_array(Mem *mem, const Targets *targets)
{
    Buf text = buf_begin(mem);

    buf_add(&text, "{");
    for (int i = 0; i < targets->count; i++)
        buf_format(&text, "%s\"%s\"", i > 0 ? "," : "",
                   lock_mode_sql(targets->locks[i].mode));
    buf_add(&text, "}");
    return text.text;
}

static int64_t
pid_of(const Db *db)
{
    return db == NULL ? 0 : db->driver->backend_id((Db *)db);
}

char *
look_ours(Mem *mem, const Run *run)
{
    Buf text = buf_begin(mem);

    buf_format(&text, "{%" PRId64 ",%" PRId64 ",%" PRId64, pid_of(run->worker),
               pid_of(run->watcher), pid_of(run->warden));
    if (run->worker_away != NULL)
        buf_format(&text, ",%" PRId64, pid_of(run->worker_away));
    for (int i = 0; i < run->crew_count; i++)
        buf_format(&text, ",%" PRId64, pid_of(run->crew[i]));
    buf_add(&text, "}");
    return text.text;
}

/* --- standbys -------------------------------------------------------------------- */

/* Of our locks only the strongest is replayed. */
static Targets
targets_replayed(Mem *mem, const Targets *targets)
{
    Targets replayed = {.locks = mem_array(mem, LockNeed, targets->count)};

    for (int i = 0; i < targets->count; i++)
        if (targets->locks[i].mode == LOCK_ACCESS_EXCLUSIVE)
            replayed.locks[replayed.count++] = targets->locks[i];
    return replayed;
}

static Look
look_at_standby(Run *run, Mem *mem, const Targets *replayed, Standby *standby)
{
    MEM_SCOPE(scope, mem);
    const char *const args[] = {oid_array(scope, replayed, true), "{}",
                                oid_array(scope, replayed, false)};
    const Ask ask = {.label = "look", .args = args, .arg_count = LENGTH(args)};
    Look look = {0};
    Err trouble = {0};
    Rows rows;
    bool seen = standby_ask(run, scope, standby, &ask, &rows) &&
                rows_to_look(run, mem, &rows, replayed, &look, &trouble);

    err_clear(&trouble);
    if (!seen)
    {
        look = (Look){.holders = mem_new(mem, Holder), .count = 1};
        look.holders[0] = (Holder){.kind = HOLDER_UNSEEN, .granted = true};
    }
    for (int i = 0; i < look.count; i++)
    {
        Holder *holder = &look.holders[i];

        holder->standby = standby->name;
        holder->transaction = mem_text(
            mem, "%s %s", holder->transaction == NULL ? "" : holder->transaction,
            standby->name);
    }
    return look;
}

/* Who reads there what we lock here stands in the way as if it did so here. */
static void
look_add_standbys(Run *run, Mem *mem, const Targets *targets, Look *look)
{
    MEM_SCOPE(scope, mem);
    const Targets replayed = targets_replayed(scope, targets);

    for (int i = 0; replayed.count > 0 && i < run->standby_count; i++)
    {
        Look there = look_at_standby(run, mem, &replayed, &run->standbys[i]);
        Holder *both = mem_array(mem, Holder, look->count + there.count);

        for (int j = 0; j < look->count + there.count; j++)
            both[j] =
                j < look->count ? look->holders[j] : there.holders[j - look->count];
        *look = (Look){.holders = both, .count = look->count + there.count};
    }
}

/* Where the extension is, the server asks its lock table what we want to know of it,
 * instead of showing us all; and ages are no secret to who may lock the table. */
static bool
look_ask(Run *run, Mem *mem, const Targets *targets, Rows *rows, Err *err)
{
    const char *all = oid_array(mem, targets, true);
    const char *ours = look_ours(mem, run);
    const char *alone = oid_array(mem, targets, false);

    if (extension_used(run->caps))
        return db_query(mem, run->watcher, "look_extension",
                        ARGS(all, ours, alone, mode_array(mem, targets)), rows, err);
    return db_query(mem, run->watcher, "look", ARGS(all, ours, alone), rows, err);
}

bool
look_at(Run *run, Mem *mem, const Targets *targets, Watch *watch, Look *look, Err *err)
{
    MEM_SCOPE(scope, mem);
    Rows rows;

    *look = (Look){0};
    if (targets->count == 0)
        return true;
    if (!look_ask(run, scope, targets, &rows, err) ||
        !rows_to_look(run, mem, &rows, targets, look, err))
        return err_in(err, "while looking who holds a lock");
    look_add_standbys(run, mem, targets, look);
    watch_note(watch, look, clock_now(run->clock));
    return true;
}

bool
look_at_keepers(Run *run, Mem *mem, Db *asked, const Db *waiting, Look *look, Err *err)
{
    MEM_SCOPE(scope, mem);
    const char *pid = mem_text(scope, "%" PRId64, pid_of(waiting));
    Rows rows;

    if (db_query(scope, asked, "blockers", ARGS(pid), &rows, err) &&
        rows_to_look(run, mem, &rows, NULL, look, err))
        return true;
    return err_in(err, "while looking whom we wait for");
}

bool
look_at_blockers(Run *run, Mem *mem, Look *look, Err *err)
{
    return look_at_keepers(run, mem, run->watcher, run->worker, look, err);
}

bool
look_at_snapshots(Run *run, Mem *mem, const QName *table, Look *look, Err *err)
{
    MEM_SCOPE(scope, mem);
    SqlText name = sql_begin(scope, run->caps);
    Rows rows;

    if (table->name != NULL)
        sql_qname(&name, table);
    if (db_query(
            scope, run->watcher, "old_snapshots",
            ARGS(look_ours(scope, run), table->name == NULL ? NULL : sql_done(&name)),
            &rows, err) &&
        rows_to_look(run, mem, &rows, NULL, look, err))
        return true;
    return err_in(err, "while looking for old snapshots");
}

bool
look_at_snapshots_before(Run *run, Mem *mem, int64_t xid, Look *look, Err *err)
{
    MEM_SCOPE(scope, mem);
    Rows rows;

    if (db_query(scope, run->watcher, "snapshots_before",
                 ARGS(mem_text(scope, "%" PRId64, xid)), &rows, err) &&
        rows_to_look(run, mem, &rows, NULL, look, err))
        return true;
    return err_in(err, "while looking for snapshots older than the last batch");
}

bool
look_at_victims(Run *run, int *victims, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const char *pid = mem_text(scope, "%" PRId64, pid_of(run->worker));
    Rows rows;

    if (!db_query(scope, run->watcher, "victims", ARGS(pid, look_ours(scope, run)),
                  &rows, err))
        return err_in(err, "while looking who waits for us");
    *victims = (int)rows_int(&rows, 0, "victims");
    return true;
}
