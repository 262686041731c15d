/*
 * What applications do in more than one statement: the model is rolled back with them.
 */
#include "checker/checker.h"

#include <stdio.h>
#include <string.h>

/* Mostly well below the stall budget, so that strong locks are to be had; not always.
 */
static void
think(Writer *writer)
{
    bool long_one = random_below(&writer->random, 30) == 0;

    rest_ms((int)random_below(&writer->random, long_one ? 400 : 20));
}

static void
transaction(Writer *writer, const char *begin, void (*body)(Writer *))
{
    memcpy(writer->before, writer->rows, sizeof(writer->rows));
    writer_say(writer, -1, begin, NULL);
    body(writer);

    bool kept = !writer->broken && random_below(&writer->random, 8) > 0 &&
                writer_say(writer, -1, "COMMIT", NULL);

    if (kept)
        return;
    writer->broken = false;
    writer_say(writer, -1, "ROLLBACK", NULL);
    memcpy(writer->rows, writer->before, sizeof(writer->rows));
}

static void
savepoint(Writer *writer, void (*body)(Writer *))
{
    memcpy(writer->marked, writer->rows, sizeof(writer->rows));
    if (writer->broken || !writer_say(writer, -1, "SAVEPOINT here", NULL))
        return;
    body(writer);
    if (writer->broken || random_below(&writer->random, 2) == 0)
        return;
    writer_say(writer, -1, "ROLLBACK TO here", NULL);
    memcpy(writer->rows, writer->marked, sizeof(writer->rows));
}

static void
long_old(Writer *writer)
{
    for (int i = 0; i < 3; i++)
    {
        old_statement(writer);
        think(writer);
    }
    savepoint(writer, old_statement);
    old_statement(writer);
}

static void
long_new(Writer *writer)
{
    new_statement(writer);
    think(writer);
    savepoint(writer, new_statement);
    old_statement(writer);
    savepoint(writer, old_statement);
    new_statement(writer);
}

void
transact_old(Writer *writer)
{
    transaction(writer, "BEGIN", long_old);
}

void
transact_new(Writer *writer)
{
    transaction(writer, "BEGIN", long_new);
}

/* A batch that wants the row must go round it, and come back. */
static void
hold_body(Writer *writer)
{
    Row *row = row_alive(writer);
    char id[VALUE];
    const char *values[] = {id, NULL};

    if (row == NULL)
        return;
    snprintf(id, sizeof(id), "%ld", row->id);
    if (!writer_say(writer, 1,
                    "SELECT 1 FROM public.identities WHERE id = $1 FOR UPDATE", values))
        return;
    think(writer);
    write_old(writer, row);
}

/* Rows that nobody writes are the sweep's alone to fill, and it comes when they are
 * locked. A shared lock, so that two such readers are no deadlock of their own. */
static void
hold_cold_body(Writer *writer)
{
    char ids[300] = "", comma = '{';
    const char *values[] = {ids, NULL};
    uint32_t first = random_below(&writer->random, COLD_ROWS);

    for (uint32_t i = 0; i < COLD_HELD; i++, comma = ',')
        snprintf(ids + strlen(ids), sizeof(ids) - strlen(ids), "%c-%u%s", comma,
                 1 + (first + i * 3989) % COLD_ROWS, i + 1 < COLD_HELD ? "" : "}");
    writer_say(writer, COLD_HELD,
               "SELECT 1 FROM public.identities WHERE id = ANY ($1) FOR SHARE", values);
    rest_ms(40 + (int)random_below(&writer->random, 110));
}

void
hold_cold(Writer *writer)
{
    transaction(writer, "BEGIN", hold_cold_body);
}

void
hold_row(Writer *writer)
{
    transaction(writer, "BEGIN", hold_body);
}

static void
repeatable_body(Writer *writer)
{
    read_old(writer);
    rest_ms((int)random_below(&writer->random, 80));
    old_statement(writer);
    old_statement(writer);
}

void
repeatable(Writer *writer)
{
    writer->repeatable = true;
    transaction(writer, "BEGIN ISOLATION LEVEL REPEATABLE READ", repeatable_body);
    writer->repeatable = false;
}

/* As logical apply does: ordinary triggers do not fire. */
void
as_replica(Writer *writer)
{
    transaction(writer, "BEGIN; SET LOCAL session_replication_role = replica",
                old_statement);
}

/* As a client does whose search path finds other functions first. */
void
elsewhere(Writer *writer)
{
    transaction(writer, "BEGIN; SET LOCAL search_path = elsewhere, pg_catalog",
                old_statement);
}
