/* Names of things in a database. An empty schema means: as the search path finds it. */
#ifndef PGSTRIDE_MODEL_NAMES_H
#define PGSTRIDE_MODEL_NAMES_H

#include <stdbool.h>

#include "base/mem.h"

typedef struct QName
{
    char *schema; /* NULL when the text did not give one */
    char *name;
} QName;

bool qname_equal(const QName *a, const QName *b);

/* The same name, or one that a text wrote with its schema and another without. */
bool qname_may_equal(const QName *a, const QName *b);
QName qname_copy(Mem *mem, const QName *name);

/* For people: schema.name, quoted only where the server would need it. */
char *qname_show(Mem *mem, const QName *name);
char *ident_show(Mem *mem, const char *ident);

#endif
