/* What operators said last with pause and resume, from any terminal or machine. */
#ifndef PGSTRIDE_MODEL_CONTROL_H
#define PGSTRIDE_MODEL_CONTROL_H

#include <stdbool.h>

typedef struct Control
{
    bool paused;
    char *version;    /* only this migration rests; NULL: whatever runs */
    char *who;        /* "alice@host" */
    char *since;      /* "10:31 UTC", with the date where it is not today's */
    char *limits;     /* "batch-time=50ms": as given since that run began */
    char *limits_run; /* the run that they are for; or NULL */
    char *at_work;    /* "up by bob@ci-7 since 10:02 UTC", NULL: no run is connected */
} Control;

#endif
