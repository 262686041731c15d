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
#include "run/failure.h"
#include "run/tell.h"

enum
{
    QUEUE_S = 1,   /* for the lock, where NOWAIT is not to be had */
    LOOK_MS = 250, /* at a build under way */
    REST_MS = 50,
    REST_MOST_MS = 2000
};

typedef struct Attempt
{
    Run *run;
    const Step *step;
    Cost *cost;
    const Manner *manner;
    const char *sql;
    bool (*mend)(Run *run, const Step *step, Err *err);
    Reply reply;
    double took_ms; /* the last try */
    Mem *mem;
    char *told; /* the holder that was told last */
} Attempt;

/* What was seen of a build under way. */
typedef struct Sight
{
    double began_ms;
    double free_ms; /* when it was last seen not to wait */
    bool worked;
    bool waits;
} Sight;

/* --- what is told ---------------------------------------------------------------- */

/* Is it another one than was told last? */
static bool
is_news(Attempt *attempt, const char *who)
{
    if (attempt->told != NULL && strncmp(attempt->told, who, 24) == 0)
        return false;
    attempt->told = mem_copy(attempt->mem, who);
    return true;
}

static const char *
table_of(const Attempt *attempt)
{
    return attempt->step->table.name == NULL ? "?" : attempt->step->table.name;
}

static const char *
holder_shown(Attempt *attempt)
{
    return mysql_holder_shown(attempt->run, attempt->mem, &attempt->step->table);
}

static void
tell_holder(Attempt *attempt, const char *who)
{
    if (is_news(attempt, who))
        tell_note(attempt->run, EVENT_NOTE, "waiting for table \"%s\", in use by %s",
                  table_of(attempt), who);
}

static void
tell_end_holder(Attempt *attempt)
{
    const char *who = holder_shown(attempt);

    if (is_news(attempt, who))
        tell_note(attempt->run, EVENT_NOTE,
                  "the end of it waits for table \"%s\", in use by %s; others wait "
                  "behind it, for up to %d s",
                  table_of(attempt), who, MYSQL_END_QUEUE_S);
}

