/*
 * The audit: an outsider who sees the whole table at once. Cold rows belong to nobody
 * and are what the sweep is for; they must say at every moment what they always said.
 */
#include "checker/checker.h"

#include <stdio.h>
#include <string.h>

#define COLD "40000"

/* Other functions and operators of the same names, first in some clients' path. */
static const char *const before[] = {
    "DROP SCHEMA IF EXISTS pgstride, elsewhere CASCADE",
    "DROP TABLE IF EXISTS public.identities CASCADE", NULL};

static const char table[] =
    "CREATE TABLE public.identities (id bigint PRIMARY KEY, writer int NOT NULL,"
    " email text NOT NULL, touched int NOT NULL DEFAULT 0,"
    " apart boolean NOT NULL DEFAULT false, filler text NOT NULL DEFAULT 'x') ";

static const char *const after[] = {
    "CREATE INDEX identities_writer ON public.identities (writer)",
    "INSERT INTO public.identities (id, writer, email, filler)"
    " SELECT -i, 0, 'Cold-' || i, repeat('f', 120) FROM generate_series(1, " COLD ") i",
    "CREATE SCHEMA elsewhere",
    "CREATE FUNCTION elsewhere.lower(text) RETURNS text LANGUAGE sql IMMUTABLE"
    " AS $$ SELECT 'hijacked' $$",
    "CREATE FUNCTION elsewhere.never(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE"
    " AS $$ SELECT false $$",
    "CREATE OPERATOR elsewhere.= (LEFTARG = text, RIGHTARG = text,"
    " FUNCTION = elsewhere.never)",
    /* Where there is a child it holds every other cold row. */
    "DO $$ BEGIN IF pg_catalog.to_regclass('public.identities_old') IS NOT NULL THEN"
    " WITH gone AS (DELETE FROM public.identities WHERE id % 2 = 0 RETURNING *)"
    " INSERT INTO public.identities_old SELECT * FROM gone; END IF; END $$",
    "ANALYZE public.identities", NULL};

static bool
setup_each(Round *round, PGconn *connection, const char *const *statements)
{
    for (; *statements != NULL; statements++)
    {
        PGresult *result = PQexec(connection, *statements);
        bool good = PQresultStatus(result) == PGRES_COMMAND_OK;

        PQclear(result);
        if (!good)
        {
            round_complain(round, "setup: %s", PQerrorMessage(connection));
            return false;
        }
    }
    return true;
}

bool
audit_setup(Round *round, PGconn *connection)
{
    const Variant *variant = round->variant;
    char create[400];

    snprintf(create, sizeof(create), "%s%s", table,
             variant->partition == NULL ? "" : variant->partition);

    const char *const made[] = {create, NULL};

    return setup_each(round, connection, before) &&
           setup_each(round, connection, made) &&
           (variant->tree == NULL || setup_each(round, connection, variant->tree)) &&
           setup_each(round, connection, after);
}

/* The query counts what must not be. */
static void
audit_none(Round *round, PGconn *connection, const char *what, const char *query)
{
    PGresult *result = PQexec(connection, query);

    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        round_complain(round, "audit, %s: %s", what, PQerrorMessage(connection));
    else if (strcmp(PQgetvalue(result, 0, 0), "0") != 0)
        round_complain(round, "audit: %s %s", PQgetvalue(result, 0, 0), what);
    PQclear(result);
}

static void
audit_level(Round *round, PGconn *connection)
{
    char query[400];

    pthread_rwlock_rdlock(&round->new_names);
    if (atomic_load(&round->era) == ERA_BOTH)
    {
        snprintf(query, sizeof(query),
                 "SELECT count(*) FROM public.identities WHERE NOT apart"
                 " AND new_email IS NOT NULL AND new_email IS DISTINCT FROM %s",
                 round->variant->fill);
        audit_none(round, connection, "rows whose sides are not level", query);
        if (atomic_load(&round->backfilled))
            audit_none(
                round, connection, "rows not filled after the backfill",
                "SELECT count(*) FROM public.identities WHERE new_email IS NULL");
    }
    pthread_rwlock_unlock(&round->new_names);
}

static void
audit_cold(Round *round, PGconn *connection, const char *expected)
{
    char query[400];

    snprintf(query, sizeof(query),
             "SELECT (" COLD " - count(*)) + count(*) FILTER (WHERE email <> %s)"
             " FROM public.identities WHERE writer = 0",
             expected);
    audit_none(round, connection, "cold rows lost or changed", query);
}

void *
audit_live(void *argument)
{
    Round *round = argument;
    PGconn *connection = round_connect(round, "audit");

    while (connection != NULL && !atomic_load(&round->stopping))
    {
        audit_level(round, connection);
        rest_ms(150);
    }
    PQfinish(connection);
    return NULL;
}

/* What must be gone, and what must be left, when everybody has stopped. */
void
audit_end(Round *round, PGconn *connection)
{
    bool contracted = atomic_load(&round->era) == ERA_CONTRACTED;

    audit_cold(round, connection,
               contracted && round->variant->lowers ? "'cold-' || -id"
                                                    : "'Cold-' || -id");
    audit_none(
        round, connection, "rows of nobody",
        "SELECT count(*) FROM public.identities WHERE writer NOT BETWEEN 0 AND 8");
    audit_none(round, connection, "columns or triggers left behind",
               "SELECT (SELECT count(*) FROM pg_attribute WHERE NOT attisdropped AND"
               " attrelid = 'public.identities'::regclass AND attname = 'new_email')"
               " + (SELECT count(*) FROM pg_trigger"
               " WHERE tgrelid = 'public.identities'::regclass)"
               " + (SELECT count(*) FROM pg_proc p, pg_namespace n"
               " WHERE n.oid = p.pronamespace AND n.nspname = 'pgstride'"
               " AND p.prorettype = 'trigger'::regtype)");
    audit_none(round, connection, "constraints of ours left behind",
               "SELECT count(*) FROM pg_constraint WHERE contype = 'c'"
               " AND conrelid = 'public.identities'::regclass");
    if (contracted)
        audit_none(
            round, connection, "columns that may be null and should not",
            "SELECT count(*) FROM pg_attribute WHERE NOT attnotnull"
            " AND attrelid = 'public.identities'::regclass AND attname = 'email'");
}
