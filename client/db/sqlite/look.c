#include "db/sqlite/look.h"

#include <string.h>

#include "db/sqlite/sqlite.h"

/* What the library asks of, and which of its arguments names it. */
typedef struct Asked
{
    int code;
    TouchKind kind;
    const char *word; /* NULL: the first argument is it */
    int name;         /* 0 or 1: that argument; -1: none */
} Asked;

/* clang-format off */
static const Asked askeds[] = {
    {SQLITE_INSERT,              TOUCH_ROWS,   NULL,        0},
    {SQLITE_UPDATE,              TOUCH_ROWS,   NULL,        0},
    {SQLITE_DELETE,              TOUCH_ROWS,   NULL,        0},
    {SQLITE_CREATE_TABLE,        TOUCH_SCHEMA, NULL,        0},
    {SQLITE_CREATE_TEMP_TABLE,   TOUCH_SCHEMA, NULL,        0},
    {SQLITE_CREATE_VTABLE,       TOUCH_SCHEMA, NULL,        0},
    {SQLITE_CREATE_VIEW,         TOUCH_SCHEMA, NULL,        0},
    {SQLITE_CREATE_TEMP_VIEW,    TOUCH_SCHEMA, NULL,        0},
    {SQLITE_CREATE_INDEX,        TOUCH_SCHEMA, NULL,        1},
    {SQLITE_CREATE_TEMP_INDEX,   TOUCH_SCHEMA, NULL,        1},
    {SQLITE_CREATE_TRIGGER,      TOUCH_SCHEMA, NULL,        1},
    {SQLITE_CREATE_TEMP_TRIGGER, TOUCH_SCHEMA, NULL,        1},
    {SQLITE_DROP_TABLE,          TOUCH_SCHEMA, NULL,        0},
    {SQLITE_DROP_TEMP_TABLE,     TOUCH_SCHEMA, NULL,        0},
    {SQLITE_DROP_VTABLE,         TOUCH_SCHEMA, NULL,        0},
    {SQLITE_DROP_VIEW,           TOUCH_SCHEMA, NULL,        0},
    {SQLITE_DROP_TEMP_VIEW,      TOUCH_SCHEMA, NULL,        0},
    {SQLITE_DROP_INDEX,          TOUCH_SCHEMA, NULL,        1},
    {SQLITE_DROP_TEMP_INDEX,     TOUCH_SCHEMA, NULL,        1},
    {SQLITE_DROP_TRIGGER,        TOUCH_SCHEMA, NULL,        1},
    {SQLITE_DROP_TEMP_TRIGGER,   TOUCH_SCHEMA, NULL,        1},
    {SQLITE_ALTER_TABLE,         TOUCH_SCHEMA, NULL,        1},
    {SQLITE_ATTACH,              TOUCH_WORD,   "ATTACH",    0},
    {SQLITE_DETACH,              TOUCH_WORD,   "DETACH",    0},
    {SQLITE_PRAGMA,              TOUCH_WORD,   "PRAGMA",    0},
    {SQLITE_SAVEPOINT,           TOUCH_WORD,   "SAVEPOINT", 1},
    {SQLITE_TRANSACTION,         TOUCH_WORD,   NULL,        -1},
    {SQLITE_FUNCTION,            TOUCH_CALL,   NULL,        1},
};
/* clang-format on */

typedef struct Looking
{
    Mem *mem;
    Sight *sight;
} Looking;

/* The library's sqlite3_set_authorizer: `first` to `via` are as its manual has them. */
static int
look_answer(void *data, int code, const char *first, const char *second,
            const char *schema, const char *via)
{
    const Looking *looking = data;

    (void)schema;
    for (int i = 0; i < LENGTH(askeds); i++)
        if (askeds[i].code == code)
        {
            const Asked *asked = &askeds[i];
            const char *name = asked->name == 0   ? first
                               : asked->name == 1 ? second
                                                  : NULL;

            *list_add(looking->mem, &looking->sight->touches) = (Touch){
                .kind = asked->kind,
                .word = mem_copy(looking->mem, asked->word != NULL         ? asked->word
                                               : asked->kind == TOUCH_WORD ? first
                                                                           : NULL),
                .name = mem_copy(looking->mem, name),
                .via = mem_copy(looking->mem, via)};
        }
    return SQLITE_OK;
}

/* Only blanks, comments and semicolons are no statement. */
static bool
look_rest(sqlite3 *conn, const char *tail)
{
    sqlite3_stmt *next = NULL;
    bool more = false;

    while (!more && *tail != '\0')
    {
        more = sqlite3_prepare_v2(conn, tail, -1, &next, &tail) != SQLITE_OK ||
               next != NULL;
        sqlite3_finalize(next);
    }
    return more;
}

/*
 * Foreign keys are off, as they are when it runs: else a cascade would count as what
 * the statement itself does.
 */
bool
sqlite_look(Mem *mem, Db *db, const char *sql, Sight *sight, Err *err)
{
    Sqlite *lite = (Sqlite *)db;
    Looking looking = {mem, sight};
    sqlite3_stmt *statement = NULL;
    const char *tail = sql;
    int keys = 0;

    *sight = (Sight){.rest = NULL};
    sqlite3_db_config(lite->conn, SQLITE_DBCONFIG_ENABLE_FKEY, -1, &keys);
    sqlite3_db_config(lite->conn, SQLITE_DBCONFIG_ENABLE_FKEY, 0, NULL);
    sqlite3_set_authorizer(lite->conn, look_answer, &looking);

    bool good =
        sqlite3_prepare_v2(lite->conn, sql, -1, &statement, &tail) == SQLITE_OK ||
        err_set(err, ERR_SQL, "%s", sqlite3_errmsg(lite->conn));

    if (statement != NULL && sqlite3_stmt_isexplain(statement) != 0)
        sight->touches.count = 0; /* it would only tell how */
    sqlite3_finalize(statement);
    sqlite3_set_authorizer(lite->conn, NULL, NULL);
    if (good && look_rest(lite->conn, tail))
        sight->rest = mem_copy(mem, tail);
    sqlite3_db_config(lite->conn, SQLITE_DBCONFIG_ENABLE_FKEY, keys, NULL);
    return good;
}
