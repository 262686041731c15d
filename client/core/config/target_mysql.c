#include "core/config/target_mysql.h"

#include <ctype.h>
#include <string.h>

#include "base/secret.h"
#include "core/config/dsn.h"
#include "core/config/target_x.h"

/* The pieces of an address, decoded. */
typedef struct Pieces
{
    const char *user; /* NULL: none */
    const char *password;
    const char *host;
    const char *port;
    const char *socket;
    const char *database;
    const char *query; /* behind the '?', as it stands; or NULL */
} Pieces;

/* --- parameters ------------------------------------------------------------------ */

/* How other tools say how the connection is protected. */
typedef struct TlsWord
{
    const char *name;
    const char *value;
    const char *tls; /* NULL: not said, so that ours decides */
} TlsWord;

/* clang-format off */
static const TlsWord tls_words[] = {
    {"tls", "disable",     "disable"},
    {"tls", "require",     "require"},
    {"tls", "verify-full", "verify-full"},
    {"tls", "true",        "verify-full"}, /* Go */
    {"tls", "false",       "disable"},
    {"tls", "skip-verify", "require"},
    {"tls", "preferred",   NULL},
    {"ssl-mode", "disabled",        "disable"}, /* MySQL */
    {"ssl-mode", "preferred",       NULL},
    {"ssl-mode", "required",        "require"},
    {"ssl-mode", "verify_ca",       "verify-full"}, /* not portable: the stricter one */
    {"ssl-mode", "verify_identity", "verify-full"},
    {"sslmode", "disable",         "disable"}, /* JDBC, both kinds, and PostgreSQL's */
    {"sslmode", "disabled",        "disable"},
    {"sslmode", "trust",           "require"},
    {"sslmode", "prefer",          NULL},
    {"sslmode", "preferred",       NULL},
    {"sslmode", "require",         "require"},
    {"sslmode", "required",        "require"},
    {"sslmode", "verify-ca",       "verify-full"},
    {"sslmode", "verify_ca",       "verify-full"},
    {"sslmode", "verify-full",     "verify-full"},
    {"sslmode", "verify_identity", "verify-full"},
    {"usessl", "true",  "require"},
    {"usessl", "false", "disable"},
};

/* Names in other tools, and ours; NULL is dropped. A '*' stands for any ending. */
static const struct { const char *name; const char *ours; } habits[] = {
    {"socket",        "socket"},
    {"unix_socket",   "socket"},
    {"localSocket",   "socket"},
    {"user",          "user"},
    {"username",      "user"},
    {"password",      "password"},
    {"option-file",   "option-file"},
    {"defaults-file", "option-file"},
    {"tls-ca",        "tls-ca"},
    {"x-tls-ca",      "tls-ca"}, /* golang-migrate */
    {"ssl-ca",        "tls-ca"},
    {"sslrootcert",   "tls-ca"},
    {"serverSslCert", "tls-ca"},
    {"tls-cert",      "tls-cert"},
    {"x-tls-cert",    "tls-cert"},
    {"ssl-cert",      "tls-cert"},
    {"sslcert",       "tls-cert"},
    {"tls-key",       "tls-key"},
    {"x-tls-key",     "tls-key"},
    {"ssl-key",       "tls-key"},
    {"sslkey",        "tls-key"},
    {"time_zone",     "time_zone"},
    {"sql_mode",      "sql_mode"},
    {"parseTime", NULL}, {"multiStatements", NULL}, {"loc", NULL}, {"charset", NULL}, {"collation", NULL}, /* Go */
    {"timeout", NULL}, {"readTimeout", NULL}, {"writeTimeout", NULL}, {"maxAllowedPacket", NULL},
    {"interpolateParams", NULL}, {"clientFoundRows", NULL}, {"columnsWithAlias", NULL}, {"rejectReadOnly", NULL},
    {"checkConnLiveness", NULL}, {"connectionAttributes", NULL}, {"serverPubKey", NULL}, {"allow*", NULL},
    {"max_conns", NULL}, {"max_idle_conns", NULL}, {"max_conn_lifetime", NULL}, {"max_conn_idle_time", NULL}, /* Ory */
    {"pool_*", NULL}, {"connection_limit", NULL}, {"x-*", NULL},
    {"useUnicode", NULL}, {"characterEncoding", NULL}, {"serverTimezone", NULL}, {"connectionTimeZone", NULL}, /* JDBC */
    {"connectTimeout", NULL}, {"socketTimeout", NULL}, {"autoReconnect", NULL}, {"rewriteBatchedStatements", NULL},
    {"useServerPrepStmts", NULL}, {"cachePrepStmts", NULL}, {"zeroDateTimeBehavior", NULL},
    {"nullCatalogMeansCurrent", NULL}, {"createDatabaseIfNotExist", NULL},
};
/* clang-format on */

static bool
name_fits(const char *habit, const char *name)
{
    size_t length = strlen(habit);

    return habit[length - 1] == '*' ? strncmp(habit, name, length - 1) == 0
                                    : strcasecmp(habit, name) == 0;
}

