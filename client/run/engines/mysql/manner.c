/* The ways to change a table, how a statement is told one, and which its author has to
 * allow. */
#include "run/engines/mysql/mysql.h"

#include <string.h>

enum
{
    SMALL_ROWS = 20000,     /* writers of so few rows wait a moment */
    INSTANT_FLAWED = 80029, /* what it had added or dropped could be lost in a crash */
    INSTANT_MENDED = 80032
};

/* clang-format off */
static const Manner manners[] = {
    {"ALGORITHM=INSTANT",              "INSTANT",                         NULL,      0,      true,  false, false, false},
    {"ALGORITHM=NOCOPY, LOCK=NONE",    "NOCOPY, writes allowed",          "MariaDB", 0,      false, false, true,  false},
    {"ALGORITHM=INPLACE, LOCK=NONE",   "INPLACE, writes allowed",         NULL,      0,      false, false, true,  false},
    {"ALGORITHM=COPY, LOCK=NONE",      "COPY, writes allowed",            "MariaDB", 110200, false, false, true,  false},
    {"ALGORITHM=INPLACE, LOCK=SHARED", "INPLACE, writers wait",           NULL,      0,      false, true,  true,  false},
    {"ALGORITHM=COPY, LOCK=SHARED",    "COPY, writers wait",              NULL,      0,      false, true,  true,  false},
};
/* A table that is made, which asks for none that is there; a view, a trigger; what its
 * author tells how to build. */
static const Manner fresh = {NULL, "as written", NULL, 0, true, false, false, true};
static const Manner made = {NULL, "as written", NULL, 0, true, false, false, false};
static const Manner built = {NULL, "as written", NULL, 0, false, false, true, false};
/* clang-format on */

static bool
begins(const char *text, const char *words)
{
    return strncasecmp(text, words, strlen(words)) == 0;
}

/* The way its author chose is honoured. */
static bool
says_manner(const char *text)
{
    return strcasestr(text, "ALGORITHM") != NULL || strcasestr(text, "LOCK=") != NULL ||
           strcasestr(text, "LOCK =") != NULL;
}

static bool
begins_among(const char *text, const char *const *words, int count)
{
    for (int i = 0; i < count; i++)
        if (begins(text, words[i]))
            return true;
    return false;
}

bool
mysql_may_ask(const char *text)
{
    static const char *const changes[] = {"ALTER TABLE", "CREATE INDEX",
                                          "CREATE UNIQUE INDEX", "DROP INDEX"};

    return !says_manner(text) && begins_among(text, changes, LENGTH(changes));
}

/* A short wait for the lock at its end would throw away what was built. */
const Manner *
mysql_manner_written(const char *text)
{
    static const char *const quick[] = {
        "CREATE TABLE", "CREATE OR", "CREATE VIEW", "CREATE TRIGGER", "CREATE DEFINER",
        "DROP",         "RENAME",    "TRUNCATE",    "LOCK TABLES"};
    const char *algorithm = strcasestr(text, "ALGORITHM");
    bool instant = algorithm != NULL && strcasestr(algorithm, "INSTANT") != NULL;

    /* A foreign key locks its other end; rows may be selected from somewhere. */
    if (begins(text, "CREATE TABLE") && strcasestr(text, "REFERENCES") == NULL &&
        strcasestr(text, "SELECT") == NULL)
        return &fresh;
    return instant || begins_among(text, quick, LENGTH(quick)) ? &made : &built;
}

bool
mysql_instant_flawed(const Caps *caps)
{
    return strcmp(caps->product, "MySQL") == 0 && caps->version >= INSTANT_FLAWED &&
           caps->version < INSTANT_MENDED;
}

const Manner *
mysql_manner(const Caps *caps, int *index)
{
    for (; *index < LENGTH(manners); ++*index)
    {
        const Manner *manner = &manners[*index];

        if ((manner->product == NULL || strcmp(manner->product, caps->product) == 0) &&
            caps->version >= manner->since &&
            !(manner->instant && mysql_instant_flawed(caps)))
            return manner;
    }
    return NULL;
}

/* Clauses of ALTER TABLE are apart by commas, those of an index by blanks. A comment at
 * the end of a statement must not swallow them. */
char *
mysql_text_with(Mem *mem, const char *text, const Manner *manner)
{
    bool alter = begins(text, "ALTER TABLE");
    char *clause;

    if (manner->clause == NULL)
        return mem_copy(mem, text);
    clause = mem_copy(mem, manner->clause);
    for (char *comma = clause; !alter && *comma != '\0'; comma++)
        if (*comma == ',')
            *comma = ' ';
    return mem_text(mem, "%s\n%s%s", text, alter ? ", " : " ", clause);
}

/* --- what is allowed ------------------------------------------------------------- */

/* Counted so far and no further: the server's own estimate may be a day old, or 0
 * behind a bulk load. */
bool
mysql_is_large(Run *run, const QName *table, bool *large, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    SqlText sql = sql_begin(scope, run->caps);
    Ask ask = {.label = "is_large"};
    Reply reply;

    *large = false;
    if (table->name == NULL)
        return true;
    sql_raw(&sql, "SELECT COUNT(*) AS seen FROM (SELECT 1 FROM ");
    sql_qname(&sql, table);
    sql_raw(&sql, " LIMIT ");
    sql_int(&sql, SMALL_ROWS + 1);
    sql_raw(&sql, ") AS some");
    ask.sql = sql_done(&sql);
    if (!db_script(scope, run->watcher, &ask, 1, &reply, err))
        return false;
    *large = rows_int(&reply.rows[0], 0, "seen") > SMALL_ROWS;
    return true;
}

bool
mysql_blocking_allowed(Run *run, const Step *step, const Manner *manner, Err *err)
{
    const Section *section = migration_section(step->migration, step->phase, false);
    bool written = run->settings->safe_said && run->settings->safe == SAFE_OFF;
    bool large;

    if (written)
        return true;
    if (!mysql_is_large(run, &step->table, &large, err))
        return false;
    if (!large || step->undoes ||
        (section != NULL && section_allows(section, "blocks-writers") != NULL))
        return true;
    err_at(err, ERR_REFUSED, step->span.file, step->span.line,
           "the server can do this only while nobody writes to \"%s\" (%s)",
           step->table.name, manner->shown);
    return err_hint(err,
                    "Add a column in expand, fill it in backfill, and rename it in "
                    "contract; or say why it is all right here: "
                    "allow:blocks-writers:\"reason\". In a quiet hour: --safe=off.");
}
