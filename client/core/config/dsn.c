#include "core/config/dsn.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"

/* What becomes of a parameter that libpq does not know. */
typedef enum Fate
{
    FATE_KEPT, /* as it is, under another name where one is given */
    FATE_DROPPED,
    FATE_SEARCH_PATH, /* joins "options" */
    FATE_OPTIONS,
    FATE_ROLE /* of the server: JDBC's targetServerType */
} Fate;

typedef struct Habit
{
    const char *name; /* a '*' at its end: any ending */
    Fate fate;
    const char *libpq;
} Habit;

/* clang-format off */
static const Habit habits[] = {
    {"max_conns",                FATE_DROPPED,     NULL}, /* Ory */
    {"max_idle_conns",           FATE_DROPPED,     NULL},
    {"max_conn_lifetime",        FATE_DROPPED,     NULL},
    {"max_conn_idle_time",       FATE_DROPPED,     NULL},
    {"pool_*",                   FATE_DROPPED,     NULL}, /* pgx, Prisma */
    {"default_query_exec_mode",  FATE_DROPPED,     NULL},
    {"statement_cache_*",        FATE_DROPPED,     NULL},
    {"description_cache_*",      FATE_DROPPED,     NULL},
    {"prefer_simple_protocol",   FATE_DROPPED,     NULL},
    {"connection_limit",         FATE_DROPPED,     NULL},
    {"pgbouncer",                FATE_DROPPED,     NULL},
    {"binary_parameters",        FATE_DROPPED,     NULL}, /* lib/pq */
    {"x-*",                      FATE_DROPPED,     NULL}, /* golang-migrate */
    {"socket",                   FATE_KEPT,        "host"},
    {"search_path",              FATE_SEARCH_PATH, NULL},
    {"schema",                   FATE_SEARCH_PATH, NULL},
    {"currentSchema",            FATE_SEARCH_PATH, NULL}, /* JDBC from here */
    {"options",                  FATE_OPTIONS,     NULL},
    {"loginTimeout",             FATE_KEPT,        "connect_timeout"},
    {"connectTimeout",           FATE_KEPT,        "connect_timeout"},
    {"targetServerType",         FATE_ROLE,        "target_session_attrs"},
    {"ApplicationName",          FATE_DROPPED,     NULL},
    {"prepareThreshold",         FATE_DROPPED,     NULL},
    {"reWriteBatchedInserts",    FATE_DROPPED,     NULL},
    {"socketTimeout",            FATE_DROPPED,     NULL},
    {"stringtype",               FATE_DROPPED,     NULL},
    {"tcpKeepAlive",             FATE_DROPPED,     NULL},
};

static const struct { const char *jdbc; const char *libpq; } server_roles[] = {
    {"primary",         "read-write"},
    {"master",          "read-write"},
    {"secondary",       "standby"},
    {"slave",           "standby"},
    {"preferSecondary", "prefer-standby"},
    {"preferSlave",     "prefer-standby"},
};
/* clang-format on */

static const char *const secret_names[] = {"password", "sslpassword", "passwd"};

/* --- percent --------------------------------------------------------------------- */

char *
percent_decode(Mem *mem, const char *text, size_t length)
{
    Buf out = buf_begin(mem);

    for (size_t at = 0; at < length; at++)
    {
        unsigned code = (unsigned char)text[at];

        if (code == '%')
        {
            char digits[3] = {0};

            memcpy(digits, text + at + 1, length - at > 2 ? 2 : length - at - 1);
            if (!isxdigit((unsigned char)digits[0]) ||
                !isxdigit((unsigned char)digits[1]) || sscanf(digits, "%x", &code) != 1)
                return NULL;
            at += 2;
        }
        buf_bytes(&out, &(char){(char)code}, 1);
    }
    return out.text;
}

void
percent_encode(Buf *buf, const char *text, const char *kept)
{
    for (; *text != '\0'; text++)
    {
        unsigned char c = (unsigned char)*text;

        if (isalnum(c) || strchr("-._~", c) != NULL || strchr(kept, c) != NULL)
            buf_bytes(buf, text, 1);
        else
            buf_format(buf, "%%%02X", c);
    }
}

/* --- reading --------------------------------------------------------------------- */

bool
parameters_read_query(Mem *mem, const char *query, Parameters *parameters, Err *err)
{
    while (query != NULL && *query != '\0')
    {
        size_t length = strcspn(query, "&");
        const char *equals = memchr(query, '=', length);
        const char *next = query + length + (query[length] == '&');

        if (equals == NULL)
            return err_set(err, ERR_USAGE, "parameter %d of the URL has no \"=\"",
                           parameters->count + 1);

        size_t name = (size_t)(equals - query);
        Parameter *parameter = list_add(mem, parameters);

        parameter->name = percent_decode(mem, query, name);
        parameter->value = percent_decode(mem, equals + 1, length - name - 1);
        if (parameter->name == NULL || parameter->value == NULL)
            return err_set(err, ERR_USAGE,
                           "parameter %d of the URL has a %% that starts no code",
                           parameters->count);
        query = next;
    }
    return true;
}

static const char *
skip_blanks(const char *text)
{
    return text + strspn(text, " \t\r\n\f\v");
}

