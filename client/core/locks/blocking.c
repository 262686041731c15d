#include "core/locks/blocking.h"

#include <stdlib.h>

typedef struct Planting
{
    const WatchSession *sessions;
    int count;
    bool *shown;
    BlockingTree tree;
} Planting;

static bool
waits_for(const WatchSession *session, int64_t pid)
{
    for (int i = 0; i < session->blocker_count; i++)
        if (strtoll(session->blockers[i], NULL, 10) == pid)
            return true;
    return false;
}

/* A queue deeper than this is a line of people, not a tree to be read. */
#define DEPTH_MOST 12

static void
plant(Planting *planting, int at, int depth)
{
    const WatchSession *session = &planting->sessions[at];

    if (planting->shown[at])
        return;
    planting->shown[at] = true;
    planting->tree.lines[planting->tree.count++] = (BlockingLine){session, depth};
    for (int i = 0; i < planting->count && depth < DEPTH_MOST; i++)
        if (waits_for(&planting->sessions[i], session->pid))
            plant(planting, i, depth + 1);
}

BlockingTree
blocking_tree(Mem *mem, const WatchSession *sessions, int count)
{
    Planting planting = {.sessions = sessions,
                         .count = count,
                         .shown = mem_array(mem, bool, count + 1),
                         .tree.lines = mem_array(mem, BlockingLine, count + 1)};

    for (int i = 0; i < count; i++)
        if (sessions[i].blocker_count == 0)
            plant(&planting, i, 0);
    for (int i = 0; i < count; i++)
        plant(&planting, i, 0);
    return planting.tree;
}
