/*
 * A SQLite file, waited for as most programs do: sqlite3_busy_timeout, 5 s.
 */
#include "writers/link.h"

#include <sqlite3.h>
#include <stdio.h>

#define PATIENCE_MS 5000

static bool
file_open(Link *link, const char *where)
{
    sqlite3 *file = NULL;
    bool opened =
        sqlite3_open_v2(where, &file, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK;

    link->server = file;
    sqlite3_busy_timeout(file, PATIENCE_MS);
    return opened;
}

static bool
file_run(Link *link, LinkText text, int id, char email[EMAIL_SIZE])
{
    sqlite3_stmt *statement = link->prepared[text];
    int result;

    if (statement == NULL && sqlite3_prepare_v2(link->server, link_texts[text], -1,
                                                &statement, NULL) != SQLITE_OK)
        return false;
    link->prepared[text] = statement;
    if (text == TEXT_READ)
        sqlite3_bind_int(statement, 1, id);
    else
    {
        sqlite3_bind_text(statement, 1, email, -1, SQLITE_STATIC);
        sqlite3_bind_int(statement, 2, id);
    }
    result = sqlite3_step(statement);
    if (result == SQLITE_ROW)
    {
        snprintf(email, EMAIL_SIZE, "%s",
                 (const char *)sqlite3_column_text(statement, 0));
        result = sqlite3_step(statement);
    }
    sqlite3_reset(statement);
    return result == SQLITE_DONE;
}

static const char *
file_error(const Link *link)
{
    return sqlite3_errmsg(link->server);
}

static void
file_close(Link *link)
{
    for (int i = 0; i < TEXT_COUNT; i++)
        sqlite3_finalize(link->prepared[i]);
    sqlite3_close(link->server);
}

const LinkKind sqlite_link = {"", file_open, file_run, file_error, file_close};
