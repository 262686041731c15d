/*
 * What applications do to their rows: each statement runs, and tells the model what it
 * must have made of them. Sides that a statement writes on purpose unlike each other
 * are flagged in "apart", so that the audit knows them.
 */
#include "checker/checker.h"

#include <stdio.h>
#include <string.h>

#define VALUES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define TABLE "public.identities"

/* Never twice the same, so that a lost write cannot hide behind an equal one. */
static void
value_new(Writer *writer, bool level, char *value)
{
    bool lower = level && writer->round->variant->lowers;

    snprintf(value, VALUE, "%c%d-%d", lower ? 'w' : 'W', writer->number,
             ++writer->values);
}

static const char *
id_text(char *text, long id)
{
    snprintf(text, VALUE, "%ld", id);
    return text;
}

/* --- one row, one statement ------------------------------------------------------ */

static void
insert_old(Writer *writer)
{
    Row *row = row_free(writer);
    char id[VALUE], owner[VALUE], value[VALUE];

    if (row == NULL)
        return;
    value_new(writer, false, value);
    if (!writer_say(writer, 1,
                    "INSERT INTO " TABLE " (id, writer, email) VALUES ($1, $2, $3)",
                    VALUES(id_text(id, writer->next_id), id_text(owner, writer->number),
                           value)))
        return;
    *row = (Row){.id = writer->next_id++, .alive = true};
    row_old_written(writer, row, value);
}

static void
insert_new(Writer *writer)
{
    Row *row = row_free(writer);
    char id[VALUE], owner[VALUE], value[VALUE];

    if (row == NULL)
        return;
    value_new(writer, true, value);
    if (!writer_say(writer, 1,
                    "INSERT INTO " TABLE " (id, writer, new_email) VALUES ($1, $2, $3)",
                    VALUES(id_text(id, writer->next_id), id_text(owner, writer->number),
                           value)))
        return;
    *row = (Row){.id = writer->next_id++, .alive = true};
    row_new_written(writer, row, value);
}

static void
insert_both(Writer *writer)
{
    Row *row = row_free(writer);
    char id[VALUE], owner[VALUE], old[VALUE], fresh[VALUE];

    if (row == NULL)
        return;
    value_new(writer, false, old);
    value_new(writer, true, fresh);
    if (!writer_say(writer, 1,
                    "INSERT INTO " TABLE " (id, writer, email, new_email, apart)"
                    " VALUES ($1, $2, $3, $4, true)",
                    VALUES(id_text(id, writer->next_id), id_text(owner, writer->number),
                           old, fresh)))
        return;
    *row = (Row){.id = writer->next_id++, .alive = true};
    row_both_written(writer, row, old, fresh);
}

void
write_old(Writer *writer, Row *row)
{
    char id[VALUE], value[VALUE];

    value_new(writer, false, value);
    if (writer_say(writer, 1,
                   "UPDATE " TABLE " SET email = $2, apart = false WHERE id = $1",
                   VALUES(id_text(id, row->id), value)))
        row_old_written(writer, row, value);
}

static void
update_old(Writer *writer)
{
    Row *row = row_alive(writer);

    if (row != NULL)
        write_old(writer, row);
}

static void
update_new(Writer *writer)
{
    Row *row = row_alive(writer);
    char id[VALUE], value[VALUE];

    if (row == NULL)
        return;
    value_new(writer, true, value);
    if (writer_say(writer, 1,
                   "UPDATE " TABLE " SET new_email = $2, apart = false WHERE id = $1",
                   VALUES(id_text(id, row->id), value)))
        row_new_written(writer, row, value);
}

static void
update_both(Writer *writer)
{
    Row *row = row_alive(writer);
    char id[VALUE], old[VALUE], fresh[VALUE];

    if (row == NULL)
        return;
    value_new(writer, false, old);
    value_new(writer, true, fresh);
    if (writer_say(writer, 1,
                   "UPDATE " TABLE " SET email = $2, new_email = $3, apart = true"
                   " WHERE id = $1",
                   VALUES(id_text(id, row->id), old, fresh)))
        row_both_written(writer, row, old, fresh);
}

