/*
 * One change of a table, in the least harmful way that the server grants. A way that it
 * does not have it refuses at once, before it waits for anybody, so that asking costs
 * nothing. What is left is the metadata lock: whoever waits for it makes all others
 * wait.
 */
#include "run/engines/mysql/mysql.h"

#include <string.h>

#include "base/fault.h"
#include "base/stop.h"
#include "base/units.h"
#include "core/plan/phase.h"
#include "run/failure.h"
#include "run/tell.h"

enum
{
    SMALL_ROWS = 20000, /* writers of so few rows wait a moment */
    QUEUE_S = 1,        /* for the lock, where NOWAIT is not to be had */
    END_QUEUE_S = 10,   /* at the end of a build, which is lost with it */
    LOOK_MS = 250,      /* at a build under way */
    REST_MS = 50,
    REST_MOST_MS = 2000,
    INSTANT_FLAWED = 80029, /* what it had added or dropped could be lost in a crash */
    INSTANT_MENDED = 80032
};

/* clang-format off */
static const Manner manners[] = {
    {"ALGORITHM=INSTANT",              "INSTANT",                         NULL,      0,      true,  false, false},
    {"ALGORITHM=NOCOPY, LOCK=NONE",    "NOCOPY, writes allowed",          "MariaDB", 0,      false, false, true},
    {"ALGORITHM=INPLACE, LOCK=NONE",   "INPLACE, writes allowed",         NULL,      0,      false, false, true},
    {"ALGORITHM=COPY, LOCK=NONE",      "COPY, writes allowed",            "MariaDB", 110200, false, false, true},
    {"ALGORITHM=INPLACE, LOCK=SHARED", "INPLACE, writers wait",           NULL,      0,      false, true,  true},
    {"ALGORITHM=COPY, LOCK=SHARED",    "COPY, writers wait",              NULL,      0,      false, true,  true},
};
/* What cannot be asked, or whose author has said how: a table that is made, a view. */
static const Manner as_written = {NULL, "as written", NULL, 0, true, false, false};
/* clang-format on */

typedef struct Attempt
{
    Run *run;
    const Step *step;
    Cost *cost;
    const Manner *manner;
    const char *sql;
    Reply reply;
    double took_ms; /* the last try */
    Mem *mem;
    char *told; /* the holder that was told last */
} Attempt;

/* --- the text -------------------------------------------------------------------- */

static bool
begins(const char *text, const char *words)
{
    return strncasecmp(text, words, strlen(words)) == 0;
}

/* The way its author chose is honoured. */
static bool
says_manner(const char *text)
{
    return strcasestr(text, "ALGORITHM") != NULL || strcasestr(text, "LOCK=") != NULL ||
           strcasestr(text, "LOCK =") != NULL;
}

bool
mysql_may_ask(const char *text)
{
    return !says_manner(text) &&
           (begins(text, "ALTER TABLE") || begins(text, "CREATE INDEX") ||
            begins(text, "CREATE UNIQUE INDEX") || begins(text, "DROP INDEX"));
}

bool
mysql_instant_flawed(const Caps *caps)
{
    return strcmp(caps->product, "MySQL") == 0 && caps->version >= INSTANT_FLAWED &&
           caps->version < INSTANT_MENDED;
}

const Manner *
mysql_manner(const Caps *caps, int *index)
{
    for (; *index < LENGTH(manners); ++*index)
    {
        const Manner *manner = &manners[*index];

        if ((manner->product == NULL || strcmp(manner->product, caps->product) == 0) &&
            caps->version >= manner->since &&
            !(manner->instant && mysql_instant_flawed(caps)))
            return manner;
    }
    return NULL;
}

/* Clauses of ALTER TABLE are apart by commas, those of an index by blanks. A comment at
 * the end of a statement must not swallow them. */
