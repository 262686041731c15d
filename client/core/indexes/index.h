/*
 * What to do about an index, from what the catalog says of its name. Pure.
 *
 * Where several sessions, an earlier run and a crash may all have been at it, the name
 * alone says nothing: IF NOT EXISTS would take an invalid leftover for the index.
 */
#ifndef PGSTRIDE_CORE_INDEX_H
#define PGSTRIDE_CORE_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "model/caps.h"

/* The relation that has the index's name, if any. */
typedef struct IndexFound
{
    bool exists;
    bool is_index; /* of a plain table; anything else is in the way */
    bool same;     /* the definition asked for */
    bool ours;     /* we have started this step, now or in an earlier run */
    bool valid;
    bool ready; /* writes maintain it: if unique, it rejects rows even when invalid */
    bool live;
    int64_t builder; /* pid of a live backend that is building it; 0: none */
} IndexFound;

typedef enum IndexMove
{
    INDEX_RUN,   /* send the statement */
    INDEX_DONE,  /* it has happened already */
    INDEX_WAIT,  /* somebody is building it right now */
    INDEX_CLEAR, /* drop what an interrupted build left, then look again */
    INDEX_STOP   /* not ours to decide: tell */
} IndexMove;

typedef struct IndexVerdict
{
    IndexMove move;
    const char *why;
} IndexVerdict;

IndexVerdict index_build_next(const IndexFound *found);
IndexVerdict index_drop_next(const IndexFound *found);

/* Why this server must not build an index concurrently, or NULL. */
const char *index_server_refuses(const Caps *caps);

/* After a failure: worth another attempt, and how long to rest before it? */
typedef struct IndexRetry
{
    bool again;
    Millis rest_ms;
} IndexRetry;

IndexRetry index_retry(const char *sqlstate, int failures);

/* True for what an interrupted REINDEX CONCURRENTLY of `index` leaves behind: its name,
 * shortened where it must be, with _ccnew or _ccold and perhaps a number. */
bool index_is_reindex_leftover(const char *name, const char *index);

#endif
