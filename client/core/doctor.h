/*
 * What is half done in a database, what that means, and what mends it. Pure.
 *
 * The catalog says what there is, the history which of it still belongs to a migration
 * under way; only what belongs to none, or stands still, is ill.
 */
#ifndef PGSTRIDE_CORE_DOCTOR_H
#define PGSTRIDE_CORE_DOCTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"
#include "model/lock.h"
#include "model/names.h"

/* Who mends it, and how. */
typedef enum Mending
{
    MEND_BY_HAND,    /* nobody can know what is right: `mend` says what to do */
    MEND_COMMAND,    /* another command of pgstride does */
    MEND_CONCURRENT, /* a statement that locks out nobody, and may wait long */
    MEND_LOCKED,     /* one under the stall budget */
    MEND_SCAN,       /* one that takes a weak lock and reads the whole table */
    MEND_TREE        /* the missing parts of a partitioned index are built */
} Mending;

typedef struct AilmentKind
{
    const char *name;  /* for programs: "index-ready" */
    const char *title; /* for people: "invalid index" */
    const char *means; /* what it costs, in one line */
    Mending mending;
    LockMode lock; /* MEND_LOCKED, MEND_SCAN */
} AilmentKind;

typedef struct Ailment
{
    const AilmentKind *kind;
    const char *object;  /* as SQL names it */
    const char *table;   /* on which, or NULL */
    const char *note;    /* what it was, or what failed; or NULL */
    const char *mend;    /* a statement, or a command to type */
    const char *also;    /* a second statement, in the same transaction; or NULL */
    const char *version; /* of the migration it is about, or NULL */
    const char *component;
    QName table_name;
    QName object_name; /* of an index or partition */
    bool may_mend;     /* we own it */
} Ailment;

typedef struct Ailments
{
    Ailment *items;
    int count;
    const char **notes; /* what is in the way, and what was not seen */
    int note_count;
} Ailments;

/* A row of doctor.sql. */
typedef struct CatalogFind
{
    char *kind;
    char *object;
    char *table;
    char *table_schema;
    char *table_name;
    char *object_schema;
    char *object_name;
    char *definition;
    bool has_function; /* a sync trigger's own */
    char *mend;
    bool may_mend;
} CatalogFind;

/* A row of doctor_history.sql; "needs": `what` is a trigger that an open migration
 * made.
 */
typedef struct HistoryFind
{
    char *kind;
    char *component;
    char *version;
    char *what;
    int64_t number;
    char *token;
    bool busy;
} HistoryFind;

/* A row of the queries of notes: nothing half done, but in the way of a migration. */
typedef struct NoteFind
{
    char *kind;
    char *object;
    char *detail; /* or NULL */
} NoteFind;

/* Of a kind that is not known: NULL. */
char *doctor_note(Mem *mem, const NoteFind *find);

typedef struct Finds
{
    CatalogFind *catalog;
    int catalog_count;
    HistoryFind *history;
    int history_count;
    bool history_hidden; /* there is one, and we may not read it */
    const char *dirty_version;
    const char *dirty_why;
    const char *dirty_mend; /* its own runner stopped in it, not we; or NULL */
    const char *component;
} Finds;

/* Everything that is ill; the notes are left to the caller. */
void doctor_examine(Mem *mem, const Finds *finds, Ailments *ailments);

/* Something that `repair` does itself. */
bool ailment_mendable(const Ailment *ailment);

#endif
