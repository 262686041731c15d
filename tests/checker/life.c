/*
 * The life of one migration, at the hands of an operator who has a bad day: the program
 * is killed, stopped or cut off at moments drawn from the seed, and run again.
 */
#include "checker/checker.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
    FAULTS_MOST = 64,
    PATIENCE = 60 /* tries of one verb in a round */
};

static char faults[FAULTS_MOST][40];
static uint32_t fault_count;

/* How a run of the program is spoiled. */
typedef enum Death
{
    DEATH_NONE,
    DEATH_KILL,      /* SIGKILL after a while */
    DEATH_FAULT,     /* at a named point */
    DEATH_STOP,      /* SIGINT after a while: a clean stop */
    DEATH_TERMINATE, /* the server ends its sessions after a while */
    DEATH_COUNT
} Death;

typedef struct Life
{
    Round *round;
    Random *random;
    PGconn *connection;
    Death death;
    uint32_t after_ms;
    const char *fault;
} Life;

static const char *
program(void)
{
    const char *path = getenv("PGSTRIDE");

    return path != NULL ? path : "build/pgstride-faults";
}

bool
life_faults(void)
{
    char command[300], text[200];
    FILE *list;

    snprintf(command, sizeof(command), "%s --list-faults", program());
    list = popen(command, "r");
    while (list != NULL && fault_count < FAULTS_MOST &&
           fgets(text, sizeof(text), list) != NULL)
        if (sscanf(text, "%39[a-z_]", faults[fault_count]) == 1)
            fault_count++;
    return list != NULL && pclose(list) == 0 && fault_count > 0;
}

/* --- one run of the program ------------------------------------------------------ */

static pid_t
program_start(const Life *life, const char *verb)
{
    pid_t child = fork();

    if (child != 0)
        return child;

    int log = open("checker.log", O_WRONLY | O_CREAT | O_APPEND, 0644);
    char fault[64];

    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    dprintf(log, "-- %s\n", verb);
    if (life->death == DEATH_FAULT)
    {
        snprintf(fault, sizeof(fault), "%s:%u", life->fault, 1 + life->after_ms % 4);
        setenv("PGSTRIDE_FAULT", fault, 1);
    }
    execlp(program(), program(), verb, "--dir", "migrations", "--yes",
           "--lock-patience", "60s", (char *)NULL);
    _exit(127);
}

static bool
answer_is(PGconn *connection, const char *query, const char *answer)
{
    PGresult *result = PQexec(connection, query);
    bool is = PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1 &&
              strcmp(PQgetvalue(result, 0, 0), answer) == 0;

    PQclear(result);
    return is;
}

static void
spoil(const Life *life, pid_t child)
{
    if (life->death == DEATH_KILL)
        kill(child, SIGKILL);
    else if (life->death == DEATH_STOP)
        kill(child, SIGINT);
    else if (life->death == DEATH_TERMINATE)
        answer_is(life->connection,
                  "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                  " WHERE application_name LIKE 'pgstride%'",
                  "");
}

/* New code is deployed when no statement of the last code that used other names runs.
 */
static void
deploy(Round *round, Era era)
{
    pthread_rwlock_wrlock(&round->new_names);
    atomic_store(&round->era, era);
    pthread_rwlock_unlock(&round->new_names);
}

/* As soon as expand has committed, new code may arrive, while the sweep runs. */
static void
watch_expand(const Life *life)
{
    if (atomic_load(&life->round->era) == ERA_OLD &&
        answer_is(life->connection,
                  "SELECT count(*) FROM pg_trigger WHERE tgenabled = 'A'"
                  " AND tgrelid = 'public.identities'::regclass",
                  "1"))
        deploy(life->round, ERA_BOTH);
}

