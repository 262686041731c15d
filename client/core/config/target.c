#include "core/config/target.h"

#include <ctype.h>
#include <string.h>

#include "base/secret.h"
#include "core/config/dsn.h"
#include "core/config/target_file.h"
#include "core/config/target_mysql.h"
#include "core/config/target_x.h"

/* --- schemes --------------------------------------------------------------------- */

/* What a target is told by: all of it, and what stands behind "scheme://". */
typedef struct Told
{
    const char *given;
    const char *scheme; /* empty: none */
    const char *rest;
} Told;

typedef bool (*TargetRead)(Mem *mem, const Told *told, Target *target, Err *err);

static bool url_read(Mem *mem, const Told *told, Target *target, Err *err);
static bool cockroach_read(Mem *mem, const Told *told, Target *target, Err *err);
static bool file_read(Mem *mem, const Told *told, Target *target, Err *err);
static bool server_read(Mem *mem, const Told *told, Target *target, Err *err);

/* The row is the engine: its name, which is also the tag of its files, and how its
 * addresses are read; without that it is a product that we do not speak. */
typedef struct Scheme
{
    const char *name;
    const char *engine;
    TargetRead read;
} Scheme;

/* clang-format off */
static const Scheme schemes[] = {
    {"postgres",      "postgres", url_read},
    {"postgresql",    "postgres", url_read},
    {"pgx",           "postgres", url_read},
    {"pgx4",          "postgres", url_read},
    {"pgx5",          "postgres", url_read},
    {"cockroach",     "cockroach", cockroach_read},
    {"cockroachdb",   "cockroach", cockroach_read},
    {"crdb",          "cockroach", cockroach_read},
    {"crdb-postgres", "cockroach", cockroach_read},
    {"yugabyte",      "YugabyteDB", NULL},
    {"yugabytedb",    "YugabyteDB", NULL},
    {"redshift",      "Amazon Redshift", NULL},
    {"mysql",         "mysql", server_read},
    {"mariadb",       "mysql", server_read},
    {"maria",         "mysql", server_read},
    {"sqlite",        "sqlite3", file_read},
    {"sqlite3",       "sqlite3", file_read},
    {"file",          "sqlite3", file_read},
    {"sqlcipher",     "an encrypted SQLite", NULL},
};

/* Strings without a scheme that another engine's users write. */
static const struct { const char *sign; bool at_end; const char *scheme; } signs[] = {
    {"@tcp(",    false, "mysql"},
    {"@unix(",   false, "mysql"},
    {":memory:", false, "sqlite"},
    {".db",      true,  "sqlite"},
    {".sqlite",  true,  "sqlite"},
    {".sqlite3", true,  "sqlite"},
};
/* clang-format on */

static bool
engine_refused(const char *product, Err *err)
{
    err_set(err, ERR_USAGE, "this version of pgstride does not speak %s", product);
    return err_hint(err, "Give a URL like postgres://user@host:5432/database.");
}

static bool
ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text);
    size_t tail = strlen(ending);

    return length >= tail && strcmp(text + length - tail, ending) == 0;
}

/* --- URLs ------------------------------------------------------------------------ */

/* scheme://user:password@hosts/path?query, the pieces as they stand in the text. */
typedef struct Url
{
    const char *user; /* NULL: none */
    size_t user_length;
    const char *password; /* NULL: none */
    size_t password_length;
    const char *hosts;
    size_t hosts_length;
    const char *path; /* from its '/', or empty */
    size_t path_length;
    const char *query; /* behind the '?', or NULL */
} Url;

static Url
url_split(const char *rest)
{
    size_t authority = strcspn(rest, "/?#");
    const char *at = memrchr(rest, '@', authority);
    Url url = {.hosts = at == NULL ? rest : at + 1};

    url.hosts_length = authority - (size_t)(url.hosts - rest);
    url.path = rest + authority;
    url.path_length = strcspn(url.path, "?#");
    if (url.path[url.path_length] == '?')
        url.query = url.path + url.path_length + 1;
    if (at == NULL)
        return url;

    const char *colon = memchr(rest, ':', (size_t)(at - rest));

    url.user = rest;
    url.user_length = (size_t)((colon == NULL ? at : colon) - rest);
    if (colon != NULL)
    {
        url.password = colon + 1;
        url.password_length = (size_t)(at - url.password);
    }
    return url;
}