/* libpq's own rule: '...' with \' and \\, or up to a blank; NULL when left open. */
static const char *
keyword_value(Mem *mem, const char *at, const char **value)
{
    Buf out = buf_begin(mem);
    bool quoted = *at == '\'';

    for (at += quoted; *at != '\0'; at++)
    {
        if (quoted ? *at == '\'' : isspace((unsigned char)*at))
            break;
        if (*at == '\\' && at[1] != '\0')
            at++;
        buf_bytes(&out, at, 1);
    }
    *value = out.text;
    if (!quoted)
        return at;
    return *at == '\'' ? at + 1 : NULL;
}

bool
parameters_read_keywords(Mem *mem, const char *text, Parameters *parameters, Err *err)
{
    for (const char *at = skip_blanks(text); *at != '\0'; at = skip_blanks(at))
    {
        size_t length = strcspn(at, "= \t\r\n\f\v");
        const char *equals = skip_blanks(at + length);
        Parameter *parameter = list_add(mem, parameters);

        if (length == 0 || *equals != '=')
            return err_set(err, ERR_USAGE,
                           "word %d of the connection string has no \"=\"",
                           parameters->count);
        parameter->name = mem_slice(mem, at, length);
        at = keyword_value(mem, skip_blanks(equals + 1), &parameter->value);
        if (at == NULL)
            return err_set(err, ERR_USAGE,
                           "the quote of \"%s\" is not closed in the connection string",
                           parameter->name);
    }
    return true;
}

/* --- translating ----------------------------------------------------------------- */

static const Habit *
habit_of(const char *name)
{
    for (int i = 0; i < LENGTH(habits); i++)
    {
        size_t length = strlen(habits[i].name);
        bool open = habits[i].name[length - 1] == '*';

        if (open ? strncmp(name, habits[i].name, length - 1) == 0
                 : strcmp(name, habits[i].name) == 0)
            return &habits[i];
    }
    return NULL;
}

static void
parameter_add(Mem *mem, Parameters *parameters, const char *name, const char *value)
{
    *list_add(mem, parameters) = (Parameter){name, value};
}

static const char *
server_role(const char *jdbc)
{
    for (int i = 0; i < LENGTH(server_roles); i++)
        if (strcmp(jdbc, server_roles[i].jdbc) == 0)
            return server_roles[i].libpq;
    return "any";
}

/* In "options", a blank or a backslash of a value has a backslash before it. */
static void
options_add(Buf *options, const char *search_path)
{
    buf_add(options, options->length > 0 ? " -csearch_path=" : "-csearch_path=");
    for (; *search_path != '\0'; search_path++)
    {
        if (isspace((unsigned char)*search_path) || *search_path == '\\')
            buf_add(options, "\\");
        buf_bytes(options, search_path, 1);
    }
}

Parameters
parameters_translate(Mem *mem, const Parameters *given)
{
    Parameters out = {0};
    Buf options = buf_begin(mem);

    for (int i = 0; i < given->count; i++)
    {
        const Parameter *one = &given->items[i];
        const Habit *habit = habit_of(one->name);
        Fate fate = habit == NULL ? FATE_KEPT : habit->fate;
        const char *name = habit == NULL ? one->name : habit->libpq;

        if (fate == FATE_KEPT)
            parameter_add(mem, &out, name, one->value);
        else if (fate == FATE_ROLE)
            parameter_add(mem, &out, name, server_role(one->value));
        else if (fate == FATE_SEARCH_PATH)
            options_add(&options, one->value);
        else if (fate == FATE_OPTIONS)
            buf_format(&options, "%s%s", options.length > 0 ? " " : "", one->value);
    }
    if (options.length > 0)
        parameter_add(mem, &out, "options", options.text);
    return out;
}

/* --- writing --------------------------------------------------------------------- */

static bool
is_secret(const char *name)
{
    for (int i = 0; i < LENGTH(secret_names); i++)
        if (strcasecmp(name, secret_names[i]) == 0)
            return true;
    return false;
}

const char *
parameter_value(const Parameters *parameters, const char *name)
{
    const char *value = NULL;

    for (int i = 0; i < parameters->count; i++)
        if (strcmp(parameters->items[i].name, name) == 0)
            value = parameters->items[i].value;
    return value;
}

char *
parameters_query(Mem *mem, const Parameters *parameters, bool shown)
{
    Buf out = buf_begin(mem);

    for (int i = 0; i < parameters->count; i++)
    {
        const Parameter *one = &parameters->items[i];

        buf_format(&out, "%s%s=", i == 0 ? "?" : "&", one->name);
        if (shown && is_secret(one->name))
            buf_add(&out, SECRET_SHOWN);
        else
            percent_encode(&out, one->value, "/,:");
    }
    return out.text;
}

char *
parameters_keywords(Mem *mem, const Parameters *parameters, bool shown)
{
    Buf out = buf_begin(mem);

    for (int i = 0; i < parameters->count; i++)
    {
        const Parameter *one = &parameters->items[i];
        bool hidden = shown && is_secret(one->name);
        const char *value = hidden ? SECRET_SHOWN : one->value;
        bool quoted = value[0] == '\0' || strpbrk(value, " \t\r\n\f\v'\\") != NULL;

        buf_format(&out, "%s%s=%s", i == 0 ? "" : " ", one->name, quoted ? "'" : "");
        for (; *value != '\0'; value++)
        {
            if (*value == '\'' || *value == '\\')
                buf_add(&out, "\\");
            buf_bytes(&out, value, 1);
        }
        buf_add(&out, quoted ? "'" : "");
    }
    return out.text;
}

void
parameters_hide(const Parameters *parameters)
{
    for (int i = 0; i < parameters->count; i++)
        if (is_secret(parameters->items[i].name))
            secret_register(parameters->items[i].value);
}
