/*
 * What a failure means to the person who meets it: the server's words are kept, the
 * next thing to try is added.
 */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/secret.h"
#include "db/postgres/postgres.h"
#include "model/names.h"

char *
wire_complaint(Mem *mem, PGconn *conn)
{
    char *text = secret_scrub(mem, PQerrorMessage(conn));
    size_t length = strcspn(text, "\n");

    text[length] = '\0';
    return length > 0 ? text : mem_text(mem, "the server closed it");
}

/* --- no connection --------------------------------------------------------------- */

static const char four_checks[] = "Check that:\n"
                                  "  • the database is running\n"
                                  "  • the connection string is correct\n"
                                  "  • network and firewall allow the connection\n"
                                  "  • host name and port are correct";

/* Found in what libpq says; SQLSTATEs are in it because we ask for them. */
typedef struct Cause
{
    const char *found;
    const char *hint;
} Cause;

/* clang-format off */
static const Cause causes[] = {
    {"no pg_hba.conf entry",
     "The server's pg_hba.conf has no line for this user, database and address (or asks for TLS: sslmode=require)."},
    {" 28P01: ", "Check user and password: in the URL, PGPASSWORD, ~/.pgpass or the service file."},
    {"no password supplied", "Give a password in PGPASSWORD, ~/.pgpass or the service file."},
    {" 28000: ", "Check the user name, and the server's pg_hba.conf."},
    {" 53300: ", "The server has no connection left for us: pgstride needs three. Close some, or raise max_connections."},
    {" 57P03: ", "The server is starting up or shutting down: try again, or use: pgstride wait."},
    {"unsupported startup parameter",
     "A pooler refuses a connection parameter: connect to the server itself."},
    {"session is read-only",
     "None of the hosts is a primary: name it, or set target_session_attrs=any to look at a standby."},
    {"server is in hot standby mode", "None of the hosts is a primary."},
    {"could not translate host name", "The host name is not known here: check its spelling and the DNS."},
    {"does not support SSL", "The server speaks no TLS: sslmode=disable, if the network may be trusted."},
    {"certificate", "Check sslrootcert, and that the host name is the one in the certificate."},
    {"invalid response to SSL negotiation", "What answers at this port is no PostgreSQL: for MySQL and MariaDB say mysql://user@host:port/database."},
    {"expected authentication request", "What answers at this port is no PostgreSQL: for MySQL and MariaDB say mysql://user@host:port/database."},
    {"SSL", "Check sslmode and the certificate files."},
    {"onnection refused", four_checks},
    {"No such file or directory", four_checks},
    {"Network is unreachable", four_checks},
    {"No route to host", four_checks},
    {"Connection timed out", four_checks},
    {"Permission denied", "The socket's directory or file does not let this user in."},
};
/* clang-format on */

/* libpq's words come with capitals from the C library: "Connection refused". */
static void
first_lower(char *text)
{
    if (isupper((unsigned char)text[0]) && islower((unsigned char)text[1]))
        text[0] = (char)tolower((unsigned char)text[0]);
}

/* "... failed: FATAL:  28P01: password ..." without severity and SQLSTATE. */
static char *
complaint_line(Mem *mem, const char *line, size_t length)
{
    char *text = mem_slice(mem, line, length);
    char *failed = strstr(text, " failed: ");
    char *reason = failed == NULL ? text : failed + strlen(" failed: ");
    char *state = strstr(reason, ":  ");

    if (state != NULL && strlen(state) > 10 && strncmp(state + 8, ": ", 2) == 0)
        memmove(reason, state + 10, strlen(state + 10) + 1);
    first_lower(reason);
    return text;
}

static bool
line_tells(const char *line, size_t length)
{
    return length > 0 && line[0] != '\t' && line[0] != ' ' &&
           strncmp(line, "LOCATION:", 9) != 0;
}

static const char *
cause_hint(Mem *mem, PGconn *conn, const char *all)
{
    if (strstr(all, " 3D000: ") != NULL)
        return mem_text(mem, "Create it first: CREATE DATABASE %s;",
                        ident_show(mem, PQdb(conn)));
    for (int i = 0; i < LENGTH(causes); i++)
        if (strstr(all, causes[i].found) != NULL)
            return causes[i].hint;
    return NULL;
}

