/* Everything half done in the database; see core/doctor. */
#ifndef PGSTRIDE_RUN_DOCTOR_H
#define PGSTRIDE_RUN_DOCTOR_H

#include "core/doctor.h"
#include "run/run.h"

/* Reads only, and what a plain role may read; the notes say which grant shows more. */
bool run_doctor(Run *run, Mem *mem, Ailments *ailments, Err *err);

/* What a replica that --standby names says of itself, to be put into words. */
NoteFind replica_examined(Run *run, Mem *mem, struct Standby *standby);

/*
 * Mends what of `ailments` can be mended, each under the stall budget, with a row of
 * the audit trail; *mended counts. One that cannot be mended keeps no other from it;
 * the first such error is the one told. Needs a run that was opened to write.
 */
bool run_repair(Run *run, const Ailments *ailments, int *mended, Err *err);

/* A part of a migration that is done, and is not what its file says now. */
typedef struct DirtyPart
{
    const char *label; /* of the migration */
    const char *phase;
    int64_t number;
    const char *kept;    /* the text that ran */
    const char *written; /* what the file says now; NULL: it no longer has it */
    const char *file;
    int line;
} DirtyPart;

/* The first of settings->versions[0]; *found false: it is not dirty. With `accept`, the
 * history is told that the file is right, and the run must be one that writes. */
bool run_dirty(Run *run, Mem *mem, bool accept, DirtyPart *part, bool *found, Err *err);

#endif
