/*
 * What a statement does, in the library's own words: it asks its authorizer of each
 * thing while it prepares the text, also of those that triggers and views do. Nothing
 * runs.
 */
#ifndef PGSTRIDE_DB_SQLITE_LOOK_H
#define PGSTRIDE_DB_SQLITE_LOOK_H

#include "db/driver.h"

typedef enum TouchKind
{
    TOUCH_ROWS,   /* INSERT, UPDATE, DELETE: name is the table or view */
    TOUCH_SCHEMA, /* CREATE, DROP, ALTER: name is the table, also of what stands on it
                   */
    TOUCH_WORD,   /* PRAGMA, ATTACH, BEGIN...: word says which, name the pragma */
    TOUCH_CALL    /* name is the function */
} TouchKind;

typedef struct Touch
{
    TouchKind kind;
    const char *word; /* TOUCH_WORD; else NULL */
    const char *name; /* or NULL */
    const char *via;  /* the trigger or view that does it; NULL: the statement itself */
} Touch;

typedef struct Sight
{
    LIST(Touch) touches;
    const char *rest; /* where the statement ends before the text does; or NULL */
} Sight;

/* False with ERR_SQL: the library does not take it. */
bool sqlite_look(Mem *mem, Db *db, const char *sql, Sight *sight, Err *err);

#endif
