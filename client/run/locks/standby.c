#include "run/locks/standby.h"

#include <string.h>

#include "run/connect/system.h"
#include "run/tell.h"

/* Longer than that nobody waits for what is only a look. */
#define ANSWER_MS 2000

static bool
standby_connect(Run *run, Standby *standby, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const SessionPlan plan = {
        .role = "standby",
        .application = mem_text(scope, "pgstride %.20s %.20s (standby)",
                                run->settings->verb, run->settings->component),
        .connect_timeout = standby->away ? ANSWER_MS : run->settings->connect_timeout,
    };

    if (run->driver->open(run->mem, standby->target, &plan, &standby->db, err))
        return true;
    standby->db = NULL;
    return false;
}

static void
standby_hang_up(Run *run, Standby *standby)
{
    if (standby->db != NULL)
        run->driver->close(standby->db);
    standby->db = NULL;
}

/* --- at the start ---------------------------------------------------------------- */

static bool
standby_is_of(Run *run, Standby *standby, const System *primary, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const char *shown = standby->target->shown;
    System system;
    Rows rows;

    if (!system_ask(scope, standby->db, &system, err) ||
        !db_query(scope, standby->db, "server_name", NO_ARGS, &rows, err))
        return false;
    if (rows_cell(&rows, 0, "name") != NULL)
        standby->name = mem_copy(run->mem, rows_cell(&rows, 0, "name"));
    if (run->caps->replicas_apart)
        return system.identifier == NULL || primary->identifier == NULL ||
               strcmp(system.identifier, primary->identifier) != 0 ||
               err_set(err, ERR_REFUSED, "--standby %s is the server to migrate itself",
                       shown);
    if (!standby->db->caps->in_recovery)
        return err_set(err, ERR_REFUSED, "--standby %s is no standby: it takes writes",
                       shown);
    if (system.identifier != NULL && primary->identifier != NULL &&
        strcmp(system.identifier, primary->identifier) != 0)
        return err_set(err, ERR_REFUSED,
                       "--standby %s is a standby of another server than the database "
                       "to migrate",
                       shown);
    return true;
}

static bool
standby_meet(Run *run, Standby *standby, const System *primary, Err *err)
{
    return standby_connect(run, standby, err) &&
           standby_is_of(run, standby, primary, err);
}

bool
standbys_open(Run *run, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const Settings *settings = run->settings;
    System primary;

    if (settings->standby_count == 0)
        return true;
    if (!system_ask(scope, run->watcher, &primary, err))
        return false;
    run->standbys = mem_array(run->mem, Standby, settings->standby_count);
    for (int i = 0; i < settings->standby_count; i++)
    {
        Standby *standby = &run->standbys[run->standby_count++];

        *standby = (Standby){.target = &settings->standbys[i],
                             .name = settings->standbys[i].shown,
                             .answered_ms = clock_now(run->clock)};
        if (standby_meet(run, standby, &primary, err))
            continue;
        if (!settings->examines || standby->db != NULL)
            return err_in(err, "while asking standby %s", standby->target->shown);
        err_clear(err); /* that it does not answer is worth knowing */
    }
    return true;
}

void
standbys_close(Run *run)
{
    for (int i = 0; i < run->standby_count; i++)
        standby_hang_up(run, &run->standbys[i]);
}

/* --- later ----------------------------------------------------------------------- */

/* A server that hangs must not hang us: no statement of ours on it may block. */
static bool
answer_take(Run *run, Mem *mem, Standby *standby, const Ask *ask, Rows *rows)
{
    const Ask asked = {.label = ask->label,
                       .sql = run->driver->query(standby->db, ask->label),
                       .args = ask->args,
                       .arg_count = ask->arg_count};
    const Script script = {.asks = &asked, .count = 1};
    double until = clock_now(run->clock) + ANSWER_MS;
    Err ignored = {0};
    Reply reply;
    bool sent = run->driver->start(standby->db, &script, &ignored);

    err_clear(&ignored);
    standby->denied = NULL;
    if (!sent || run->driver->wait(&standby->db, 1, until, -1) != 0)
        return false;
    run->driver->finish(standby->db, mem, &reply);
    if (reply.outcome == DB_FAILED && strcmp(reply.sqlstate, "42501") == 0)
        standby->denied = mem_copy(run->mem, reply.message);
    if (reply.outcome != DB_DONE || reply.row_count != 1)
        return false;
    *rows = reply.rows[0];
    return true;
}

static void
tell_away(Run *run, Standby *standby, bool away)
{
    if (away && !standby->away)
        tell_note(run, EVENT_WARNING,
                  "standby \"%s\" does not answer: %s, or until you leave out its "
                  "--standby",
                  standby->name,
                  run->caps->replicas_apart
                      ? "backfills rest until it is known how far it is behind, and "
                        "changes of tables wait until it is known who reads there"
                      : "strong locks wait until it is known who reads there");
    if (!away && standby->away)
        tell_note(run, EVENT_NOTE, "standby \"%s\" answers again", standby->name);
    standby->away = away;
}

bool
standby_ask(Run *run, Mem *mem, Standby *standby, const Ask *ask, Rows *rows)
{
    Err ignored = {0};
    bool there = standby->db != NULL || standby_connect(run, standby, &ignored);

    err_clear(&ignored);
    there = there && answer_take(run, mem, standby, ask, rows);
    if (there)
        standby->answered_ms = clock_now(run->clock);
    else if (standby->denied == NULL)
        standby_hang_up(run, standby);
    tell_away(run, standby, !there && standby->denied == NULL);
    return there;
}

bool
standby_denied(const Run *run, const Standby *standby, Err *err)
{
    err_set(err, ERR_CONNECT, "standby \"%s\" does not let this account look: %s",
            standby->name, standby->denied);
    return err_hint(err, "There, GRANT %s; or leave out its --standby.",
                    run->caps->replicas_apart
                        ? "PROCESS ON *.*, and SELECT ON performance_schema.* and on "
                          "this database"
                        : "pg_monitor");
}
