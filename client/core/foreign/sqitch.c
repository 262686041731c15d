/*
 * sqitch: a registry of its own, where a change is known by the id that its plan gives
 * it. It is only read: what it says of each change (who planned it, when, with which
 * tags and needs) is for sqitch alone to write.
 */
#include <string.h>

#include "core/foreign/foreign.h"

bool
sqitch_registry_holds(const ForeignRow *row, const Migration *migration)
{
    return strcmp(row->version, migration->checksum) == 0;
}
