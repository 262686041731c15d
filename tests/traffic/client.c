#include "traffic/client.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* --- one statement --------------------------------------------------------------- */

/* The name of a prepared statement, or the key of a row. */
typedef struct Text
{
    char text[64];
} Text;

static Text
statement_name(const Mix *code, const char *name)
{
    Text text;

    snprintf(text.text, sizeof(text.text), "%s %s", code->name, name);
    return text;
}

static Text
own_key(const Client *client, int slot)
{
    Text text;

    snprintf(text.text, sizeof(text.text), "traffic %d-%d-%d", (int)getpid(),
             client->number, slot);
    return text;
}

static void
note_failure(Client *client, const char *statement, const PGresult *result)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    Failure failure = {.at_ms = now_ms() - client->shop->started_ms, .count = 1};

    snprintf(failure.sqlstate, sizeof(failure.sqlstate), "%s",
             sqlstate != NULL ? sqlstate : "08006");
    snprintf(failure.message, sizeof(failure.message), "%s",
             message != NULL ? message : "connection lost");
    snprintf(failure.statement, sizeof(failure.statement), "%s", statement);
    client->tallies[client->shop->mark].errors++;
    failure_add(&client->failures, &failure);
}

/* Sends a prepared statement and counts it; NULL when it failed. */
static PGresult *
ask(Client *client, const char *statement, const char *key, const char *email)
{
    const char *values[] = {key, email};
    int count = key == NULL ? 0 : email == NULL ? 1 : 2;
    double start = now_ms();
    PGresult *result =
        PQexecPrepared(client->connection, statement, count, values, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(result);

    tally_add(&client->tallies[client->shop->mark], statement, now_ms() - start);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return result;
    note_failure(client, statement, result);
    PQclear(result);
    return NULL;
}

/* A new address goes into an own row; it is remembered when the server said yes. */
static void
own_write(Client *client, const char *statement, int slot)
{
    OwnRow *row = &client->own[slot];
    char email[64];

    snprintf(email, sizeof(email), "%d.%d.%" PRId64 "@traffic.example", client->number,
             slot, ++client->written);

    PGresult *result = ask(client, statement, own_key(client, slot).text, email);

    if (result == NULL)
        return;
    if (strcmp(PQcmdTuples(result), "1") != 0)
        client->tallies[client->shop->mark].wrong++;
    row->alive = true;
    memcpy(row->email, email, sizeof(row->email));
    PQclear(result);
}

/* Every column read must say what was last written: both sides are level. */
static void
own_read(Client *client, const char *statement, int slot)
{
    Text key = own_key(client, slot);
    PGresult *result = ask(client, statement, key.text, NULL);

    if (result == NULL)
        return;

    bool right = PQntuples(result) == 1;

    for (int i = 0; right && i < PQnfields(result); i++)
        right = strcmp(PQgetvalue(result, 0, i), client->own[slot].email) == 0;
    if (!right && client->tallies[client->shop->mark].wrong++ == 0)
        fprintf(stderr, "traffic: %s of \"%s\" finds %s, wrote %s\n", statement,
                key.text,
                PQntuples(result) == 1 ? PQgetvalue(result, 0, PQnfields(result) - 1)
                                       : "no row",
                client->own[slot].email);
    PQclear(result);
}

static void
own_delete(Client *client, const char *statement, int slot)
{
    PGresult *result = ask(client, statement, own_key(client, slot).text, NULL);

    if (result != NULL)
        client->own[slot].alive = false;
    PQclear(result);
}

static void
any_row(Client *client, const char *statement)
{
    char key[64];

    snprintf(key, sizeof(key), "identity %d",
             1 + (int)(rand_r(&client->seed) % (unsigned)client->shop->rows));
    PQclear(ask(client, statement, key, NULL));
}

static const Statement *
statement_choose(Client *client, const Mix *code)
{
    int total = 0;

    for (const Statement *each = code->statements; each->name != NULL; each++)
        total += each->weight;

    int at = (int)(rand_r(&client->seed) % (unsigned)total);
    const Statement *chosen = code->statements;

    while ((at -= chosen->weight) >= 0)
        chosen++;
    return chosen;
}

static void
one_statement(Client *client, const Mix *code)
{
    const Statement *chosen = statement_choose(client, code);
    int slot = (int)(rand_r(&client->seed) % OWN_ROWS);
    Subject subject = chosen->subject;
    bool own = subject == OWN_READ || subject == OWN_WRITE || subject == OWN_DELETE;
    Text name = statement_name(code, chosen->name);

    if (own && !client->own[slot].alive)
        own_write(client, statement_name(code, "insert").text, slot);
    else if (subject == OWN_READ)
        own_read(client, name.text, slot);
    else if (subject == OWN_WRITE)
        own_write(client, name.text, slot);
    else if (subject == OWN_DELETE)
        own_delete(client, name.text, slot);
    else if (subject == ANY_ROW)
        any_row(client, name.text);
    else
        PQclear(ask(client, name.text, NULL, NULL));
}

/* --- a life ---------------------------------------------------------------------- */

static void
rest_ms(double millis)
{
    struct timespec rest = {.tv_sec = (time_t)(millis / 1000.0),
                            .tv_nsec = (long)(fmod(millis, 1000.0) * 1e6)};

    if (millis > 0)
        nanosleep(&rest, NULL);
}

static void
prepare(Client *client, const Mix *code, const char *name, const char *sql)
{
    Text text = statement_name(code, name);
    PGresult *result = PQprepare(client->connection, text.text, sql, 0, NULL);

    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        note_failure(client, text.text, result);
    PQclear(result);
}

/* A deploy: the new code prepares its own statements, on the connection it finds. */
static void
deploy(Client *client, int mix)
{
    const Mix *code = &mixes[mix];

    if (!client->prepared[mix])
    {
        prepare(client, code, "insert", code->insert);
        for (const Statement *each = code->statements; each->name != NULL; each++)
            prepare(client, code, each->name, each->sql);
        client->prepared[mix] = true;
    }
}

/* After a lost connection; the server may be restarting, which takes its time. */
static void
reconnect(Client *client)
{
    rest_ms(100);
    PQreset(client->connection);
    memset(client->prepared, 0, sizeof(client->prepared));
    for (int i = 0; i < OWN_ROWS; i++)
        client->own[i].alive = false; /* what the last statement did is unknown */
}

void *
client_live(void *argument)
{
    Client *client = argument;
    Shop *shop = client->shop;
    double pause = shop->rate > 0 ? 1000.0 * shop->clients / shop->rate : 0;
    double next = now_ms() + pause * client->number / shop->clients;

    while (!shop->stopping)
    {
        int mix = shop->mix;

        if (PQstatus(client->connection) != CONNECTION_OK)
            reconnect(client);
        if (client->runs != mix)
            deploy(client, mix);
        if (client->runs < 0)
            for (int slot = 0; slot < OWN_ROWS; slot++)
                own_write(client, statement_name(&mixes[mix], "insert").text, slot);
        client->runs = mix;
        one_statement(client, &mixes[mix]);

        /* A schedule, so that a stall is felt by all that would have come; not a burst
         * of what a second missed. */
        next = fmax(next + pause, now_ms() - 1000.0);
        rest_ms(next - now_ms());
    }
    return NULL;
}
