#include "model/lock.h"

#include <string.h>

typedef struct LockRow
{
    const char *sql;
    const char *pg_name;
    unsigned conflicts; /* bit per mode */
} LockRow;

#define AS (1u << LOCK_ACCESS_SHARE)
#define RS (1u << LOCK_ROW_SHARE)
#define RX (1u << LOCK_ROW_EXCLUSIVE)
#define SU (1u << LOCK_SHARE_UPDATE_EXCLUSIVE)
#define SH (1u << LOCK_SHARE)
#define SX (1u << LOCK_SHARE_ROW_EXCLUSIVE)
#define EX (1u << LOCK_EXCLUSIVE)
#define AX (1u << LOCK_ACCESS_EXCLUSIVE)

/* The table of PostgreSQL's manual, "Explicit Locking": who waits for whom. */
/* clang-format off */
static const LockRow lock_rows[LOCK_MODE_COUNT] = {
    [LOCK_NONE]                   = {"–",                      "",                         0},
    [LOCK_ACCESS_SHARE]           = {"ACCESS SHARE",           "AccessShareLock",          AX},
    [LOCK_ROW_SHARE]              = {"ROW SHARE",              "RowShareLock",             EX | AX},
    [LOCK_ROW_EXCLUSIVE]          = {"ROW EXCLUSIVE",          "RowExclusiveLock",         SH | SX | EX | AX},
    [LOCK_SHARE_UPDATE_EXCLUSIVE] = {"SHARE UPDATE EXCLUSIVE", "ShareUpdateExclusiveLock", SU | SH | SX | EX | AX},
    [LOCK_SHARE]                  = {"SHARE",                  "ShareLock",                RX | SU | SX | EX | AX},
    [LOCK_SHARE_ROW_EXCLUSIVE]    = {"SHARE ROW EXCLUSIVE",    "ShareRowExclusiveLock",    RX | SU | SH | SX | EX | AX},
    [LOCK_EXCLUSIVE]              = {"EXCLUSIVE",              "ExclusiveLock",            RS | RX | SU | SH | SX | EX | AX},
    [LOCK_ACCESS_EXCLUSIVE]       = {"ACCESS EXCLUSIVE",       "AccessExclusiveLock",      AS | RS | RX | SU | SH | SX | EX | AX},
};
/* clang-format on */

const char *
lock_mode_sql(LockMode mode)
{
    return lock_rows[mode].sql;
}

bool
lock_mode_read(const char *pg_name, LockMode *mode)
{
    for (int i = LOCK_ACCESS_SHARE; i < LOCK_MODE_COUNT; i++)
        if (strcmp(lock_rows[i].pg_name, pg_name) == 0)
        {
            *mode = (LockMode)i;
            return true;
        }
    return false;
}

bool
lock_modes_conflict(LockMode a, LockMode b)
{
    return (lock_rows[a].conflicts & (1u << b)) != 0;
}

bool
lock_mode_blocks_traffic(LockMode mode)
{
    return (lock_rows[mode].conflicts & (AS | RS | RX)) != 0;
}
