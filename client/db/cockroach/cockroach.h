/* CockroachDB behind an address that says PostgreSQL: what answers decides. */
#ifndef PGSTRIDE_DB_COCKROACH_H
#define PGSTRIDE_DB_COCKROACH_H

#include "db/postgres/postgres.h"

/* Does it say so on connecting? Poolers may swallow that. */
bool cockroach_greets(PGconn *conn);
/* By its version(). */
bool cockroach_named(const char *product);

/* The connection is up, and nothing was asked: from now on it is cockroach_driver's. */
bool cockroach_begin(Postgres *pg, const SessionPlan *plan, Err *err);

#endif
