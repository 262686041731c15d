#include "model/names.h"

#include <string.h>

#include "model/keywords.h"

static bool
text_equal(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool
qname_equal(const QName *a, const QName *b)
{
    return text_equal(a->schema, b->schema) && text_equal(a->name, b->name);
}

bool
qname_may_equal(const QName *a, const QName *b)
{
    return a->name != NULL && b->name != NULL && strcmp(a->name, b->name) == 0 &&
           (a->schema == NULL || b->schema == NULL ||
            strcmp(a->schema, b->schema) == 0);
}

QName
qname_copy(Mem *mem, const QName *name)
{
    return (QName){mem_copy(mem, name->schema), mem_copy(mem, name->name)};
}

char *
qname_show(Mem *mem, const QName *name)
{
    if (name->schema == NULL)
        return ident_show(mem, name->name);
    return mem_text(mem, "%s.%s", ident_show(mem, name->schema),
                    ident_show(mem, name->name));
}

char *
ident_show(Mem *mem, const char *ident)
{
    return ident_plain(ident) ? mem_copy(mem, ident) : ident_quoted(mem, ident, '"');
}