char *
mysql_text_with(Mem *mem, const char *text, const Manner *manner)
{
    bool alter = begins(text, "ALTER TABLE");
    char *clause;

    if (manner->clause == NULL)
        return mem_copy(mem, text);
    clause = mem_copy(mem, manner->clause);
    for (char *comma = clause; !alter && *comma != '\0'; comma++)
        if (*comma == ',')
            *comma = ' ';
    return mem_text(mem, "%s\n%s%s", text, alter ? ", " : " ", clause);
}

/* --- the lock -------------------------------------------------------------------- */

/* What would let us see who holds a lock. */
static const struct
{
    const char *product;
    const char *grant;
} grants[] = {{"MariaDB", "PROCESS"}, {"MySQL", "SELECT ON performance_schema.*"}};

static const char *
holder_hidden(Attempt *attempt)
{
    for (int i = 0; i < LENGTH(grants); i++)
        if (strcmp(grants[i].product, attempt->run->caps->product) == 0)
            return mem_text(attempt->mem,
                            "somebody we may not see (GRANT %s would show who)",
                            grants[i].grant);
    return "somebody we may not see";
}

/* Who may hold it. */
static const char *
holders_shown(Attempt *attempt)
{
    Run *run = attempt->run;
    const QName *table = &attempt->step->table;
    Rows rows;
    Err err = {0};
    bool seen =
        db_query(attempt->mem, run->watcher, "mdl_holders",
                 ARGS(table->schema, table->name,
                      mem_text(attempt->mem, "%lld",
                               (long long)run->driver->backend_id(run->worker))),
                 &rows, &err);

    err_clear(&err);
    if (!seen)
        return holder_hidden(attempt);
    if (rows.row_count == 0)
        return "somebody whom the server does not name";
    return mem_text(attempt->mem, "session %s %s@%s, %s, for %s s: %s",
                    rows_cell(&rows, 0, "pid"), rows_cell(&rows, 0, "user_name"),
                    rows_cell(&rows, 0, "client"), rows_cell(&rows, 0, "state"),
                    rows_cell(&rows, 0, "seconds"), rows_cell(&rows, 0, "query"));
}

static void
tell_holder(Attempt *attempt, const char *who)
{
    if (attempt->told != NULL && strncmp(attempt->told, who, 24) == 0)
        return;
    attempt->told = mem_copy(attempt->mem, who);
    tell_note(attempt->run, EVENT_NOTE, "waiting for table \"%s\", in use by %s",
              attempt->step->table.name == NULL ? "?" : attempt->step->table.name, who);
}

/* "Waiting for table metadata lock", before any work was seen. */
static bool
waits_at_start(Attempt *attempt, bool *working)
{
    Run *run = attempt->run;
    Rows rows;
    Err err = {0};
    bool seen =
        db_query(attempt->mem, run->watcher, "session_state",
                 ARGS(mem_text(attempt->mem, "%lld",
                               (long long)run->driver->backend_id(run->worker))),
                 &rows, &err);
    const char *state =
        !seen || rows.row_count == 0 ? "" : rows_cell(&rows, 0, "state");
    bool waits = strstr(state, "metadata lock") != NULL;

    err_clear(&err);
    *working = *working || (!waits && state[0] != '\0');
    return waits && !*working;
}

/* --- one try --------------------------------------------------------------------- */

static bool
limit_set(Attempt *attempt, int seconds, Err *err)
{
    const Ask ask = {
        .label = "lock_limit",
        .sql = mem_text(attempt->mem, "SET SESSION lock_wait_timeout = %d", seconds)};
    Reply reply;

    return db_script(attempt->mem, attempt->run->worker, &ask, 1, &reply, err);
}

static bool
cancel(Attempt *attempt, Err *err)
{
    return attempt->run->driver->cancel(attempt->run->worker, err);
}

/* While it runs: at its start nobody waits behind us for more than a second, at its end
 * the work of hours is worth ten. Ctrl-C ends it on the server too. */