/* True when it is one of them; tls stays as it was where nothing is said. */
static bool
tls_take(const Parameter *given, const char **tls, bool *known)
{
    bool named = false;

    *known = false;
    for (int i = 0; i < LENGTH(tls_words) && !*known; i++)
        if (strcasecmp(tls_words[i].name, given->name) == 0)
        {
            named = true;
            *known = strcasecmp(tls_words[i].value, given->value) == 0;
            if (*known && tls_words[i].tls != NULL)
                *tls = tls_words[i].tls;
        }
    return named;
}

/* Of golang-migrate: neither who signed the certificate is asked then, nor for whom. */
static bool
tls_unchecked(const Parameters *query)
{
    const char *said = parameter_value(query, "x-tls-insecure-skip-verify");
    bool skips = false;

    return said != NULL && truth_read(said, &skips) && skips &&
           parameter_value(query, "x-tls-ca") != NULL;
}

/* golang-migrate's "tls" may be any name: of what x-tls-... say. */
static bool
tls_is_named(const Parameters *query, const Parameter *given, const char **tls)
{
    if (strcmp(given->name, "tls") != 0 || parameter_value(query, "x-tls-ca") == NULL)
        return false;
    *tls = tls_unchecked(query) ? "require" : "verify-full";
    return true;
}

static bool
parameter_take(Mem *mem, const Parameters *query, const Parameter *given,
               Parameters *known, const char **tls, Err *err)
{
    bool understood;

    if (tls_take(given, tls, &understood))
        return understood || tls_is_named(query, given, tls) ||
               err_set(err, ERR_USAGE, "\"%s\" of the address cannot be \"%s\"",
                       given->name, given->value) ||
               err_hint(err, "Say tls=disable, tls=require (encrypted, nobody is "
                             "checked) or tls=verify-full with tls-ca=FILE.");
    for (int i = 0; i < LENGTH(habits); i++)
        if (name_fits(habits[i].name, given->name))
        {
            bool moot = strcmp(given->name, "x-tls-ca") == 0 && tls_unchecked(query);

            if (habits[i].ours != NULL && !moot)
                *list_add(mem, known) = (Parameter){habits[i].ours, given->value};
            return true;
        }
    err_set(err, ERR_USAGE, "the address has an unknown parameter \"%s\"", given->name);
    return err_hint(err, "Known are tls, tls-ca, tls-cert, tls-key, socket, "
                         "option-file, time_zone and sql_mode.");
}

/* --- pieces ---------------------------------------------------------------------- */

/* "host:port", "[::1]:port"; of several hosts the first would decide alone. */
static bool
host_split(Mem *mem, const char *text, Pieces *pieces, Err *err)
{
    const char *end = text[0] == '[' ? strchr(text, ']') : NULL;
    const char *colon = strchr(end == NULL ? text : end, ':');
    size_t length = colon == NULL ? strlen(text) : (size_t)(colon - text);

    if (strchr(text, ',') != NULL)
        return err_set(err, ERR_USAGE, "the address names several hosts") ||
               err_hint(err, "Name the one that writes.");
    if (colon != NULL &&
        (colon[1] == '\0' || strspn(colon + 1, "0123456789") != strlen(colon + 1)))
        return err_set(err, ERR_USAGE, "the port in the address is no number") ||
               err_hint(err, "In a URL, encode what is special in a password: / is "
                             "%%2F, ? is %%3F, # is %%23, @ is %%40.");
    if (length > 0)
        pieces->host = end == NULL ? mem_slice(mem, text, length)
                                   : mem_slice(mem, text + 1, (size_t)(end - text - 1));
    if (colon != NULL)
        pieces->port = mem_copy(mem, colon + 1);
    return true;
}

/* user:password as they stand, up to the '@' at `end`. */
static void
credentials_split(Mem *mem, const char *text, const char *end, Pieces *pieces)
{
    const char *colon = memchr(text, ':', (size_t)(end - text));

    pieces->user = mem_slice(mem, text, (size_t)((colon == NULL ? end : colon) - text));
    if (colon != NULL)
        pieces->password = mem_slice(mem, colon + 1, (size_t)(end - colon - 1));
}

static bool
decode(Mem *mem, const char **text)
{
    *text = *text == NULL ? "" : percent_decode(mem, *text, strlen(*text));
    return *text != NULL;
}

static bool
url_split(Mem *mem, const char *rest, Pieces *pieces, Err *err)
{
    size_t authority = strcspn(rest, "/?#");
    const char *at = memrchr(rest, '@', authority);
    const char *path = rest + authority;
    size_t length = strcspn(path, "?#");
    const char *host = at == NULL ? rest : at + 1;

    if (at != NULL)
        credentials_split(mem, rest, at, pieces);
    if (path[length] == '?')
        pieces->query =
            mem_slice(mem, path + length + 1, strcspn(path + length + 1, "#"));
    pieces->database = mem_slice(mem, path + (length > 0), length - (length > 0));
    if ((pieces->user != NULL && !decode(mem, &pieces->user)) ||
        (pieces->password != NULL && !decode(mem, &pieces->password)) ||
        !decode(mem, &pieces->database))
        return err_set(err, ERR_USAGE,
                       "the address has a %% that starts no code: write %%25");
    return host_split(mem, mem_slice(mem, host, (size_t)(path - host)), pieces, err);
}

