/*
 * The SQL mode decides what a quote and a backslash mean, and a file may set it for the
 * statements that follow: it is read from what the file says, as the server will.
 */
#include <string.h>

#include "core/sql/mysql/mysql.h"

/* The modes that change what is read; the others are the server's alone. ORACLE's
 * bodies are of another grammar. */
static const struct
{
    const char *name;
    MyMode mode;
    bool foreign;
} modes[] = {
    {.name = "ANSI", .mode.ansi_quotes = true},
    {.name = "ANSI_QUOTES", .mode.ansi_quotes = true},
    {.name = "DB2", .mode.ansi_quotes = true},
    {.name = "MAXDB", .mode.ansi_quotes = true},
    {.name = "MSSQL", .mode.ansi_quotes = true},
    {.name = "POSTGRESQL", .mode.ansi_quotes = true},
    {.name = "NO_BACKSLASH_ESCAPES", .mode.no_escapes = true},
    {.name = "ORACLE", .foreign = true},
};

/* One name of a list; false: it cannot be followed. */
static bool
mode_named(const char *name, size_t length, MyMode *mode)
{
    for (int i = 0; i < LENGTH(modes); i++)
    {
        if (strlen(modes[i].name) != length ||
            strncasecmp(modes[i].name, name, length) != 0)
            continue;
        mode->ansi_quotes |= modes[i].mode.ansi_quotes;
        mode->no_escapes |= modes[i].mode.no_escapes;
        return !modes[i].foreign;
    }
    return true;
}

static bool
modes_named(const char *list, MyMode *mode)
{
    size_t length;

    *mode = (MyMode){0};
    for (const char *at = list; *at != '\0'; at += length, at += strspn(at, ", "))
    {
        length = strcspn(at, ", ");
        if (!mode_named(at, length, mode))
            return false;
    }
    return true;
}

/* What a function makes of them is not known; a variable brings back what was. */
static bool
modes_mentioned(const char *text)
{
    for (int i = 0; i < LENGTH(modes); i++)
        if (strcasestr(text, modes[i].name) != NULL)
            return true;
    return false;
}

/* The cursor stands on the value that the mode is given. */
static bool
value_read(MyCursor *cursor, MyMode *mode)
{
    const MyToken *value = my_peek(cursor, 0);
    int from = cursor->at;
    char *list;

    my_skip_item(cursor);
    if (cursor->at - from == 1 && value->kind != MY_NUMBER && value->kind != MY_SIGN)
        list = my_name(cursor->mem, cursor->text, value);
    else
        list = my_between(cursor, from, cursor->at);
    if (cursor->at - from == 1)
        return modes_named(list, mode);
    *mode = (MyMode){0};
    return !modes_mentioned(list);
}

/* "SQL_MODE =" of this session, and not of the server. */
static bool
mode_target(MyCursor *cursor)
{
    while (my_take_sign(cursor, '@') || my_take_sign(cursor, '.') ||
           my_take(cursor, "SESSION") || my_take(cursor, "LOCAL"))
        continue;
    if (!my_take(cursor, "SQL_MODE"))
        return false;
    (void)my_take_sign(cursor, ':');
    return my_take_sign(cursor, '=');
}

bool
my_mode_after(const char *text, const MyPiece *piece, MyMode *mode)
{
    MEM_SCOPE(scope, NULL);
    MyCursor cursor = my_cursor(scope, text, piece);

    if (!my_take(&cursor, "SET"))
        return true;
    do
    {
        if (!mode_target(&cursor))
            my_skip_item(&cursor);
        else if (!value_read(&cursor, mode))
            return false;
    } while (my_take_sign(&cursor, ','));
    return true;
}