static void
update_other(Writer *writer)
{
    Row *row = row_alive(writer);
    char id[VALUE];

    if (row == NULL ||
        !writer_say(writer, 1,
                    "UPDATE " TABLE " SET touched = touched + 1 WHERE id = $1",
                    VALUES(id_text(id, row->id))))
        return;
    row->touched++;
    row_touched(writer, row);
}

static void
update_key(Writer *writer)
{
    Row *row = row_alive(writer);
    char id[VALUE], next[VALUE];

    if (row == NULL ||
        !writer_say(writer, 1, "UPDATE " TABLE " SET id = $2 WHERE id = $1",
                    VALUES(id_text(id, row->id), id_text(next, writer->next_id))))
        return;
    row->id = writer->next_id++;
    row_touched(writer, row);
}

static void
delete_one(Writer *writer)
{
    Row *row = row_alive(writer);
    char id[VALUE];

    if (row != NULL && writer_say(writer, 1, "DELETE FROM " TABLE " WHERE id = $1",
                                  VALUES(id_text(id, row->id))))
        row->alive = false;
}

/* The proposed row passes the trigger too, before the conflict is found. */
static void
upsert_old(Writer *writer)
{
    Row *row = row_alive(writer);
    char id[VALUE], owner[VALUE], value[VALUE];

    if (row == NULL)
        return;
    value_new(writer, false, value);
    if (writer_say(writer, 1,
                   "INSERT INTO " TABLE " (id, writer, email) VALUES ($1, $2, $3)"
                   " ON CONFLICT (id) DO UPDATE SET email = excluded.email,"
                   " apart = false",
                   VALUES(id_text(id, row->id), id_text(owner, writer->number), value)))
        row_old_written(writer, row, value);
}

static void
upsert_new(Writer *writer)
{
    Row *row = row_alive(writer);
    char id[VALUE], owner[VALUE], value[VALUE];

    if (row == NULL)
        return;
    value_new(writer, true, value);
    if (writer_say(writer, 1,
                   "INSERT INTO " TABLE " (id, writer, new_email) VALUES ($1, $2, $3)"
                   " ON CONFLICT (id) DO UPDATE SET new_email = excluded.new_email,"
                   " apart = false",
                   VALUES(id_text(id, row->id), id_text(owner, writer->number), value)))
        row_new_written(writer, row, value);
}

/* --- many rows ------------------------------------------------------------------- */

static void
update_many(Writer *writer)
{
    long rest = (long)random_below(&writer->random, 5);
    char owner[VALUE], fifth[VALUE], value[VALUE / 2], whole[VALUE];
    int rows = 0;

    for (int i = 0; i < ROWS; i++)
        rows += writer->rows[i].alive && writer->rows[i].id % 5 == rest;
    snprintf(value, sizeof(value), "M%d-%d", writer->number, ++writer->values);
    if (!writer_say(
            writer, rows,
            "UPDATE " TABLE " SET email = $3 || '-' || id, apart = false"
            " WHERE writer = $1 AND id % 5 = $2",
            VALUES(id_text(owner, writer->number), id_text(fifth, rest), value)))
        return;
    for (int i = 0; i < ROWS; i++)
    {
        Row *row = &writer->rows[i];

        if (!row->alive || row->id % 5 != rest)
            continue;
        snprintf(whole, sizeof(whole), "%s-%ld", value, row->id);
        row_old_written(writer, row, whole);
    }
}

static void
copy_three(Writer *writer)
{
    PGresult *result =
        PQexec(writer->connection, "COPY " TABLE " (id, writer, email) FROM STDIN");
    Row *rows[3];
    char line[3][VALUE * 2 + 32], value[3][VALUE];
    int count = 0;

    for (; count < 3 && PQresultStatus(result) == PGRES_COPY_IN; count++)
    {
        rows[count] = row_free(writer);
        if (rows[count] == NULL)
            break;
        *rows[count] = (Row){.id = writer->next_id++, .alive = true};
        value_new(writer, false, value[count]);
        snprintf(line[count], sizeof(line[count]), "%ld\t%d\t%s\n", rows[count]->id,
                 writer->number, value[count]);
        PQputCopyData(writer->connection, line[count], (int)strlen(line[count]));
    }
    PQclear(result);
    PQputCopyEnd(writer->connection, NULL);
    result = PQgetResult(writer->connection);

    bool good = PQresultStatus(result) == PGRES_COMMAND_OK;

    if (!good)
        round_complain(writer->round, "writer %d: COPY: %s", writer->number,
                       PQresultErrorMessage(result));
    writer->broken |= !good;
    for (int i = 0; i < count; i++)
    {
        rows[i]->alive = good;
        row_old_written(writer, rows[i], value[i]);
    }
    while (result != NULL)
    {
        PQclear(result);
        result = PQgetResult(writer->connection);
    }
}

