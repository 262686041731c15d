/*
 * Several hosts in one connection string, and one of them silent. libpq's own time
 * limit a host works only in its blocking calls, so here the list is cut instead.
 */
#include <stdlib.h>
#include <string.h>

#include "db/postgres/postgres.h"

enum
{
    SHARE_MIN_MS = 2000 /* libpq's own least connect_timeout */
};

static const char *
option_value(const PQconninfoOption *options, const char *name)
{
    for (; options != NULL && options->keyword != NULL; options++)
        if (strcmp(options->keyword, name) == 0)
            return options->val;
    return NULL;
}

static int
list_count(const char *list)
{
    int count = 1;

    for (; *list != '\0'; list++)
        count += *list == ',';
    return count;
}

/* The list without its first `gone` items. */
static const char *
list_behind(const char *list, int gone)
{
    while (gone > 0 && *list != '\0')
        gone -= *list++ == ',';
    return list;
}

static bool
list_has(const char *list, int at, const char *item)
{
    const char *from = list_behind(list, at);
    size_t length = strcspn(from, ",");

    return strlen(item) == length && strncmp(from, item, length) == 0;
}

static const char *
list_of_hosts(const PQconninfoOption *options)
{
    const char *list = option_value(options, "host");

    return list != NULL && list[0] != '\0' ? list : option_value(options, "hostaddr");
}

Millis
hosts_share(PGconn *conn, Millis all)
{
    PQconninfoOption *options = PQconninfo(conn);
    const char *list = list_of_hosts(options);
    const char *seconds = option_value(options, "connect_timeout");
    Millis asked = seconds == NULL ? 0 : strtoll(seconds, NULL, 10) * 1000;
    Millis share = asked > 0 ? asked : all / (list == NULL ? 1 : list_count(list));

    PQconninfoFree(options);
    if (share < SHARE_MIN_MS)
        share = SHARE_MIN_MS;
    return share < all ? share : all;
}

bool
hosts_after(Mem *mem, PGconn *conn, Hosts *rest)
{
    PQconninfoOption *options = PQconninfo(conn);
    const char *list = list_of_hosts(options);
    const char *hostaddr = option_value(options, "hostaddr");
    const char *port = option_value(options, "port");
    int count = list == NULL ? 0 : list_count(list);
    bool ports = port != NULL && list_count(port) > 1;
    int at = 0;

    while (at < count && !(list_has(list, at, PQhost(conn)) &&
                           (!ports || list_has(port, at, PQport(conn)))))
        at++;

    bool more = at + 1 < count;

    if (more)
    {
        if (list != hostaddr)
            rest->host = mem_copy(mem, list_behind(list, at + 1));
        if (hostaddr != NULL && hostaddr[0] != '\0')
            rest->hostaddr = mem_copy(mem, list_behind(hostaddr, at + 1));
        if (ports)
            rest->port = mem_copy(mem, list_behind(port, at + 1));
    }
    PQconninfoFree(options);
    return more;
}
