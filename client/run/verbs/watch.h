/*
 * Looking on, from any machine: one short read-only transaction a look. Nothing is
 * created, locked or changed, and a server that goes away is waited for.
 */
#ifndef PGSTRIDE_RUN_WATCH_H
#define PGSTRIDE_RUN_WATCH_H

#include "model/watch.h"
#include "run/run.h"

/* Whoever shows it; the sight is valid during the call only. False: nobody is there any
 * more to show it to. */
typedef struct Onlooker Onlooker;
struct Onlooker
{
    bool (*see)(Onlooker *onlooker, const Sight *sight);
};

typedef struct Watching
{
    const Settings *settings;
    const Driver *driver;
    Clock *clock;
    Observer *observer;
    Onlooker *onlooker;
    bool once;
} Watching;

/*
 * Once a second until asked to stop or until its onlooker has gone, which is how it
 * ends well. With `once`: one look, and ERR_CONNECT where there is no server.
 */
bool run_watch(Mem *mem, const Watching *watching, Err *err);

/* The run of the component that is at work; NULL: none is, or it is not to be seen. */
bool run_at_work(Run *run, Mem *mem, const WatchRun **at_work, Err *err);

#endif
