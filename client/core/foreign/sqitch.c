/*
 * sqitch: a registry of its own, where a change is known by the id that its plan gives
 * it. It is only read: what it says of each change (who planned it, when, with which
 * tags and needs) is for sqitch alone to write. Its lock is taken all the same: two
 * that run the same change at once is what both are there to prevent.
 */
#include <string.h>

#include "core/foreign/foreign.h"

#define LOCK_KEY "75474063"

enum
{
    LOCK_LONGEST = 64 /* of a name, to MySQL: sqitch itself cannot take a longer one */
};

int
sqitch_registry_locks(Mem *mem, const ForeignPlace *place,
                      const char *keys[FOREIGN_LOCKS])
{
    (void)mem;
    (void)place;
    keys[0] = LOCK_KEY;
    return 1;
}

int
sqitch_mysql_locks(Mem *mem, const ForeignPlace *place, const char *keys[FOREIGN_LOCKS])
{
    keys[0] = mem_text(mem, "sqitch working on %s", place->database);
    return strlen(keys[0]) <= LOCK_LONGEST ? 1 : 0;
}

bool
sqitch_registry_holds(const ForeignRow *row, const Migration *migration)
{
    return strcmp(row->version, migration->checksum) == 0;
}
