#include "db/mysql/address.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum
{
    PORT_USUAL = 3306
};

/* One keyword, and the text member it fills. */
typedef struct Keyword
{
    const char *name;
    size_t offset;
} Keyword;

/* clang-format off */
static const Keyword keywords[] = {
    {"host",        offsetof(MysqlAddress, host)},
    {"socket",      offsetof(MysqlAddress, socket)},
    {"user",        offsetof(MysqlAddress, user)},
    {"password",    offsetof(MysqlAddress, password)},
    {"database",    offsetof(MysqlAddress, database)},
    {"tls-ca",      offsetof(MysqlAddress, tls_ca)},
    {"tls-cert",    offsetof(MysqlAddress, tls_cert)},
    {"tls-key",     offsetof(MysqlAddress, tls_key)},
    {"option-file", offsetof(MysqlAddress, option_file)},
    {"time_zone",   offsetof(MysqlAddress, time_zone)},
    {"sql_mode",    offsetof(MysqlAddress, sql_mode)},
};

static const struct { const char *name; TlsMode mode; } modes[] = {
    {"disable",     TLS_DISABLE},
    {"require",     TLS_REQUIRE},
    {"verify-full", TLS_VERIFY_FULL},
};
/* clang-format on */

static bool
tls_read(const char *value, MysqlAddress *address, Err *err)
{
    for (int i = 0; i < LENGTH(modes); i++)
        if (strcmp(value, modes[i].name) == 0)
        {
            address->tls = modes[i].mode;
            return true;
        }
    err_set(err, ERR_USAGE, "tls cannot be \"%s\"", value);
    return err_hint(err, "Say tls=disable, tls=require or tls=verify-full.");
}

static bool
keyword_fill(const char *name, const char *value, MysqlAddress *address, Err *err)
{
    for (int i = 0; i < LENGTH(keywords); i++)
        if (strcmp(name, keywords[i].name) == 0)
        {
            *(const char **)((char *)address + keywords[i].offset) = value;
            return true;
        }
    if (strcmp(name, "tls") == 0)
        return tls_read(value, address, err);
    if (strcmp(name, "port") == 0)
    {
        address->port = (unsigned)strtoul(value, NULL, 10);
        return true;
    }
    return err_set(err, ERR_USAGE, "the connection has no setting \"%s\"", name);
}

/* What stands between single quotes, or up to a blank; a backslash keeps what follows.
 */
static const char *
value_read(Mem *mem, const char *at, const char **value)
{
    Buf out = buf_begin(mem);
    bool quoted = *at == '\'';

    for (at += quoted; *at != '\0' && *at != (quoted ? '\'' : ' '); at++)
    {
        if (*at == '\\' && at[1] != '\0')
            at++;
        buf_bytes(&out, at, 1);
    }
    *value = out.text;
    return *at == '\0' ? at : at + 1;
}

bool
address_read(Mem *mem, const char *given, MysqlAddress *address, Err *err)
{
    *address = (MysqlAddress){0};
    for (const char *at = given; *(at += strspn(at, " ")) != '\0';)
    {
        size_t length = strcspn(at, "= ");
        const char *name = mem_slice(mem, at, length);
        const char *value;

        if (at[length] != '=')
            return err_set(err, ERR_USAGE, "\"%s\" of the connection has no value",
                           name);
        at = value_read(mem, at + length + 1, &value);
        if (!keyword_fill(name, value, address, err))
            return false;
    }
    return true;
}

/* The address's own machine: nobody listens in between. */
static bool
address_is_near(const MysqlAddress *address)
{
    const char *host = address->host;

    return host == NULL || host[0] == '\0' || address->socket != NULL ||
           strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
           strcmp(host, "::1") == 0;
}

TlsMode
address_tls(const MysqlAddress *address)
{
    if (address->tls != TLS_UNSAID)
        return address->tls;
    if (address->tls_ca != NULL)
        return TLS_VERIFY_FULL;
    return address_is_near(address) ? TLS_DISABLE : TLS_REQUIRE;
}

char *
address_shown(Mem *mem, const MysqlAddress *address)
{
    if (address->socket != NULL)
        return mem_text(mem, "socket \"%s\"", address->socket);
    return mem_text(mem, "\"%s\", port %u",
                    address->host == NULL ? "localhost" : address->host,
                    address->port == 0 ? PORT_USUAL : address->port);
}