/*
 * Several hosts complain one after the other, each perhaps with advice behind it: the
 * last host's complaint is the text, all the rest is detail.
 */
bool
connect_explain(PGconn *conn, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const char *all = secret_scrub(scope, PQerrorMessage(conn));
    const char *hint = cause_hint(scope, conn, all);
    LIST(const char *) lines = {0};
    int told = 0;

    for (const char *line = all; *line != '\0';)
    {
        size_t length = strcspn(line, "\n");

        if (line_tells(line, length))
            *list_add(scope, &lines) = complaint_line(scope, line, length);
        line += length + (line[length] == '\n');
    }
    for (int i = 0; i < lines.count; i++)
        if (strncmp(lines.items[i], "connection to server", 20) == 0)
            told = i;
    err_set(err, ERR_CONNECT, "%s",
            lines.count == 0 ? "cannot connect" : lines.items[told]);
    for (int i = 0; i < lines.count; i++)
        if (i != told)
            err_detail(err, "%s", lines.items[i]);
    if (hint != NULL)
        err_hint(err, "%s", hint);
    return false;
}

bool
connect_is_starting(PGconn *conn)
{
    return strstr(PQerrorMessage(conn), " 57P03: ") != NULL;
}

/* --- a statement refused --------------------------------------------------------- */

typedef struct Remedy
{
    const char *sqlstate;
    const char *hint;
} Remedy;

/* clang-format off */
static const Remedy remedies[] = {
    {"25006", "This server is a standby, or default_transaction_read_only is on for this role or database: connect to the primary, or name all hosts with target_session_attrs=read-write."},
    {"53100", "The server's disk is full: make room, then run the same command again."},
    {"53200", "The server is out of memory: if it means shared memory, raise max_locks_per_transaction."},
    {"53300", "The server has no connection left: close some, or raise max_connections."},
    {"54000", "A limit of the server is reached: split the statement."},
    {"XX001", "A page of the table is damaged: mend it from a backup before anything else."},
    {"XX002", "An index is damaged: REINDEX it before anything else."},
};

/* How "permission denied for KIND NAME" is said in a GRANT. */
static const struct { const char *kind; const char *grant; } grants[] = {
    {"table ",    "ALL PRIVILEGES ON TABLE"},
    {"view ",     "ALL PRIVILEGES ON TABLE"},
    {"sequence ", "ALL PRIVILEGES ON SEQUENCE"},
    {"schema ",   "USAGE, CREATE ON SCHEMA"},
    {"database ", "CREATE ON DATABASE"},
    {"function ", "EXECUTE ON FUNCTION"},
};
/* clang-format on */

/* The server does not quote the name in this message. */
static char *
hint_grant(Mem *mem, const char *message, const char *user)
{
    static const char denied[] = "permission denied for ";
    const char *what = message + strlen(denied);

    if (strncmp(message, "must be owner of ", 17) == 0)
        return mem_text(mem, "Run as its owner, or name a role that owns it: --role.");
    if (strncmp(message, denied, strlen(denied)) != 0)
        return NULL;
    for (int i = 0; i < LENGTH(grants); i++)
    {
        size_t kind = strlen(grants[i].kind);

        if (strncmp(what, grants[i].kind, kind) == 0)
            return mem_text(mem, "Ask its owner: GRANT %s %s TO %s;", grants[i].grant,
                            ident_show(mem, what + kind), ident_show(mem, user));
    }
    return NULL;
}

char *
hint_for(Mem *mem, const char *sqlstate, const char *message, const char *user)
{
    if (strcmp(sqlstate, "42501") == 0)
        return hint_grant(mem, message, user);
    for (int i = 0; i < LENGTH(remedies); i++)
        if (strcmp(sqlstate, remedies[i].sqlstate) == 0)
            return mem_copy(mem, remedies[i].hint);
    return NULL;
}