/*
 * A raw '/' or '?' in a password ends the authority too early: what looks like a port
 * is then no number, or an '@' stands where none belongs.
 */
static bool
url_is_torn(const Url *url)
{
    const char *at = strchr(url->path, '@');
    const char *colon = memchr(url->hosts, ':', url->hosts_length);

    if (url->user != NULL || at == NULL || url->hosts[0] == '[')
        return false;
    if (at < url->path + url->path_length)
        return colon != NULL;
    return colon != NULL &&
           strspn(colon + 1, "0123456789,") < (size_t)(url->path - colon - 1);
}

/* Nothing of it may be told: neither as it stands nor decoded. */
static bool
url_password(Mem *mem, const Url *url, const char **password, Err *err)
{
    *password = NULL;
    if (url->password == NULL)
        return true;

    const char *user = mem_slice(mem, url->user, url->user_length);
    const char *raw = mem_slice(mem, url->password, url->password_length);

    *password = percent_decode(mem, url->password, url->password_length);
    if (*password == NULL)
        return err_set(err, ERR_USAGE,
                       "the password in the URL has a %% that starts no "
                       "code: write %%25");
    /* A password that is the user's name would hide that name everywhere. */
    if (strcmp(raw, user) == 0)
        return true;
    secret_register(raw);
    secret_register(*password);
    return true;
}

static char *
url_join(Mem *mem, const Url *url, const char *password, const char *query)
{
    Buf out = buf_begin(mem);

    buf_add(&out, "postgresql://");
    if (url->user != NULL)
    {
        buf_bytes(&out, url->user, url->user_length);
        buf_format(&out, password == NULL ? "@" : ":%s@", password);
    }
    buf_bytes(&out, url->hosts, url->hosts_length);
    buf_bytes(&out, url->path, url->path_length);
    buf_add(&out, query);
    return out.text;
}

static bool
url_read(Mem *mem, const Told *told, Target *target, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Url url = url_split(told->rest);
    Parameters given = {0};
    const char *password;

    if (url_is_torn(&url))
    {
        err_set(err, ERR_USAGE,
                "the URL's password has characters that end the host part");
        return err_hint(err,
                        "Encode them: / is %%2F, ? is %%3F, # is %%23, @ is %%40.");
    }
    if (!url_password(scope, &url, &password, err) ||
        !parameters_read_query(scope, url.query, &given, err) ||
        !target_x_read(mem, &given, target, err))
        return false;
    parameters_hide(&given);

    Parameters known = parameters_translate(scope, &given);
    Buf encoded = buf_begin(scope);

    percent_encode(&encoded, password == NULL ? "" : password, "");
    target->given = url_join(mem, &url, password == NULL ? NULL : encoded.text,
                             parameters_query(scope, &known, false));
    target->shown = url_join(mem, &url, password == NULL ? NULL : SECRET_SHOWN,
                             parameters_query(scope, &known, true));
    return true;
}

/* The same address with another port, where it names none. */
static bool
cockroach_read(Mem *mem, const Told *told, Target *target, Err *err)
{
    target->port = "26257";
    return url_read(mem, told, target, err);
}

static bool
file_read(Mem *mem, const Told *told, Target *target, Err *err)
{
    return target_file(mem, told->given, target, err);
}

static bool
server_read(Mem *mem, const Told *told, Target *target, Err *err)
{
    return target_mysql(mem, told->given, target, err);
}

/* --- any string ------------------------------------------------------------------ */

/* "jdbc:postgresql:shop" and "sqlite:rel" have no "//": what stands behind the colon.
 */
