/* A stored query about a history, for one that is called otherwise or is elsewhere. */
#include "core/foreign/named.h"

#include <string.h>

#include "base/buf.h"

static const char letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

typedef struct Naming
{
    const Foreign *usual;
    const Foreign *called;
    bool moved; /* into a schema that is named */
    SqlText sql;
} Naming;

/* Of what stands in quotes only the letters are another. */
static void
word_add(Naming *naming, const char *name, char before)
{
    if (before != '"' && before != '`')
    {
        sql_ident(&naming->sql, name);
        return;
    }
    for (; *name != '\0'; name++)
    {
        if (*name == before)
            buf_bytes(&naming->sql.buf, name, 1);
        buf_bytes(&naming->sql.buf, name, 1);
    }
}

/* It, and what begins or ends with it: a table under a name of ours, its indexes. */
static void
table_add(Naming *naming, const char *word, const char *at, char before)
{
    MEM_SCOPE(scope, NULL);
    const char *rest = at + strlen(naming->usual->table);
    char *name = mem_text(scope, "%.*s%s%s", (int)(at - word), word,
                          naming->called->table, rest);

    if (naming->moved && *rest == '\0')
    {
        word_add(naming, naming->called->schema, before);
        sql_raw(&naming->sql, ".");
    }
    word_add(naming, name, before);
}

static bool
is_schema(const Naming *naming, const char *word)
{
    return naming->moved && naming->usual->schema != NULL &&
           strcmp(word, naming->usual->schema) == 0;
}

/* How much of the text is dealt with then. */
static size_t
word_read(Naming *naming, const char *text, size_t length, char before)
{
    MEM_SCOPE(scope, NULL);
    char *word = mem_slice(scope, text, length);
    const char *at = strstr(word, naming->usual->table);

    if (is_schema(naming, word) && text[length] == '.')
        return length + 1;
    if (is_schema(naming, word) && text[length] == ';')
        word_add(naming, naming->called->schema, before);
    else if (at != NULL)
        table_add(naming, word, at, before);
    else
        buf_bytes(&naming->sql.buf, text, length);
    return length;
}

char *
foreign_named(Mem *mem, const char *text, const Foreign *usual, const Foreign *called,
              const Caps *caps)
{
    Naming naming = {.usual = usual,
                     .called = called,
                     .moved = called->schema != NULL && called->schema != usual->schema,
                     .sql = sql_begin(mem, caps)};
    char before = '\0';

    while (*text != '\0')
    {
        size_t length = strspn(text, letters);

        if (length > 0)
            length = word_read(&naming, text, length, before);
        else
            buf_bytes(&naming.sql.buf, text, length = 1);
        text += length;
        before = text[-1];
    }
    return naming.sql.buf.text;
}
