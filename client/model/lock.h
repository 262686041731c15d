/* Table-level locks in PostgreSQL's order of strength, and what one look at them shows.
 */
#ifndef PGSTRIDE_MODEL_LOCK_H
#define PGSTRIDE_MODEL_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "model/names.h"

typedef enum LockMode
{
    LOCK_NONE,
    LOCK_ACCESS_SHARE,
    LOCK_ROW_SHARE,
    LOCK_ROW_EXCLUSIVE,
    LOCK_SHARE_UPDATE_EXCLUSIVE,
    LOCK_SHARE,
    LOCK_SHARE_ROW_EXCLUSIVE,
    LOCK_EXCLUSIVE,
    LOCK_ACCESS_EXCLUSIVE,
    LOCK_MODE_COUNT
} LockMode;

const char *lock_mode_sql(LockMode mode);                 /* "ACCESS EXCLUSIVE" */
bool lock_mode_read(const char *pg_name, LockMode *mode); /* "AccessExclusiveLock" */
bool lock_modes_conflict(LockMode a, LockMode b);

/* True for modes that make readers or writers of the application wait. */
bool lock_mode_blocks_traffic(LockMode mode);

/* One relation that a step must lock; parents come first in every list of these. */
typedef struct LockNeed
{
    QName relation;
    int64_t oid; /* 0 until the catalog was read */
    LockMode mode;
    bool only;     /* ON ONLY: what inherits from it is not locked with it */
    bool lockable; /* LOCK TABLE accepted it from us when its oid was read */
} LockNeed;

typedef enum HolderKind
{
    HOLDER_SESSION,
    HOLDER_IDLE_IN_TRANSACTION,
    HOLDER_AUTOVACUUM,
    HOLDER_WRAPAROUND, /* an autovacuum that does not give way */
    HOLDER_PREPARED,   /* a prepared transaction: it has no pid */
    HOLDER_SLOT,       /* a replication slot, by its xmin: it has no pid either */
    HOLDER_UNSEEN,     /* whoever reads on a standby that does not answer */
    HOLDER_OTHER       /* background worker, walsender */
} HolderKind;

/* Somebody who holds, or waits for, a lock that conflicts with ours. */
typedef struct Holder
{
    HolderKind kind;
    int64_t pid; /* 0 for a prepared transaction */
    char *gid;   /* of a prepared transaction; the name of a slot */
    char *user;
    char *application;
    char *client;   /* address, or NULL for a local socket */
    char *state;    /* "idle in transaction" */
    char *query;    /* scrubbed of secrets, shortened; NULL when we may not see it */
    char *relation; /* on which relation */
    const char *standby; /* on which standby, by its name; NULL: on the primary */
    LockMode mode;
    bool granted;
    bool wrote;        /* it has changed rows: its end would roll them back */
    bool asked;        /* we have asked it to end: once is enough */
    bool age_known;    /* false: hidden from us, counts as old */
    int64_t age_ms;    /* of its transaction */
    int64_t state_ms;  /* since the last change of state */
    char *transaction; /* the same in two looks: the same transaction */
    int64_t seen_ms;   /* how long we have seen it in the way: known to everybody */
    int64_t begun_us;  /* when its transaction began, and its state: with the pid, who
                          it is and what it was doing; -1 unknown */
    int64_t state_us;
} Holder;

/* What the operator allows us to do about an idle transaction in the way. */
typedef enum BlockerRule
{
    BLOCKER_WAIT,          /* nothing */
    BLOCKER_CANCEL_IDLE,   /* end it if it has changed nothing */
    BLOCKER_TERMINATE_IDLE /* end it, whatever it has done */
} BlockerRule;

typedef struct OnBlocker
{
    BlockerRule rule;
    Millis idle; /* once it has been idle for so long */
} OnBlocker;

typedef struct Look
{
    Holder *holders;
    int count;
} Look;

#endif