static void
tell_lost_work(Attempt *attempt)
{
    tell_note(attempt->run, EVENT_NOTE,
              "table \"%s\" was not to be had for the end of it: the work of %s is "
              "lost, and done again",
              table_of(attempt), duration_show(attempt->mem, attempt->took_ms));
    attempt->told = NULL;
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

/* What it does just now; "": nobody knows. */
static const char *
state_look(Attempt *attempt, Mem *mem)
{
    Run *run = attempt->run;
    Rows rows;
    Err err = {0};
    bool seen = db_query(
        mem, run->watcher, "session_state",
        ARGS(mem_text(mem, "%lld", (long long)run->driver->backend_id(run->worker))),
        &rows, &err);

    err_clear(&err);
    return !seen || rows.row_count == 0 ? "" : rows_cell(&rows, 0, "state");
}

static void
queued(Attempt *attempt, double since_ms)
{
    double waited = clock_now(&clock_real) - since_ms;

    if (attempt->cost->queued_ms < waited)
        attempt->cost->queued_ms = waited;
}

/* Did it wait at its start, before any work was seen, for as long as others may be kept
 * waiting behind it? */
static bool
waits_too_long(Attempt *attempt, Sight *sight)
{
    MEM_SCOPE(scope, attempt->mem);
    const char *state = state_look(attempt, scope);
    double now = clock_now(&clock_real);

    sight->waits = strstr(state, "metadata lock") != NULL;
    if (!sight->waits)
    {
        sight->worked |= state[0] != '\0';
        sight->free_ms = now;
        return false;
    }
    queued(attempt, sight->free_ms);
    if (sight->worked)
        tell_end_holder(attempt);
    return !sight->worked && now - sight->began_ms > QUEUE_S * 1000.0;
}

/* While it runs: at its start nobody waits behind us for more than a second, at its end
 * the work of hours is worth ten. Ctrl-C ends it on the server too. */
static bool
watch_over(Attempt *attempt, Sight *sight, bool *gave_way, Err *err)
{
    Run *run = attempt->run;
    bool asked = false;

    while (run->driver->wait(&run->worker, 1, clock_now(&clock_real) + LOOK_MS,
                             asked ? -1 : stop_fd()) != 0)
    {
        if (asked)
            continue;
        *gave_way = !attempt->manner->instant && waits_too_long(attempt, sight);
        asked = stop_asked() || *gave_way;
        if (asked && !cancel(attempt, err))
            return false;
    }
    if (sight->waits)
        queued(attempt, sight->free_ms);
    return true;
}

/* True: answered, one way or the other. */
static bool
try_once(Attempt *attempt, bool *busy, Err *err)
{
    Run *run = attempt->run;
    const Ask ask = {.label = "ddl", .sql = attempt->sql};
    int seconds = !attempt->manner->instant ? MYSQL_END_QUEUE_S
                  : run->caps->lock_nowait  ? 0
                                            : QUEUE_S;
    double began = clock_now(run->clock);
    Sight sight = {.began_ms = clock_now(&clock_real),
                   .free_ms = clock_now(&clock_real)};
    bool gave_way = false;

    *busy = false;
    attempt->cost->tries++;
    if (!limit_set(attempt, seconds, err) ||
        !run->driver->start(run->worker, &(Script){&ask, 1}, err))
        return false;
    fault_point(FAULT_alone_sent);

    bool watched = watch_over(attempt, &sight, &gave_way, err);

    run->driver->finish(run->worker, attempt->mem, &attempt->reply);
    attempt->took_ms = clock_now(run->clock) - began;
    if (!watched)
        return false;
    if (attempt->reply.outcome == DB_LOST)
        return db_reply_err(&attempt->reply, &ask, err);
    *busy = strcmp(attempt->reply.sqlstate, "55P03") == 0 || gave_way;
    if (*busy && attempt->manner->instant)
        queued(attempt, sight.began_ms);
    if (*busy && sight.worked)
        tell_lost_work(attempt);
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
    int tries = attempt->cost->tries;

    err_set(err, ERR_BUSY, "table \"%s\" was not to be had within %s, in %d %s",
            table_of(attempt),
            duration_exact(attempt->mem, attempt->run->settings->lock_patience), tries,
            tries == 1 ? "try" : "tries");
    err_detail(err, "held by %s", who);
    return err_hint(err, "Run it again when that has ended, give it longer with "
                         "--lock-patience, or end it: KILL session.");
}

/* Tries with rests, in which others pass; none while somebody has had the table for a
 * while: here, where that can be seen, and on a replica, where nobody gives up. */
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

        if (!mysql_holder(run, attempt->mem, &attempt->step->table, &who, err) ||
            (who == NULL && !try_once(attempt, &busy, err)))
            return false;
        if (who == NULL && (attempt->reply.outcome == DB_DONE || !busy))
            return true;
        if (who == NULL && attempt->mend != NULL &&
            !attempt->mend(run, attempt->step, err))
            return false;
        if (who == NULL)
            who = holder_shown(attempt);
        tell_holder(attempt, who);
        if (stop_asked())
            return stopped(err);
        if (clock_now(run->clock) >= until)
            return out_of_patience(attempt, who, err);
        clock_rest(run->clock, rest);
        attempt->cost->waited_ms += (double)rest;
        rest = rest < REST_MOST_MS ? rest * 2 : REST_MOST_MS;
    }
}

/* --- which way ------------------------------------------------------------------- */

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
    attempt->manner = mysql_manner_written(text);
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
        const Manner *manner = attempt->manner;
        bool held = (manner->instant && !manner->unseen) || manner->blocks_writers;

        cost->held_ms = held ? attempt->took_ms : 0;
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
                       .mend = text->mend,
                       .manner = text->manner == NULL ? mysql_manner_written(text->sql)
                                                      : text->manner};

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