/* --- reading --------------------------------------------------------------------- */

static void
read_row(Writer *writer, bool new_names)
{
    Row *row = row_alive(writer);
    char id[VALUE];

    if (row == NULL)
        return;

    PGresult *result =
        writer_ask(writer,
                   new_names ? "SELECT email, new_email FROM " TABLE " WHERE id = $1"
                             : "SELECT email FROM " TABLE " WHERE id = $1",
                   VALUES(id_text(id, row->id)));
    bool found = result != NULL && PQntuples(result) == 1;
    const char *email = found ? PQgetvalue(result, 0, 0) : "";
    const char *fresh = found && new_names ? PQgetvalue(result, 0, 1) : row->fresh;

    /* The era may have moved on while an old name was read. */
    Era now = (Era)atomic_load(&writer->round->era);

    if (result != NULL && (!found || (!model_accepts(row, writer->era, email, fresh) &&
                                      !model_accepts(row, now, email, fresh))))
        round_complain(writer->round,
                       "writer %d: row %ld reads (%s, %s), must be (%s, %s)%s",
                       writer->number, row->id, email, fresh, row->email, row->fresh,
                       row->filled ? " filled" : "");
    PQclear(result);
}

void
read_old(Writer *writer)
{
    read_row(writer, false);
}

static void
read_both(Writer *writer)
{
    read_row(writer, true);
}

/* --- whatever comes to mind ------------------------------------------------------ */

static void
some(Writer *writer, void (*const *statements)(Writer *), uint32_t count)
{
    if (!writer->broken)
        statements[random_below(&writer->random, count)](writer);
}

void
old_statement(Writer *writer)
{
    static void (*const statements[])(Writer *) = {insert_old, update_old, update_other,
                                                   update_key, delete_one, upsert_old};

    some(writer, statements, 6);
}

void
new_statement(Writer *writer)
{
    static void (*const statements[])(Writer *) = {insert_new,  insert_both, update_new,
                                                   update_both, upsert_new,  read_both};

    some(writer, statements, 6);
}

/* --- the table ------------------------------------------------------------------- */

typedef struct Statement
{
    void (*run)(Writer *writer);
    int weight;
    bool new_names; /* names new_email: only while expanded code may run */
} Statement;

/* clang-format off */
static const Statement statements[] = {
    {insert_old,   10, false}, {update_old,   16, false}, {update_other, 10, false},
    {update_key,    4, false}, {delete_one,    6, false}, {upsert_old,    5, false},
    {update_many,   2, false}, {copy_three,    2, false}, {read_old,     16, false},
    {transact_old,  3, false}, {hold_row,      2, false}, {repeatable,    3, false},
    {as_replica,    4, false}, {elsewhere,     4, false}, {hold_cold,    3, false},
    {insert_new,    5, true},  {insert_both,   3, true},  {update_new,    8, true},
    {update_both,   4, true},  {upsert_new,    3, true},  {read_both,    16, true},
    {transact_new,  3, true},
};
/* clang-format on */

static const Statement *
statement_drawn(Random *random)
{
    const Statement *statement = statements;
    int sum = 0, drawn;

    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
        sum += statements[i].weight;
    drawn = (int)random_below(random, (uint32_t)sum);
    while (drawn >= statement->weight)
        drawn -= statement++->weight;
    return statement;
}

/* Deploying other code waits until no statement of the last code runs. */
void
statement_any(Writer *writer)
{
    const Statement *statement = statement_drawn(&writer->random);

    if (!statement->new_names)
    {
        model_follow(writer);
        statement->run(writer);
        return;
    }
    pthread_rwlock_rdlock(&writer->round->new_names);
    model_follow(writer);
    if (writer->era == ERA_BOTH)
        statement->run(writer);
    pthread_rwlock_unlock(&writer->round->new_names);
}
