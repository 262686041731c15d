/*
 * What came back over the wire, as the driver's answer: rows, which statement failed
 * and why, or that nobody can know. libpq's results go with the answer; the wire keeps
 * those that are not in it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "db/postgres/postgres.h"

typedef struct KeptResult
{
    PGresult *result;
} KeptResult;

static int
result_clear(KeptResult *kept)
{
    PQclear(kept->result);
    return 0;
}

/* The cells are libpq's own, which lives as long as the answer does. */
static Rows
rows_take(Mem *mem, PGresult *result, const char *label)
{
    KeptResult *kept = mem_new(mem, KeptResult);
    Rows rows = {
        .label = mem_copy(mem, label),
        .column_count = PQnfields(result),
        .row_count = PQntuples(result),
    };
    int cells = rows.column_count * rows.row_count;

    kept->result = result;
    talloc_set_destructor(kept, result_clear);
    rows.names = mem_array(mem, const char *, rows.column_count);
    rows.cells = mem_array(mem, const char *, cells);
    for (int i = 0; i < rows.column_count; i++)
        rows.names[i] = PQfname(result, i);
    for (int i = 0; i < cells; i++)
    {
        int row = i / rows.column_count;
        int column = i % rows.column_count;

        if (!PQgetisnull(result, row, column))
            rows.cells[i] = PQgetvalue(result, row, column);
    }
    rows.affected = strtoll(PQcmdTuples(result), NULL, 10);
    return rows;
}

/*
 * Which statement an error is about. The position, where there is one, is certain: a
 * syntax error stops the whole message before its first statement ran.
 */
static void
reply_locate(Reply *reply, const Talk *talk, const PGresult *error)
{
    const char *field = PQresultErrorField(error, PG_DIAG_STATEMENT_POSITION);
    int position = field == NULL ? 0 : (int)strtol(field, NULL, 10);

    reply->failed_at =
        reply->row_count < talk->count ? reply->row_count : talk->count - 1;
    for (int i = 0; position > 0 && i < talk->count; i++)
        if (position > talk->starts[i])
        {
            reply->failed_at = i;
            reply->position = position - talk->starts[i];
        }
}

static void
reply_fail(Mem *mem, Reply *reply, const Postgres *pg, const PGresult *error)
{
    const char *sqlstate = PQresultErrorField(error, PG_DIAG_SQLSTATE);
    const char *primary = PQresultErrorField(error, PG_DIAG_MESSAGE_PRIMARY);

    reply_locate(reply, &pg->talk, error);
    reply->outcome = DB_FAILED;
    if (sqlstate != NULL)
        memcpy(reply->sqlstate, sqlstate, sizeof(reply->sqlstate));
    if (primary == NULL)
        primary = "no message came";
    /* The server calls our own refusal a cancel, and a cancel means: try again. */
    if (strstr(primary, WIRE_COPY_REFUSED) != NULL)
        memcpy(reply->sqlstate, "0A000", sizeof(reply->sqlstate));
    reply->message = secret_scrub(mem, primary);
    reply->detail =
        secret_scrub(mem, PQresultErrorField(error, PG_DIAG_MESSAGE_DETAIL));
    reply->context = secret_scrub(mem, PQresultErrorField(error, PG_DIAG_CONTEXT));
    reply->hint = secret_scrub(mem, PQresultErrorField(error, PG_DIAG_MESSAGE_HINT));
    if (reply->hint == NULL)
        reply->hint = hint_for(mem, reply->sqlstate, reply->message, pg->user);
}

/*
 * The connection died under the script. A FATAL of the server says why; whether it came
 * before or after a COMMIT took effect, nobody here can know.
 */
static void
reply_lose(Mem *mem, Reply *reply, const Postgres *pg)
{
    reply->outcome = DB_LOST;
    if (reply->message == NULL || reply->sqlstate[0] == '\0')
        reply->message =
            mem_text(mem, "the connection is gone: %s", wire_complaint(mem, pg->conn));
    else
        reply->message =
            mem_text(mem, "the server ended the connection: %s", reply->message);
}

void
wire_reply(Mem *mem, Reply *reply, Postgres *pg)
{
    Talk *talk = &pg->talk;

    reply->rows = mem_array(mem, Rows, talk->results.count);
    for (int i = 0; i < talk->results.count; i++)
    {
        PGresult *result = talk->results.items[i];
        ExecStatusType status = PQresultStatus(result);
        bool good = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK ||
                    status == PGRES_EMPTY_QUERY;
        int at = reply->row_count < talk->count ? reply->row_count : talk->count - 1;

        if (good)
        {
            reply->committed |= strcmp(PQcmdStatus(result), "COMMIT") == 0;
            reply->rows[reply->row_count++] = rows_take(mem, result, talk->labels[at]);
            talk->results.items[i] = NULL;
        }
        else if (reply->outcome == DB_DONE)
            reply_fail(mem, reply, pg, result);
    }
    if (PQstatus(pg->conn) == CONNECTION_BAD && !talk->rolls_back)
        reply_lose(mem, reply, pg);
    reply->took_ms = talk->answered_ms - talk->started_ms;
}
