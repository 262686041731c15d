/*
 * checker [--rounds N] [--seconds S] [--seed N]: plays rounds and judges them.
 *
 * libpq's environment names a private server; PGSTRIDE the program to drive (default
 * build/pgstride-faults). Runs in a scratch directory of its own making under TMPDIR.
 * One "ok" or "not ok" line a round; CHECKER_SEED=N, as a failure prints it, plays
 * that round again.
 */
#include "checker/checker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define EXPAND(type)                                                                   \
    "-- migrate:expand\n"                                                              \
    "ALTER TABLE public.identities ADD COLUMN new_email " type ";\n\n"
#define CONTRACT                                                                       \
    "\n-- migrate:contract\n"                                                          \
    "ALTER TABLE public.identities ALTER COLUMN new_email SET NOT NULL;\n"             \
    "ALTER TABLE public.identities DROP COLUMN email;\n"                               \
    "ALTER TABLE public.identities RENAME COLUMN new_email TO email;\n\n"              \
    "-- migrate:down expand\n"                                                         \
    "ALTER TABLE public.identities DROP COLUMN new_email;\n"

#define COPY                                                                           \
    EXPAND("text")                                                                     \
    "-- migrate:backfill sync:both batch-time:20ms\n"                                  \
    "UPDATE public.identities SET new_email = email"                                   \
    " WHERE new_email IS NULL;\n" CONTRACT

static const char *const parts[] = {
    "CREATE TABLE public.identities_0 PARTITION OF public.identities"
    " FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
    "CREATE TABLE public.identities_1 PARTITION OF public.identities"
    " FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
    NULL};

static const char *const children[] = {"CREATE TABLE public.identities_old (PRIMARY "
                                       "KEY (id)) INHERITS (public.identities)",
                                       NULL};

static const Variant variants[] = {
    {.name = "copy", .migration = COPY, .fill = "email"},
    {.name = "other type",
     .migration =
         EXPAND("varchar(60)") "-- migrate:backfill sync:both batch-time:20ms\n"
                               "UPDATE public.identities SET new_email = email"
                               " WHERE new_email IS NULL;\n" CONTRACT,
     .fill = "email"},
    {.name = "expression",
     .migration = EXPAND("text") "-- migrate:backfill sync:both batch-time:20ms"
                                 " reverse:\"email = new_email\"\n"
                                 "UPDATE public.identities SET new_email = lower(email)"
                                 " WHERE new_email IS NULL;\n" CONTRACT,
     .fill = "lower(email)",
     .lowers = true},
    {.name = "partitions",
     .migration = COPY,
     .fill = "email",
     .partition = "PARTITION BY HASH (id)",
     .tree = parts},
    {.name = "children", .migration = COPY, .fill = "email", .tree = children},
};

static Writer writers[WRITERS];

static bool
migration_write(const Variant *variant)
{
    FILE *file;

    mkdir("migrations", 0755);
    remove("checker.log");
    file = fopen("migrations/20260515_split_email.sql", "w");
    return file != NULL && fputs(variant->migration, file) >= 0 && fclose(file) == 0;
}

/* Writers stop before they are judged: each compares its rows with what it knows. */
static void
round_live(Round *round, Random *random, PGconn *connection)
{
    pthread_t audit;

    for (int i = 0; i < WRITERS; i++)
    {
        writers[i] = (Writer){.round = round, .number = i + 1};
        writers[i].random = random_from(round->seed * 100 + (uint64_t)i);
        pthread_create(&writers[i].thread, NULL, writer_live, &writers[i]);
    }
    pthread_create(&audit, NULL, audit_live, round);
    life_run(round, random, connection);
    atomic_store(&round->stopping, true);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writers[i].thread, NULL);
    pthread_join(audit, NULL);
}

static void
round_log(void)
{
    if (system("tail -n 40 checker.log | sed 's/^/   | /'") != 0)
        puts("   | no log of pgstride");
}

static bool
round_verdict(const Round *round)
{
    long writes = 0, retries = 0;

    for (int i = 0; i < WRITERS; i++)
    {
        writes += writers[i].writes;
        retries += writers[i].retries;
    }
    printf("%s checker, %s, seed %llu: %s: %ld statements, %ld retries\n",
           round->complaints == 0 ? "ok" : "not ok", round->variant->name,
           (unsigned long long)round->seed, round->story, writes, retries);
    for (int i = 0; i < round->complaints && i < COMPLAINTS_MOST; i++)
        printf("   %s\n", round->complaint[i]);
    if (round->complaints > 0)
    {
        printf("   %d complaints; again with CHECKER_SEED=%llu\n", round->complaints,
               (unsigned long long)round->seed);
        round_log();
    }
    fflush(stdout);
    return round->complaints == 0;
}

static bool
round_play(uint64_t seed)
{
    static Round round;
    Random random = random_from(seed);
    pthread_rwlockattr_t fair;

    memset(&round, 0, sizeof(round));
    round.seed = seed;
    round.variant = &variants[seed % (sizeof(variants) / sizeof(variants[0]))];
    memset(writers, 0, sizeof(writers));
    pthread_mutex_init(&round.complaining, NULL);
    pthread_rwlockattr_init(&fair);
    pthread_rwlockattr_setkind_np(&fair, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&round.new_names, &fair);

    PGconn *connection = round_connect(&round, "judge");

    if (connection != NULL && migration_write(round.variant) &&
        audit_setup(&round, connection))
    {
        round_live(&round, &random, connection);
        audit_end(&round, connection);
    }
    else
        round_complain(&round, "the round could not be set up");
    PQfinish(connection);
    return round_verdict(&round);
}

static uint64_t
option(int count, char **words, const char *name, uint64_t otherwise)
{
    for (int i = 1; i + 1 < count; i++)
        if (strcmp(words[i], name) == 0)
            return strtoull(words[i + 1], NULL, 10);
    return otherwise;
}

int
main(int count, char **words)
{
    const char *again = getenv("CHECKER_SEED");
    uint64_t rounds = option(count, words, "--rounds", 1);
    uint64_t seconds = option(count, words, "--seconds", 600);
    uint64_t seed = option(count, words, "--seed", (uint64_t)time(NULL));
    time_t end = time(NULL) + (time_t)seconds;
    bool good = true;

    if (again != NULL)
    {
        seed = strtoull(again, NULL, 10);
        rounds = 1;
    }
    if (!life_faults())
    {
        puts("not ok checker: the program does not list its faults");
        return EXIT_FAILURE;
    }
    for (uint64_t i = 0; i < rounds && time(NULL) < end; i++)
        good = round_play(seed + i) && good;
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
