/*
 * MySQL or MariaDB on a Unix socket, as root, each statement committed by itself.
 */
#include "writers/link.h"

#include <mysql.h>
#include <stdio.h>
#include <string.h>

static bool
server_open(Link *link, const char *where)
{
    const char *slash = strrchr(where, '/');
    char socket[108];

    link->server = mysql_init(NULL);
    if (slash == NULL)
        return false;
    snprintf(socket, sizeof(socket), "%.*s", (int)(slash - where), where);
    return mysql_real_connect(link->server, NULL, "root", "", slash + 1, 0, socket,
                              0) != NULL;
}

/* The text of the statement with its values, which need no escapes, for its marks. */
static void
text_fill(char *filled, size_t size, LinkText text, int id, const char *email)
{
    const char *sql = link_texts[text];
    const char *mark = strchr(sql, '?');

    if (text == TEXT_READ)
        snprintf(filled, size, "%.*s%d", (int)(mark - sql), sql, id);
    else
        snprintf(filled, size, "%.*s'%s' WHERE id = %d", (int)(mark - sql), sql, email,
                 id);
}

static bool
server_run(Link *link, LinkText text, int id, char email[EMAIL_SIZE])
{
    char filled[256];
    MYSQL_RES *rows;
    MYSQL_ROW row;

    text_fill(filled, sizeof(filled), text, id, email);
    if (mysql_query(link->server, filled) != 0)
        return false;
    if (text != TEXT_READ)
        return mysql_affected_rows(link->server) == 1;
    rows = mysql_store_result(link->server);
    if (rows == NULL)
        return false;
    row = mysql_fetch_row(rows);
    snprintf(email, EMAIL_SIZE, "%s", row == NULL || row[0] == NULL ? "" : row[0]);
    mysql_free_result(rows);
    return true;
}

static const char *
server_error(const Link *link)
{
    const char *error = mysql_error(link->server);

    return error[0] == '\0' ? "no row was changed" : error;
}

static void
server_close(Link *link)
{
    mysql_close(link->server);
}

const LinkKind mysql_link = {"mysql:", server_open, server_run, server_error,
                             server_close};
