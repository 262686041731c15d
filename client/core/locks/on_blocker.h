/*
 * --on-blocker: what may be done about an idle transaction that is in the way.
 *
 * Only idle ones, for two reasons: nobody waits for an answer of theirs, and PostgreSQL
 * ignores pg_cancel_backend for a session that is between two statements, so the one
 * way to end its transaction is to end the session. "cancel-idle" does that only where
 * nothing is lost by it: to a transaction that has changed nothing. "terminate-idle"
 * also to one that has, and its changes are rolled back. Running statements, prepared
 * transactions, autovacuum and replication are never touched.
 */
#ifndef PGSTRIDE_CORE_ON_BLOCKER_H
#define PGSTRIDE_CORE_ON_BLOCKER_H

#include "base/mem.h"
#include "model/lock.h"

/* wait, cancel-idle:30s, terminate-idle:5min; false for anything else. */
bool on_blocker_read(const char *text, OnBlocker *rule);
char *on_blocker_show(Mem *mem, const OnBlocker *rule);

/*
 * Whom the rule lets us end now, or NULL. Nobody is ended in vain: not while somebody
 * is in the way whom we can only wait for.
 */
const Holder *blocker_to_end(const OnBlocker *rule, const Look *look, double budget_ms);

#endif
