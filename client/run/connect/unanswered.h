/*
 * Questions that the server does not answer: even looking at a table waits behind who
 * has it locked. Whoever that is, is named; a stop ends the question, and so does the
 * end of the patience for locks.
 */
#ifndef PGSTRIDE_RUN_UNANSWERED_H
#define PGSTRIDE_RUN_UNANSWERED_H

#include "run/run.h"

/*
 * From now on, for this session. Only where the server tells who waits for whom; and
 * not for workers, whose statements are supervised, each in its own way. What is asked
 * then can fail with ERR_STOPPED, and with ERR_BUSY, which names the holder.
 */
void unanswered_heed(Run *run, Db *db);

#endif
