/*
 * What is written into the history, as text for the transaction of the deed.
 *
 * Pure text over pgstride's own tables (migrations/bookkeeping/): nothing is sent here.
 * Secrets inside statements are scrubbed before they become part of a record.
 */
#ifndef PGSTRIDE_RUN_RECORD_H
#define PGSTRIDE_RUN_RECORD_H

#include "model/sqltext.h"
#include "run/run.h"

/* A phase begins: the migration's row exists from here on, with what is about to run.
 */
SqlText record_phase_begin(Mem *mem, const Run *run, const Migration *migration,
                           Phase phase, const Checksums *checksums);

/* A phase is complete; `complete`: and with it the migration, nothing is left to do. */
SqlText record_phase_done(Mem *mem, const Run *run, const Migration *migration,
                          Phase phase, bool complete);

/* Its row alone: the phase is complete, with that text (NULL: nobody knows). */
void record_phase_known(SqlText *sql, const Run *run, const Migration *migration,
                        Phase phase, const Checksums *sums);

/* A step outside a transaction is about to be sent. */
SqlText record_step_started(Mem *mem, const Run *run, const Step *step);

/* It was answered, and did nothing: as if it had never been started. */
SqlText record_step_forgotten(Mem *mem, const Run *run, const Step *step);

/* A step is done; when it is the last of its phase, so is the phase. */
SqlText record_step(Mem *mem, const Run *run, const Step *step);

/* The same for the step's own transaction, which may say more. */
typedef struct DeedRecord
{
    const Step *step;
    const Checksums *begins; /* its phase begins with it; NULL: that is recorded */
    bool metered; /* it stalls nobody: what it took is recorded with it, and that is all
                     there is to know */
    bool clocked; /* others may wait for it: what that costs is recorded with it, and
                     what its COMMIT adds by record_released */
} DeedRecord;

SqlText record_deed(Mem *mem, const Run *run, const DeedRecord *deed);

/* The server itself knows how to record it, and what it costs. */
bool record_deed_is_call(const Run *run, const DeedRecord *deed);

/* Sent behind the COMMIT of such a deed: its locks are gone. */
SqlText record_released(Mem *mem, const Run *run, const Step *step);

/* The rows that it leaves of a version which has none, for the history in memory; what
 * only the server's clock knows is left empty. */
void record_deed_rows(Mem *mem, const DeedRecord *deed, MigrationRecord *migration,
                      PhaseRecord *phase, StepRecord *step);

SqlText record_failed(Mem *mem, const Run *run, const Migration *migration,
                      const Statement *statement, const char *why);

/* Undone: the steps of the phase are forgotten, the migration is left in `left`. */
SqlText record_undone(Mem *mem, const Run *run, const Migration *migration, Phase phase,
                      State left);

/* Something half done was mended, outside any migration. */
SqlText record_repair(Mem *mem, const Run *run, const char *what);

/* What is in the database is what the file says now, by decree; step NULL: the file
 * says nothing of the record any more. */
SqlText record_accepted(Mem *mem, const Run *run, const StepRecord *record,
                        const Step *step);

/* force, baseline, mark: the state of a version, by decree. */
SqlText record_mark(Mem *mem, const Run *run, const Migration *migration,
                    const char *how, State state);

#endif