/* The exit status; -1 when it was killed. */
static int
program_run(const Life *life, const char *verb, bool expands)
{
    pid_t child = program_start(life, verb);
    bool spoiled = life->death == DEATH_NONE || life->death == DEATH_FAULT;
    int status = 0;

    for (uint32_t ms = 0; waitpid(child, &status, WNOHANG) == 0; ms += 2)
    {
        if (!spoiled && ms >= life->after_ms)
        {
            spoil(life, child);
            spoiled = true;
        }
        if (expands && ms % 20 == 0)
            watch_expand(life);
        rest_ms(2);
    }
    if (expands)
        watch_expand(life);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* --- a verb, as often as it takes ------------------------------------------------ */

static Death
death_draw(Life *life)
{
    life->after_ms = random_below(life->random, 40) * random_below(life->random, 40);
    if (fault_count > 0)
        life->fault = faults[random_below(life->random, fault_count)];
    life->death = (Death)random_below(life->random, DEATH_COUNT);
    if (life->death == DEATH_FAULT && fault_count == 0)
        life->death = DEATH_KILL;
    return life->death;
}

/* What an operator may meet and answer with the same command again: lock not obtained
 * or refused for now, connection cut, stopped. Spoiled runs may end as they are meant
 * to; a program that does not listen yet dies of SIGINT. */
static bool
status_expected(const Life *life, int status)
{
    if (life->death == DEATH_KILL || life->death == DEATH_FAULT)
        return status == -1 || status == 0 || status == 4 || status == 5;
    if (life->death == DEATH_TERMINATE)
        return status == 6 || status == 1 || status == 0 || status == 4 || status == 5;
    if (life->death == DEATH_STOP)
        return status == 75 || status == 0 || status == 4 || status == 5 ||
               status == -1;
    return status == 0 || status == 4 || status == 5;
}

/* Spoiled `spoils` times, then left alone until it says that it is done. */
static bool
verb_run(Life *life, const char *verb, uint32_t spoils)
{
    static const char *const death_names[] = {"", " killed", " killed at ", " stopped",
                                              " cut off"};
    bool expands = strcmp(verb, "up") == 0;
    int status = -1;

    round_tell(life->round, "%s%s", life->round->story[0] != '\0' ? ", " : "", verb);
    for (int try = 0; try < PATIENCE && life->round->complaints == 0; try++)
    {
        Death death = spoils > 0 ? death_draw(life) : (life->death = DEATH_NONE);

        status = program_run(life, verb, expands);
        if (death != DEATH_NONE && status != 0)
            round_tell(life->round, "%s%s", death_names[death],
                       death == DEATH_FAULT ? life->fault : "");
        if (!status_expected(life, status))
            round_complain(life->round, "pgstride %s ended with status %d", verb,
                           status);
        if (status == 0)
            return true;
        spoils -= spoils > 0;
        rest_ms(status > 0 ? 150 : 0);
    }
    round_complain(life->round, "pgstride %s did not succeed, last status %d", verb,
                   status);
    return false;
}

static bool
life_up(Life *life, uint32_t spoils)
{
    if (!verb_run(life, "up", spoils))
        return false;
    atomic_store(&life->round->backfilled, true);
    rest_ms(300);
    return true;
}

/* The new column goes away: code that names it goes first. */
static bool
life_down(Life *life, uint32_t spoils)
{
    atomic_store(&life->round->backfilled, false);
    deploy(life->round, ERA_CLOSING);
    if (!verb_run(life, "down", spoils))
        return false;
    atomic_fetch_add(&life->round->aborts, 1);
    deploy(life->round, ERA_OLD);
    rest_ms(100);
    return true;
}

static bool
life_contract(Life *life, uint32_t spoils)
{
    atomic_store(&life->round->backfilled, false);
    deploy(life->round, ERA_CLOSING);
    if (!verb_run(life, "contract", spoils))
        return false;
    deploy(life->round, ERA_CONTRACTED);
    rest_ms(300);
    return true;
}

/* An `up` that is killed once and abandoned, wherever it was. */
static void
life_begin(Life *life)
{
    life->death = DEATH_KILL;
    life->after_ms = 20 + random_below(life->random, 1500);
    round_tell(life->round, "up killed at %u ms", life->after_ms);

    int status = program_run(life, "up", true);

    if (!status_expected(life, status))
        round_complain(life->round, "pgstride up ended with status %d", status);
}

void
life_run(Round *round, Random *random, PGconn *connection)
{
    Life life = {.round = round, .random = random, .connection = connection};
    bool good = true;

    rest_ms(150);
    if (random_below(random, 3) == 0)
    {
        life_begin(&life);
        good = life_down(&life, random_below(random, 3));
    }
    good = good && life_up(&life, 1 + random_below(random, 4));
    if (good && random_below(random, 4) == 0)
        good = life_down(&life, random_below(random, 2)) &&
               (random_below(random, 2) == 0 || life_up(&life, 1));
    if (good && atomic_load(&round->era) != ERA_OLD)
        life_contract(&life, random_below(random, 4));
}
