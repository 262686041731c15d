#include "checker/checker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* NULL after a complaint, or after the one failure that §17 of the promise excepts: a
 * REPEATABLE READ transaction that meets a batch. */
PGresult *
writer_ask(Writer *writer, const char *sql, const char *const *values)
{
    int count = 0;

    while (values != NULL && values[count] != NULL)
        count++;

    PGresult *result = count == 0 ? PQexec(writer->connection, sql)
                                  : PQexecParams(writer->connection, sql, count, NULL,
                                                 values, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(result);
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return result;
    writer->broken = true;
    if (writer->repeatable && state != NULL && strcmp(state, "40001") == 0)
        writer->retries++;
    else
        round_complain(writer->round, "writer %d: %.120s: %s", writer->number, sql,
                       PQerrorMessage(writer->connection));
    PQclear(result);
    return NULL;
}

/* rows: how many it must affect, or -1. The row is the writer's own: were it not there,
 * somebody lost it. */
bool
writer_say(Writer *writer, int rows, const char *sql, const char *const *values)
{
    PGresult *result = writer_ask(writer, sql, values);

    if (result == NULL)
        return false;

    long affected = strtol(PQcmdTuples(result), NULL, 10);

    if (rows >= 0 && affected != rows)
        round_complain(writer->round, "writer %d: %.120s: met %ld rows, must be %d",
                       writer->number, sql, affected, rows);
    PQclear(result);
    writer->writes++;
    return true;
}

static const Row *
row_of(const Writer *writer, long id)
{
    for (int i = 0; i < ROWS; i++)
        if (writer->rows[i].alive && writer->rows[i].id == id)
            return &writer->rows[i];
    return NULL;
}

static void
verify_row(Writer *writer, const PGresult *result, int at)
{
    const Row *row = row_of(writer, strtol(PQgetvalue(result, at, 0), NULL, 10));
    const char *email = PQgetvalue(result, at, 1);
    const char *fresh = PQnfields(result) > 3 ? PQgetvalue(result, at, 3) : "";
    long touched = strtol(PQgetvalue(result, at, 2), NULL, 10);

    if (row == NULL)
        round_complain(writer->round, "writer %d: row %s should not be there",
                       writer->number, PQgetvalue(result, at, 0));
    else if (!model_accepts(row, writer->era, email, fresh) || touched != row->touched)
        round_complain(writer->round,
                       "writer %d: row %ld is (%s, %s, %ld), must be (%s, %s, %d)%s",
                       writer->number, row->id, email, fresh, touched, row->email,
                       row->fresh, row->touched, row->filled ? " filled" : "");
}

void
writer_verify(Writer *writer)
{
    char owner[VALUE];
    const char *values[] = {owner, NULL};
    int alive = 0;

    model_follow(writer);
    snprintf(owner, sizeof(owner), "%d", writer->number);

    PGresult *result = writer_ask(
        writer,
        writer->era == ERA_BOTH
            ? "SELECT id, email, touched, new_email FROM public.identities"
              " WHERE writer = $1"
            : "SELECT id, email, touched FROM public.identities WHERE writer = $1",
        values);

    for (int i = 0; i < ROWS; i++)
        alive += writer->rows[i].alive;
    if (result != NULL && PQntuples(result) != alive)
        round_complain(writer->round, "writer %d: has %d rows, must be %d",
                       writer->number, PQntuples(result), alive);
    for (int i = 0; result != NULL && i < PQntuples(result); i++)
        verify_row(writer, result, i);
    PQclear(result);
}

void *
writer_live(void *argument)
{
    Writer *writer = argument;

    writer->connection = round_connect(writer->round, "application");
    writer->next_id = writer->number * 1000000L;
    if (writer->connection == NULL)
        return NULL;
    while (!atomic_load(&writer->round->stopping))
    {
        statement_any(writer);
        writer->broken = false;
        rest_ms((int)random_below(&writer->random, 6));
    }
    writer_verify(writer);
    PQfinish(writer->connection);
    return NULL;
}