static bool
scheme_split(const char *given, char **scheme, const char **rest, Mem *mem)
{
    const char *from = strncmp(given, "jdbc:", 5) == 0 ? given + 5 : given;
    size_t length = 0;

    while (isalnum((unsigned char)from[length]) ||
           (length > 0 && strchr("+.-", from[length]) && from[length] != '\0'))
        length++;
    if (from[length] != ':' || !isalpha((unsigned char)from[0]))
        return false;

    bool slashes = strncmp(from + length, "://", 3) == 0;
    bool bare = from != given || strncmp(from, "sqlite", 6) == 0 ||
                strncmp(from, "file", 4) == 0;

    if (!slashes && !bare)
        return false;
    *scheme = mem_slice(mem, from, length);
    from += length + 1;
    *rest = slashes ? from + 2 : mem_text(mem, "%s%s", *from == '/' ? "" : "/", from);
    return true;
}

static bool
keywords_read(Mem *mem, const char *given, Target *target, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Parameters parameters = {0};

    if (!parameters_read_keywords(scope, given, &parameters, err))
        return err_hint(err, "A value with blanks needs single quotes: "
                             "host=db dbname='my shop'.");

    const char *user = parameter_value(&parameters, "user");
    const char *password = parameter_value(&parameters, "password");

    if (!target_x_read(mem, &parameters, target, err))
        return false;
    if (user == NULL || password == NULL || strcmp(user, password) != 0)
        parameters_hide(&parameters);

    Parameters known = parameters_translate(scope, &parameters);

    target->given = parameters_keywords(mem, &known, false);
    target->shown = parameters_keywords(mem, &known, true);
    return true;
}

static bool
told_read(Mem *mem, const Told *told, Target *target, Err *err)
{
    for (int i = 0; i < LENGTH(schemes); i++)
    {
        const Scheme *scheme = &schemes[i];

        if (strcmp(told->scheme, scheme->name) != 0)
            continue;
        if (scheme->read == NULL)
            return engine_refused(scheme->engine, err);
        target->engine = scheme->engine;
        return scheme->read(mem, told, target, err);
    }
    err_set(err, ERR_USAGE, "unknown kind of database \"%s\"", told->scheme);
    if (strcmp(told->scheme, "h2") == 0)
        return err_hint(err, "H2 runs inside its Java program, where nobody else "
                             "reaches it: let that migrate it at its start, or move "
                             "to PostgreSQL or MySQL.");
    return err_hint(err, "Give a URL like postgres://user@host:5432/database.");
}

static const char *
scheme_signed(const char *given)
{
    for (int i = 0; i < LENGTH(signs); i++)
        if (signs[i].at_end ? ends_with(given, signs[i].sign)
                            : strstr(given, signs[i].sign) != NULL)
            return signs[i].scheme;
    return NULL;
}

static bool
word_read(Mem *mem, const char *given, Target *target, Err *err)
{
    const char *scheme = scheme_signed(given);

    if (scheme != NULL)
        return told_read(mem, &(Told){given, scheme, given}, target, err);
    if (strpbrk(given, "/:@") != NULL)
    {
        err_set(err, ERR_USAGE, "this is no connection string");
        return err_hint(err, "Give a URL like postgres://user@host:5432/database.");
    }
    target->given = mem_copy(mem, given);
    target->shown = given[0] == '\0' ? "libpq's environment" : target->given;
    return true;
}

bool
target_is_address(const char *word)
{
    MEM_SCOPE(scope, NULL);
    char *scheme;
    const char *rest;

    return strchr(word, '=') != NULL || scheme_signed(word) != NULL ||
           scheme_split(word, &scheme, &rest, scope);
}

bool
target_read(Mem *mem, const char *given, Target *target, Err *err)
{
    MEM_SCOPE(scope, NULL);
    char *scheme;
    const char *rest;

    *target = (Target){.engine = "postgres"};
    if (!scheme_split(given, &scheme, &rest, scope))
        return strchr(given, '=') != NULL && strstr(given, "@tcp(") == NULL
                   ? keywords_read(mem, given, target, err)
                   : word_read(mem, given, target, err);
    return told_read(mem, &(Told){given, scheme, rest}, target, err);
}
