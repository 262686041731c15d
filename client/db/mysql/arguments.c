/*
 * Values for stored SQL, written into its text: the prepared protocol refuses half of
 * what a migration needs, and its answers are typed. A value is always a quoted
 * literal.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "db/mysql/mysql.h"

/* Behind a string or a comment that starts at `at`; at itself where none does. Stored
 * SQL is ours: quotes are doubled inside, and there are no backslashes. */
static const char *
literal_end(const char *at)
{
    const char *end = NULL;

    if (strchr("'\"`", *at) != NULL)
        end = strchr(at + 1, *at);
    else if (strncmp(at, "-- ", 3) == 0)
        end = strchr(at, '\n');
    else
        return at;
    return end == NULL ? at + strlen(at) : end + 1;
}

/* In utf8mb4 no byte of a longer character is a quote or a backslash. */
static void
literal_write(Buf *sql, const Caps *caps, const char *value)
{
    if (value == NULL)
    {
        buf_add(sql, "NULL");
        return;
    }
    buf_add(sql, "'");
    for (const char *c = value; *c != '\0'; c++)
    {
        if (*c == '\'' || (*c == '\\' && caps->string_backslash))
            buf_bytes(sql, c, 1);
        buf_bytes(sql, c, 1);
    }
    buf_add(sql, "'");
}

const char *
arguments_write(Mem *mem, const Caps *caps, const Ask *ask)
{
    Buf sql = buf_begin(mem);

    if (ask->arg_count == 0)
        return mem_copy(mem, ask->sql);
    for (const char *at = ask->sql; *at != '\0';)
    {
        const char *end = literal_end(at);

        if (end > at)
            buf_bytes(&sql, at, (size_t)(end - at));
        else if (*at == '$' && isdigit((unsigned char)at[1]))
        {
            long number = strtol(at + 1, (char **)&end, 10);

            literal_write(
                &sql, caps,
                number >= 1 && number <= ask->arg_count ? ask->args[number - 1] : NULL);
        }
        else
            buf_bytes(&sql, at, (size_t)(++end - at));
        at = end;
    }
    return sql.text;
}
