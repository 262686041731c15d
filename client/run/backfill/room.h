/*
 * Where a table grows, and how much is free there.
 *
 * A server tells nobody how full its disks are. From its own machine, over a Unix
 * socket, we can see for ourselves; elsewhere only --free-space says it.
 */
#ifndef PGSTRIDE_RUN_ROOM_H
#define PGSTRIDE_RUN_ROOM_H

#include "run/run.h"

bool room_gather(Run *run, Mem *mem, const char *oid, RoomFact *room, Err *err);

#endif
