/*
 * The sync trigger: keeps the old and the new column level between expand and contract.
 *
 * One trigger per table, made from the assignments of all its synced backfills. The
 * server makes a partitioned table's for every partition, now and later; children by
 * inheritance get one each. What it does depends on the values of the row alone: not on
 * the user, the search path or a setting. The rules, and that no row leaves it undone,
 * are argued in run/backfill/sweep.md.
 */
#ifndef PGSTRIDE_CORE_SYNC_H
#define PGSTRIDE_CORE_SYNC_H

#include "base/err.h"
#include "model/facts.h"
#include "model/step.h"

typedef struct SyncRequest
{
    const Migration *migration; /* its statements are parsed */
    const char *component;      /* NULL: of no matter */
    const Facts *facts;         /* with `functions` and `search_path` */
    const TableFact *table;
    const Backfill *fills; /* of the whole migration; others' tables are passed over */
    int fill_count;
} SyncRequest;

typedef struct SyncTrigger
{
    bool needed; /* false: no backfill of this table has a sync; the rest is empty */
    QName table;
    bool in_server; /* the server extension runs it */
    const char
        *trigger;      /* at most 63 bytes; the same for the same migration and table */
    SqlParsed *create; /* in expand's transaction, after the user's DDL */
    int create_count;
    SqlParsed *drop; /* in contract's and down's, before the user's DDL */
    int drop_count;
    /* A query giving in_force: it is there and ENABLE ALWAYS on every table of the
     * tree; else the first where it is missing, the first where it is disabled, and
     * what it calls where it is there. */
    SqlParsed in_force;
    /* For the history, in ASCII, because not every database can hold an arrow: "sync
     * trigger on new_email"; and for people: "sync trigger email ⇄ new_email". */
    const char *title;
    const char *shows;
    const char **notes; /* what plan prints below it */
    int note_count;
} SyncTrigger;

/*
 * Errors: ERR_REFUSED with the backfill's file and line where a trigger could not keep
 * the promise: volatile or generated sources, a column that is read and set, another
 * trigger that would run later, partitions and children, NULLs written on purpose.
 */
bool sync_plan(Mem *mem, const SyncRequest *request, SyncTrigger *trigger, Err *err);

/* By its name: it keeps level what this migration fills. */
bool sync_trigger_is_of(const char *trigger, const Migration *migration);

/*
 * What expand installed, to look for it and to drop it: `create` and `notes` are empty,
 * and nothing is refused, because the way back must be open whatever has changed since.
 */
SyncTrigger sync_installed(Mem *mem, const SyncRequest *request);

#endif
