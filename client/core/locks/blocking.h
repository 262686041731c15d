/*
 * Who waits for whom, as a tree: at its roots those who wait for nobody.
 *
 * A session that waits for several stands below the first; who wait for each other (a
 * deadlock not found yet) are shown once, too.
 */
#ifndef PGSTRIDE_CORE_BLOCKING_H
#define PGSTRIDE_CORE_BLOCKING_H

#include "base/mem.h"
#include "model/watch.h"

typedef struct BlockingLine
{
    const WatchSession *session;
    int depth;
} BlockingLine;

typedef struct BlockingTree
{
    BlockingLine *lines; /* in the order to be shown; every session once */
    int count;
} BlockingTree;

BlockingTree blocking_tree(Mem *mem, const WatchSession *sessions, int count);

#endif
