/*
 * What a statement makes, in the words of the catalog: columns, constraints, indexes
 * and triggers, as Facts would tell of them once it has run.
 *
 * Numbers are not known yet: what hangs on columns names them. A name is NULL where the
 * server chooses it.
 */
#ifndef PGSTRIDE_CORE_SQL_MAKES_H
#define PGSTRIDE_CORE_SQL_MAKES_H

#include "model/facts.h"
#include "model/sqltext.h"

/* Columns that something reads. */
typedef struct Reads
{
    const char **columns;
    int count;
    bool computed; /* and expressions */
} Reads;

typedef struct MadeConstraint
{
    ConstraintFact fact; /* without numbers */
    Reads reads;
    const char *using_index; /* an index that is there becomes its own; or NULL */
} MadeConstraint;

typedef struct MadeIndex
{
    IndexFact fact; /* without numbers and without a schema */
    Reads reads;
} MadeIndex;

typedef struct Makes
{
    QName relation;
    const char *kind; /* of the new relation, as pg_class.relkind; NULL: it is there */
    bool in_part; /* LIKE, INHERITS, AS...: there is more in it than the text says */
    bool opaque;  /* DO, CALL, extensions...: what it changes cannot be read */
    LIST(ColumnFact) columns;
    LIST(ColumnFact) retyped; /* there are such columns: their name and new type */
    LIST(MadeConstraint) constraints;
    LIST(MadeIndex) indexes;
    LIST(TriggerFact) triggers;
} Makes;

/* Of what no parser here can read. */
extern const Makes makes_unread;

#endif
