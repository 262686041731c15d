/* Shared between fill.c, which decides, and those that speak with the server: begin.c,
 * batch.c, pace.c. */
#ifndef PGSTRIDE_RUN_ENGINES_MYSQL_FILL_H
#define PGSTRIDE_RUN_ENGINES_MYSQL_FILL_H

#include "core/backfill/throttle.h"
#include "run/backfill/pressure.h"
#include "run/run.h"

/* A column of the key along which the table is swept. */
typedef struct KeyPart
{
    const char *name;
    bool binary; /* bytes that are no text: written in hexadecimal */
} KeyPart;

typedef struct MysqlFill
{
    Run *run;
    const Step *step;
    Mem *mem;
    Progress *progress;
    const char *index; /* whose columns they are */
    KeyPart *key;
    int key_count;
    SqlParsed not_done; /* the rows that are still to be changed */
    const char *place;  /* a condition: the rows behind those that were met; or NULL */
    int64_t batch_rows;
    int64_t
        narrow;  /* most rows of one, while a row that cannot be is looked for; or 0 */
    char *bound; /* the last row of a batch that failed, for people */
    double batch_ms; /* of the last one */
    double began_ms;
    bool verified; /* by an earlier run */
    Limits limits;
    int orders_heard; /* of run->orders_count */
    Throttle throttle;
    Gauge gauge;
} MysqlFill;

/* The record of progress is ours from here on; ERR_REFUSED where the table has no key
 * to go along, or cannot take back a batch. */
bool mysql_fill_begin(MysqlFill *fill, Err *err);
/* The same refusals, before anything has changed; of a table that is not there yet
 * none.
 */
bool mysql_fill_foresee(Run *run, const Step *step, Err *err);
/* ERR_REFUSED at the line of the statement; always false. */
bool mysql_fill_refuse(const MysqlFill *fill, Err *err, const char *text,
                       const char *hint);
/* Changes the next rows; more: there may be some behind them. ERR_BUSY: nothing was
 * changed, somebody has them. */
bool mysql_fill_batch(MysqlFill *fill, Mem *mem, bool *more, Err *err);
bool mysql_fill_repeat(MysqlFill *fill, Mem *mem, int64_t *changed, Err *err);
/* Is no row left to be changed? */
bool mysql_fill_verify(MysqlFill *fill, bool *clean, Err *err);
/* To the start of the table again. */
bool mysql_fill_rewind(MysqlFill *fill, Err *err);
/* Is there a row whose columns are not level, whatever the WHERE says? */
bool mysql_fill_differs(Run *run, const Step *step, const Backfill *backfill,
                        bool *differs, Err *err);
/* Fills what is not filled of a backfill that is recorded as done: its columns were not
 * kept level for a while. */
bool mysql_fill_again(Run *run, const Step *step, const Backfill *backfill, Err *err);
/* Writes down that it is done. */
bool mysql_fill_end(MysqlFill *fill, Err *err);
void mysql_fill_tell(MysqlFill *fill, const char *doing);

/* pace.c: how fast it may go. */
void mysql_pace_begin(MysqlFill *fill);
void mysql_pace_end(MysqlFill *fill);
/* What a batch should take. */
double mysql_pace_aim_ms(const MysqlFill *fill);
/* Behind a batch: rests as long as the throttle wants, saying why. ERR_STOPPED when
 * asked to stop. */
bool mysql_pace(MysqlFill *fill, double worked_ms, Err *err);
/* Which lag of replicas is not looked at, and how it would be; NULL: none. */
char *mysql_blind_lag(Run *run, Mem *mem);

#endif
