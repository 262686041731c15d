/*
 * The history of a folder's own runner, shared: read with ours, written with ours.
 *
 * What its table says was applied is applied: a reader sees it so, a writer adopts it
 * into our history first. The runner's own locks are held while we may write, so that
 * it and pgstride can be at work in one deployment.
 */
#ifndef PGSTRIDE_RUN_FOREIGN_H
#define PGSTRIDE_RUN_FOREIGN_H

#include "core/foreign/foreign.h"
#include "run/run.h"

/* Looks for the table; changes nothing. ERR_REFUSED: one of that name is not its. */
bool foreign_meet(Run *run, Err *err);

/* May we write what this verb writes there? Else ERR_CONNECT, before anything runs. */
bool foreign_may_write(Run *run, Err *err);
/* May we take rows out of it, as whoever goes back does? */
bool foreign_may_forget(Run *run, Err *err);

/* Opens the file that its history is in, where that is another one and there. */
bool foreign_attach(Run *run, const Foreign *foreign, Err *err);

/* Where nobody said whose history is to be adopted: ERR_REFUSED unless only that of the
 * folder's own runner is there, or none. */
bool foreign_survey(Run *run, Err *err);

/* Where the files of the folder may be of another runner, too, and nobody said: the one
 * whose history is level with ours, NULL where it is whose it seems. ERR_REFUSED: one
 * has some of these migrations, and it is not clear. */
bool foreign_whose(Run *run, const char **whose, Err *err);

/* Is the table of run->migrations.layout here, as its runner makes it? To be read, and
 * found by foreign_find or foreign_meet. */
bool foreign_find(Run *run, Err *err);
bool foreign_rows_read(Run *run, Mem *mem, Err *err);

/* Reads its rows; adds what only they have to a history just read. */
bool foreign_read(Run *run, Mem *mem, const History *history, Err *err);
void foreign_overlay(Run *run, Mem *mem, History *history);

/* For a writer, once it owns the component: takes its locks, makes the table where
 * there is none, and adopts what our history does not have. */
bool foreign_take(Run *run, Err *err);

/* Where everything before us is vouched for by one row: says so, of what a reader sees
 * as what would be. */
void foreign_tell_baseline(Run *run);

/* Where its table is as an older release made it: says what becomes of that. */
void foreign_tell_old(Run *run);

/* Gives back locks of its that would outlive us; best effort. */
void foreign_release(Run *run);
/* One that ends by itself goes on being ours. ERR_REFUSED: it is not any more. */
bool foreign_keep(Run *run, Err *err);

/* Do both histories agree, and does its runner see nothing to be mended? ERR_DIRTY and
 * ERR_REFUSED say what does not. */
bool foreign_check(Run *run, Err *err);
/* A schema that is in use, and its runner has no history there: ERR_REFUSED, unless it
 * has been told where to begin. */
bool foreign_check_strange(const Run *run, Err *err);

/* A row without a file whose version is higher, of a runner that runs nothing behind
 * one; or NULL. */
const ForeignRow *foreign_newer(const Run *run, const Migration *migration);

/* Is it of a migration in this folder? */
bool foreign_resolved(const Run *run, const ForeignRow *row);

/* All that its table says, as a text to compare. */
char *foreign_said(const Run *run, Mem *mem);

/* Of the rows just read, the one that says how far its runner came where it stopped. */
bool foreign_midway_read(Run *run, Mem *mem, Err *err);
/* In words: "Atlas stopped behind statement 2 of 5: syntax error"; what it calls it. */
char *foreign_midway_show(const Run *run, Mem *mem);
/* ... where nothing is in the way of going on behind what is done; NULL: it did not
 * stop at this migration, or ours knows more of it. */
char *foreign_midway_next(const Run *run, Mem *mem, const Migration *migration);
/* Has its runner done that step? */
bool foreign_step_done(const Run *run, const Step *step);
/* What its runner has done of the migration is recorded as our own, and not done again.
 * ERR_DIRTY: we would do it together with more. */
bool foreign_resume(Run *run, const Plan *plan, Err *err);

/* A stored query of its, about the table by the name that it has here. */
char *foreign_text(const Run *run, Mem *mem, const char *label);

/* What messages call it. */
const char *foreign_runner(const Run *run);

/* --- in stopped.c ---------------------------------------------------------------- */

/* The version at which its runner stopped midway and refuses to go on; or NULL. */
const char *foreign_stopped_at(const Run *run);
/* What says that it is settled, to be typed. */
const char *foreign_stopped_mend(const Run *run, Mem *mem);
/* ERR_DIRTY: it stopped in this migration, or NULL: in any, and only people can say
 * what is done of it. */
bool foreign_check_stopped(const Run *run, const Migration *migration, Err *err);

/* --- in note.c ------------------------------------------------------------------- */

/* What a row of its table is written about. */
ForeignNote foreign_note(const Run *run, const Migration *migration);

/* What goes with our own record into its transaction: "; ..." or nothing. */
void foreign_note_state(SqlText *sql, const Run *run, const Migration *migration,
                        State state);
/* In the message that applies it, alone. */
void foreign_note_done(SqlText *sql, const Run *run, const Migration *migration);
void foreign_note_adopted(SqlText *sql, const Run *run, const Migration *migration);
void foreign_note_begun(SqlText *sql, const Run *run, const Migration *migration);
void foreign_note_undoing(SqlText *sql, const Run *run, const Step *step);
void foreign_note_kept(SqlText *sql, const Run *run, const Step *step);
void foreign_note_failed(SqlText *sql, const Run *run, const Migration *migration,
                         const Statement *statement, const char *why);
void foreign_note_step(SqlText *sql, const Run *run, const Step *step);

/* The statements of its section that stand in the file before the end of the step. */
int foreign_statements_done(const Step *step);

#endif
