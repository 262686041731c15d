/*
 * What psql reads between the statements of a file and a server never sees as SQL: the
 * rows of a COPY, which travel beside its statement, and the two lines by which pg_dump
 * keeps psql from obeying what it has dumped.
 */
#include <string.h>

#include "core/sql/tokens.h"

/* Lines stay where they are, so that places in the text do. */
static void
blank_out(char *text, size_t from, size_t until)
{
    for (size_t at = from; at < until; at++)
        if (text[at] != '\n' && text[at] != '\r')
            text[at] = ' ';
}

static bool
is_guard_line(const char *line)
{
    static const char *const guards[] = {"\\restrict ", "\\unrestrict "};

    for (int i = 0; i < LENGTH(guards); i++)
        if (strncmp(line, guards[i], strlen(guards[i])) == 0)
            return true;
    return false;
}

static void
blank_guards(Mem *mem, char *text)
{
    SqlSpans spans = sql_token_spans(mem, text, strlen(text));

    for (char *at = strchr(text, '\\'); at != NULL; at = strchr(at + 1, '\\'))
        if ((at == text || at[-1] == '\n') && is_guard_line(at) &&
            sql_place_at(&spans, (size_t)(at - text)) == SQL_PLACE_CODE)
            blank_out(at, 0, strcspn(at, "\r\n"));
}

char *
sql_without_data(Mem *mem, const char *text, const SqlDataList *data)
{
    MEM_SCOPE(scope, mem);
    char *sql = mem_copy(mem, text);

    for (int i = 0; i < data->count; i++)
        blank_out(sql, data->items[i].offset,
                  data->items[i].offset + data->items[i].length + strlen("\\."));
    if (strstr(sql, "restrict ") != NULL)
        blank_guards(scope, sql);
    return sql;
}

/* The first whose statement ends behind that place: its own, where it is a COPY. */
const SqlData *
sql_data_of(const SqlDataList *data, size_t place)
{
    for (int i = 0; i < data->count; i++)
        if (data->items[i].behind > place)
            return &data->items[i];
    return NULL;
}

/* Other rows make another statement. */
void
sql_data_digest(const char *text, const SqlDataList *data, char hex[DIGEST_HEX])
{
    MEM_SCOPE(scope, NULL);
    Digest *digest = digest_begin(scope);

    digest_add(digest, hex, strlen(hex));
    for (int i = 0; i < data->count; i++)
        digest_add(digest, text + data->items[i].offset, data->items[i].length);
    if (data->count > 0)
        digest_end(digest, hex);
}