static bool
watch_over(Attempt *attempt, bool *gave_way, Err *err)
{
    Run *run = attempt->run;
    double began = clock_now(&clock_real);
    bool working = false;
    bool asked = false;

    while (run->driver->wait(&run->worker, 1, clock_now(&clock_real) + LOOK_MS,
                             asked ? -1 : stop_fd()) != 0)
    {
        bool late = clock_now(&clock_real) - began > QUEUE_S * 1000.0;

        if (asked)
            continue;
        *gave_way =
            !attempt->manner->instant && late && waits_at_start(attempt, &working);
        asked = stop_asked() || *gave_way;
        if (asked && !cancel(attempt, err))
            return false;
    }
    return true;
}

/* True: answered, one way or the other. */
static bool
try_once(Attempt *attempt, bool *busy, Err *err)
{
    Run *run = attempt->run;
    const Ask ask = {.label = "ddl", .sql = attempt->sql};
    int seconds = !attempt->manner->instant ? END_QUEUE_S
                  : run->caps->lock_nowait  ? 0
                                            : QUEUE_S;
    double began = clock_now(run->clock);
    bool gave_way = false;

    *busy = false;
    attempt->cost->tries++;
    if (!limit_set(attempt, seconds, err) ||
        !run->driver->start(run->worker, &(Script){&ask, 1}, err))
        return false;
    fault_point(FAULT_alone_sent);

    bool watched = watch_over(attempt, &gave_way, err);

    run->driver->finish(run->worker, attempt->mem, &attempt->reply);
    attempt->took_ms = clock_now(run->clock) - began;
    if (!watched)
        return false;
    if (attempt->reply.outcome == DB_LOST)
        return db_reply_err(&attempt->reply, &ask, err);
    *busy = strcmp(attempt->reply.sqlstate, "55P03") == 0 || gave_way;
    if (*busy && attempt->cost->queued_ms < attempt->took_ms)
        attempt->cost->queued_ms = attempt->took_ms;
    return true;
}

static bool
stopped(Err *err)
{
    return err_set(err, ERR_STOPPED, "asked to stop");
}

static bool
out_of_patience(const Attempt *attempt, const char *who, Err *err)
{
    err_set(err, ERR_BUSY, "table \"%s\" was not to be had within %s, in %d tries",
            attempt->step->table.name == NULL ? "?" : attempt->step->table.name,
            duration_exact(attempt->mem, attempt->run->settings->lock_patience),
            attempt->cost->tries);
    err_detail(err, "held by %s", who);
    return err_hint(err, "Run it again when that has ended, give it longer with "
                         "--lock-patience, or end it: KILL session.");
}

/* Tries with rests, in which others pass; none while somebody reads on a replica, where
 * nobody gives up. */
static bool
try_until(Attempt *attempt, Err *err)
{
    Run *run = attempt->run;
    double until = clock_now(run->clock) + (double)run->settings->lock_patience;
    Millis rest = REST_MS;

    for (;;)
    {
        const char *who;
        bool busy;

        if (!mysql_reader_away(run, attempt->mem, &attempt->step->table, &who, err) ||
            (who == NULL && !try_once(attempt, &busy, err)))
            return false;
        if (who == NULL && (attempt->reply.outcome == DB_DONE || !busy))
            return true;
        if (who == NULL)
            who = holders_shown(attempt);
        tell_holder(attempt, who);
        if (stop_asked())
            return stopped(err);
        if (clock_now(run->clock) >= until)
            return out_of_patience(attempt, who, err);
        clock_rest(run->clock, rest);
        rest = rest < REST_MOST_MS ? rest * 2 : REST_MOST_MS;
        attempt->cost->waited_ms += (double)rest;
    }
}

/* --- which way ------------------------------------------------------------------- */

/* Counted so far and no further: the server's own estimate may be a day old, or 0
 * behind a bulk load. */
