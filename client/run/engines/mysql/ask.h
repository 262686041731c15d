/* Asking the server for its ways, on empty tables; shared by rehearse.c and swap.c. */
#ifndef PGSTRIDE_RUN_ENGINES_MYSQL_ASK_H
#define PGSTRIDE_RUN_ENGINES_MYSQL_ASK_H

#include "run/engines/mysql/mysql.h"

/* An empty table like `table`, by its number among those of this session. */
typedef struct CloneAsk
{
    QName table;
    int number;
} CloneAsk;

bool mysql_clone_make(Run *run, Mem *mem, const CloneAsk *ask, QName *clone, Err *err);
bool mysql_clone_drop(Run *run, const QName *clone, Err *err);

/* The least harmful way in which the clone could be changed, and was; NULL: the server
 * has another reason to refuse the statement. */
bool mysql_clone_ask(Run *run, const QName *clone, const char *text,
                     const Manner **manner, Err *err);

/* One question: make, ask, drop. */
bool mysql_ask(Run *run, const QName *table, const char *text, const Manner **manner,
               Err *err);

#endif