/* The last '/' starts the database, the last '@' before it ends the credentials, the
 * first ':' splits them: a password may hold anything, and nothing is decoded. */
static bool
go_split(Mem *mem, const char *text, Pieces *pieces, Err *err)
{
    const char *closing = strrchr(text, ')');
    const char *slash =
        closing != NULL && closing[1] == '/' ? closing + 1 : strrchr(text, '/');
    const char *end = slash == NULL ? text + strlen(text) : slash;
    const char *at = memrchr(text, '@', (size_t)(end - text));
    const char *net = at == NULL ? text : at + 1;
    const char *opening = memchr(net, '(', (size_t)(end - net));

    if (opening == NULL || end[-1] != ')')
        return err_set(err, ERR_USAGE, "the address has no host in parentheses") ||
               err_hint(err, "Give it as user:password@tcp(host:3306)/database.");
    if (at != NULL)
        credentials_split(mem, text, at, pieces);
    if (slash != NULL)
    {
        size_t length = strcspn(slash + 1, "?");

        pieces->database = mem_slice(mem, slash + 1, length);
        if (slash[1 + length] == '?')
            pieces->query = mem_copy(mem, slash + 2 + length);
    }

    const char *inside = mem_slice(mem, opening + 1, (size_t)(end - opening - 2));

    if (strncmp(net, "unix(", 5) == 0)
    {
        pieces->socket = inside;
        return true;
    }
    pieces->port = "3306"; /* the network, also to localhost */
    return host_split(mem, inside, pieces, err);
}

/* --- putting together ------------------------------------------------------------ */

/* Whatever stands before the address itself. */
static const char *
scheme_skip(const char *given)
{
    const char *slashes = strstr(given, "://");
    const char *at = given;

    while (isalnum((unsigned char)*at) || *at == ':')
        at++;
    return slashes != NULL && at == slashes + 1 ? slashes + 3 : given;
}

static bool
is_go_form(const char *rest)
{
    return strstr(rest, "@tcp(") != NULL || strstr(rest, "@unix(") != NULL ||
           strncmp(rest, "tcp(", 4) == 0 || strncmp(rest, "unix(", 5) == 0;
}

static void
piece_add(Mem *mem, Parameters *all, const char *name, const char *value)
{
    if (value != NULL && value[0] != '\0')
        *list_add(mem, all) = (Parameter){name, value};
}

/* A password that is the user's name would hide that name everywhere. */
static void
password_hide(const Parameters *all)
{
    const char *user = parameter_value(all, "user");
    const char *password = parameter_value(all, "password");

    if (password != NULL && (user == NULL || strcmp(user, password) != 0))
        secret_register(password);
}

static char *
url_shown(Mem *mem, const Pieces *pieces, const Parameters *all)
{
    Buf out = buf_begin(mem);
    const char *user = parameter_value(all, "user");
    const char *socket = parameter_value(all, "socket");

    buf_add(&out, "mysql://");
    if (user != NULL)
    {
        percent_encode(&out, user, "");
        buf_add(&out,
                parameter_value(all, "password") == NULL ? "@" : ":" SECRET_SHOWN "@");
    }
    if (pieces->host != NULL)
        buf_format(&out, strchr(pieces->host, ':') == NULL ? "%s" : "[%s]",
                   pieces->host);
    if (pieces->port != NULL)
        buf_format(&out, ":%s", pieces->port);
    buf_format(&out, "/%s", pieces->database == NULL ? "" : pieces->database);
    if (socket != NULL)
        buf_format(&out, "?socket=%s", socket);
    return out.text;
}

bool
target_mysql(Mem *mem, const char *given, Target *target, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const char *rest = scheme_skip(given);
    Pieces pieces = {0};
    Parameters query = {0};
    Parameters all = {0};
    const char *tls = NULL;

    if (!(is_go_form(rest) ? go_split : url_split)(scope, rest, &pieces, err) ||
        !parameters_read_query(scope, pieces.query, &query, err) ||
        !target_x_read(mem, &query, target, err))
        return false;
    piece_add(scope, &all, "host", pieces.host);
    piece_add(scope, &all, "port", pieces.port);
    piece_add(scope, &all, "socket", pieces.socket);
    piece_add(scope, &all, "user", pieces.user);
    piece_add(scope, &all, "password", pieces.password);
    piece_add(scope, &all, "database", pieces.database);
    parameters_hide(&query);
    for (int i = 0; i < query.count; i++)
        if (!parameter_take(scope, &query, &query.items[i], &all, &tls, err))
            return false;
    piece_add(scope, &all, "tls", tls);
    password_hide(&all);
    target->given = parameters_keywords(mem, &all, false);
    target->shown = url_shown(mem, &pieces, &all);
    return true;
}