bool
mysql_is_large(Run *run, const QName *table, bool *large, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    SqlText sql = sql_begin(scope, run->caps);
    Ask ask = {.label = "is_large"};
    Reply reply;

    *large = false;
    if (table->name == NULL)
        return true;
    sql_raw(&sql, "SELECT COUNT(*) AS seen FROM (SELECT 1 FROM ");
    sql_qname(&sql, table);
    sql_raw(&sql, " LIMIT ");
    sql_int(&sql, SMALL_ROWS + 1);
    sql_raw(&sql, ") AS some");
    ask.sql = sql_done(&sql);
    if (!db_script(scope, run->watcher, &ask, 1, &reply, err))
        return false;
    *large = rows_int(&reply.rows[0], 0, "seen") > SMALL_ROWS;
    return true;
}

bool
mysql_blocking_allowed(Run *run, const Step *step, const Manner *manner, Err *err)
{
    const Section *section = migration_section(step->migration, step->phase, false);
    bool written = run->settings->safe_said && run->settings->safe == SAFE_OFF;
    bool large;

    if (written)
        return true;
    if (!mysql_is_large(run, &step->table, &large, err))
        return false;
    if (!large || step->undoes ||
        (section != NULL && section_allows(section, "blocks-writers") != NULL))
        return true;
    err_at(err, ERR_REFUSED, step->span.file, step->span.line,
           "the server can do this only while nobody writes to \"%s\" (%s)",
           step->table.name, manner->shown);
    return err_hint(err,
                    "Add a column in expand, fill it in backfill, and rename it in "
                    "contract; or say why it is all right here: "
                    "allow:blocks-writers:\"reason\". In a quiet hour: --safe=off.");
}

/* Not to be had, or (a clause that nothing can follow) not to be asked for. */
static bool
not_that_way(const Attempt *attempt)
{
    return attempt->reply.outcome == DB_FAILED &&
           (strcmp(attempt->reply.sqlstate, "0A000") == 0 ||
            strcmp(attempt->reply.sqlstate, "42601") == 0);
}

/* Down the list, to the first way that the server has. */
static bool
ways_try(Attempt *attempt, const char *text, Err *err)
{
    const Caps *caps = attempt->run->caps;

    for (int i = 0;
         mysql_may_ask(text) && (attempt->manner = mysql_manner(caps, &i)) != NULL; i++)
    {
        if (attempt->manner->blocks_writers &&
            !mysql_blocking_allowed(attempt->run, attempt->step, attempt->manner, err))
            return false;
        attempt->sql = mysql_text_with(attempt->mem, text, attempt->manner);
        if (!try_until(attempt, err))
            return false;
        if (!not_that_way(attempt))
            return true;
        attempt->cost->tries--; /* refused at once: it asked, and waited for nobody */
        if (strcmp(attempt->reply.sqlstate, "42601") == 0)
            break;
    }
    attempt->manner = &as_written;
    attempt->sql = text;
    return try_until(attempt, err);
}

/* How it went: what is fast was in the way of others for as long as it took. */
static bool
attempt_end(Attempt *attempt, Err *err)
{
    Cost *cost = attempt->cost;

    if (attempt->reply.outcome == DB_DONE)
    {
        cost->held_ms = attempt->manner->instant ? attempt->took_ms : 0;
        cost->stall_ms =
            cost->queued_ms > cost->held_ms ? cost->queued_ms : cost->held_ms;
        return true;
    }
    if (stop_asked() && strcmp(attempt->reply.sqlstate, "57014") == 0)
        return stopped(err);
    return failure_explain(attempt->step, 0, &attempt->reply, err);
}

bool
mysql_try(Run *run, const Step *step, const MysqlText *text, Cost *cost, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Attempt attempt = {.run = run,
                       .step = step,
                       .cost = cost,
                       .mem = scope,
                       .sql = text->sql,
                       .manner = text->manner == NULL ? &as_written : text->manner};

    return try_until(&attempt, err) && attempt_end(&attempt, err);
}

bool
mysql_attempt(Run *run, const Step *step, Cost *cost, const Manner **manner, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Attempt attempt = {.run = run, .step = step, .cost = cost, .mem = scope};

    if (!ways_try(&attempt, step->sql[0].text, err) || !attempt_end(&attempt, err))
        return false;
    *manner = attempt.manner;
    return true;
}
