/* What a statement does: by its first words, and as much of the rest as somebody asks.
 */
#include <string.h>

#include "core/sql/mysql/mysql.h"

/* How the rest of a statement is read, once its first words are taken. */
typedef void (*MyRead)(MyCursor *cursor, MyActs *acts, Action action);

typedef struct Head
{
    const char *words; /* blank between them; "CREATE TABLE" */
    Action action;
    MyRead read;
    bool commits; /* whatever is open before it and with it: no transaction holds it */
} Head;

static Act *
act_add(MyCursor *cursor, MyActs *acts, Action action)
{
    Act *act = list_add(cursor->mem, acts);

    *act = (Act){.action = action};
    return act;
}

/* IF EXISTS, IF NOT EXISTS. */
static bool
take_if(MyCursor *cursor)
{
    return my_take_all(cursor, "IF NOT EXISTS") || my_take_all(cursor, "IF EXISTS");
}

static void
read_nothing(MyCursor *cursor, MyActs *acts, Action action)
{
    act_add(cursor, acts, action);
}

/* One relation. */
static void
read_relation(MyCursor *cursor, MyActs *acts, Action action)
{
    Act *act = act_add(cursor, acts, action);

    act->if_exists = take_if(cursor);
    my_take_qname(cursor, &act->relation);
}

/* a, b: an act each. */
static void
read_relations(MyCursor *cursor, MyActs *acts, Action action)
{
    bool if_exists = take_if(cursor);

    do
    {
        Act *act = act_add(cursor, acts, action);

        act->if_exists = if_exists;
        my_take_qname(cursor, &act->relation);
        my_skip_item(cursor);
    } while (my_take_sign(cursor, ','));
}

/* a TO b, c TO d */
static void
read_renames(MyCursor *cursor, MyActs *acts, Action action)
{
    do
    {
        Act *act = act_add(cursor, acts, action);
        QName name = {0};

        act->if_table = take_if(cursor);
        my_take_qname(cursor, &act->relation);
        while (!my_sees_sign(cursor, ',') && cursor->at < cursor->count &&
               !my_take(cursor, "TO"))
            cursor->at++;
        my_take_qname(cursor, &name);
        act->new_name = name.name;
        my_skip_item(cursor);
    } while (my_take_sign(cursor, ','));
}

static void
read_create_table(MyCursor *cursor, MyActs *acts, Action action)
{
    Act *act;

    read_relation(cursor, acts, action);
    act = &acts->items[acts->count - 1];
    for (; cursor->at < cursor->count; cursor->at++)
        if (action == ACTION_CREATE_TABLE && my_sees(cursor, "SELECT"))
            act->action = ACTION_CREATE_TABLE_AS;
}

/* The columns of a key, in parentheses; expressions and lengths are passed over. */
static void
read_key(MyCursor *cursor, Act *act)
{
    LIST(const char *) columns = {0};

    if (!my_take_sign(cursor, '('))
        return;
    do
    {
        char *name = my_take_name(cursor);

        if (name != NULL)
            *list_add(cursor->mem, &columns) = name;
        while (cursor->at < cursor->count && !my_sees_sign(cursor, ',') &&
               !my_sees_sign(cursor, ')'))
            if (my_sees_sign(cursor, '('))
                my_skip_parentheses(cursor);
            else
                cursor->at++;
    } while (my_take_sign(cursor, ','));
    act->columns = columns.items;
    act->column_count = columns.count;
}

/* i [USING BTREE] ON t (a, b) */
static void
read_create_index(MyCursor *cursor, MyActs *acts, Action action)
{
    Act *act = act_add(cursor, acts, action);

    act->unique = my_is(cursor->text, my_peek(cursor, -2), "UNIQUE");
    act->if_exists = take_if(cursor);
    act->object = my_take_name(cursor);
    while (cursor->at < cursor->count && !my_take(cursor, "ON"))
        cursor->at++;
    my_take_qname(cursor, &act->relation);
    act->expression.text = my_between(cursor, cursor->at, cursor->count);
    read_key(cursor, act);
}

static void
read_drop_index(MyCursor *cursor, MyActs *acts, Action action)
{
    Act *act = act_add(cursor, acts, action);

    act->if_exists = take_if(cursor);
    act->object = my_take_name(cursor);
    act->other = (QName){.name = (char *)act->object};
    if (my_take(cursor, "ON"))
        my_take_qname(cursor, &act->relation);
}

/* x BEFORE UPDATE ON t FOR EACH ROW ... */
static void
read_create_trigger(MyCursor *cursor, MyActs *acts, Action action)
{
    Act *act = act_add(cursor, acts, action);

    act->if_exists = take_if(cursor);
    act->object = my_take_name(cursor);
    while (cursor->at < cursor->count && !my_take(cursor, "ON"))
        cursor->at++;
    my_take_qname(cursor, &act->relation);
}

static void
read_alter(MyCursor *cursor, MyActs *acts, Action action)
{
    my_alter_table(cursor, acts);
    if (acts->count == 0)
        act_add(cursor, acts, action);
}

/* INSERT [LOW_PRIORITY] [IGNORE] [INTO] t */
static void
read_insert(MyCursor *cursor, MyActs *acts, Action action)
{
    static const char *const passed[] = {
        "LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE", "INTO", "QUICK", "FROM"};

    for (int i = 0; i < LENGTH(passed); i++)
        my_take(cursor, passed[i]);
    read_relation(cursor, acts, action);
}

/* clang-format off */
static const Head heads[] = {
    {"CREATE TEMPORARY TABLE",  ACTION_CREATE_TEMP,    read_create_table, false},
    {"CREATE TABLE",            ACTION_CREATE_TABLE,   read_create_table, true},
    {"CREATE UNIQUE INDEX",     ACTION_CREATE_INDEX,   read_create_index, true},
    {"CREATE FULLTEXT INDEX",   ACTION_CREATE_INDEX,   read_create_index, true},
    {"CREATE SPATIAL INDEX",    ACTION_CREATE_INDEX,   read_create_index, true},
    {"CREATE INDEX",            ACTION_CREATE_INDEX,   read_create_index, true},
    {"CREATE TRIGGER",          ACTION_CREATE_TRIGGER, read_create_trigger, true},
    {"CREATE PROCEDURE",        ACTION_FUNCTION,       read_nothing,      true},
    {"CREATE FUNCTION",         ACTION_FUNCTION,       read_nothing,      true},
    {"CREATE EVENT",            ACTION_FUNCTION,       read_nothing,      true},
    {"CREATE PACKAGE",          ACTION_FUNCTION,       read_nothing,      true},
    {"CREATE VIEW",             ACTION_CREATE_VIEW,    read_relation,     true},
    {"CREATE SQL",              ACTION_CREATE_VIEW,    read_nothing,      true},
    {"CREATE DATABASE",         ACTION_DATABASE,       read_nothing,      true},
    {"CREATE SCHEMA",           ACTION_DATABASE,       read_nothing,      true},
    {"CREATE SEQUENCE",         ACTION_SEQUENCE,       read_relation,     true},
    {"DROP TEMPORARY TABLE",    ACTION_OTHER,          read_nothing,      false},
    {"DROP TABLE",              ACTION_DROP_TABLE,     read_relations,    true},
    {"DROP TABLES",             ACTION_DROP_TABLE,     read_relations,    true},
    {"DROP INDEX",              ACTION_DROP_INDEX,     read_drop_index,   true},
    {"DROP TRIGGER",            ACTION_DROP_TRIGGER,   read_nothing,      true},
    {"DROP VIEW",               ACTION_DROP_VIEW,      read_relations,    true},
    {"DROP PROCEDURE",          ACTION_FUNCTION,       read_nothing,      true},
    {"DROP FUNCTION",           ACTION_FUNCTION,       read_nothing,      true},
    {"DROP EVENT",              ACTION_FUNCTION,       read_nothing,      true},
    {"DROP DATABASE",           ACTION_DATABASE,       read_nothing,      true},
    {"DROP SCHEMA",             ACTION_DATABASE,       read_nothing,      true},
    {"DROP SEQUENCE",           ACTION_SEQUENCE,       read_relations,    true},
    {"RENAME TABLE",            ACTION_RENAME_TABLE,   read_renames,      true},
    {"RENAME TABLES",           ACTION_RENAME_TABLE,   read_renames,      true},
    {"TRUNCATE TABLE",          ACTION_TRUNCATE,       read_relation,     true},
    {"TRUNCATE",                ACTION_TRUNCATE,       read_relation,     true},
    {"ALTER ONLINE TABLE",      ACTION_OTHER,          read_alter,        true},
    {"ALTER IGNORE TABLE",      ACTION_OTHER,          read_alter,        true},
    {"ALTER TABLE",             ACTION_OTHER,          read_alter,        true},
    {"ALTER DATABASE",          ACTION_DATABASE,       read_nothing,      true},
    {"ALTER VIEW",              ACTION_CREATE_VIEW,    read_relation,     true},
    {"OPTIMIZE",                ACTION_REWRITE_TABLE,  read_nothing,      true},
    {"ANALYZE",                 ACTION_ANALYZE,        read_nothing,      true},
    {"GRANT",                   ACTION_GRANT,          read_nothing,      true},
    {"REVOKE",                  ACTION_GRANT,          read_nothing,      true},
    {"FLUSH",                   ACTION_SYSTEM,         read_nothing,      true},
    {"LOCK TABLES",             ACTION_TRANSACTION,    read_nothing,      false},
    {"UNLOCK TABLES",           ACTION_TRANSACTION,    read_nothing,      false},
    {"LOCK",                    ACTION_LOCK,           read_nothing,      true},
    {"UNLOCK",                  ACTION_LOCK,           read_nothing,      true},
    {"CREATE",                  ACTION_OTHER,          read_nothing,      true},
    {"DROP",                    ACTION_OTHER,          read_nothing,      true},
    {"ALTER",                   ACTION_OTHER,          read_nothing,      true},
    {"RENAME",                  ACTION_OTHER,          read_nothing,      true},
    {"BEGIN NOT ATOMIC",        ACTION_DO,             read_nothing,      true},
    {"BEGIN",                   ACTION_TRANSACTION,    read_nothing,      false},
    {"START TRANSACTION",       ACTION_TRANSACTION,    read_nothing,      false},
    {"COMMIT",                  ACTION_TRANSACTION,    read_nothing,      false},
    {"ROLLBACK",                ACTION_TRANSACTION,    read_nothing,      false},
    {"SAVEPOINT",               ACTION_TRANSACTION,    read_nothing,      false},
    {"RELEASE SAVEPOINT",       ACTION_TRANSACTION,    read_nothing,      false},
    {"XA",                      ACTION_TRANSACTION,    read_nothing,      false},
    {"INSERT",                  ACTION_INSERT,         read_insert,       false},
    {"REPLACE",                 ACTION_INSERT,         read_insert,       false},
    {"UPDATE",                  ACTION_UPDATE,         read_insert,       false},
    {"DELETE",                  ACTION_DELETE,         read_insert,       false},
    {"SELECT",                  ACTION_SELECT,         read_nothing,      false},
    {"VALUES",                  ACTION_SELECT,         read_nothing,      false},
    {"SHOW",                    ACTION_SELECT,         read_nothing,      false},
    {"LOAD",                    ACTION_COPY,           read_nothing,      false},
    {"SET AUTOCOMMIT",          ACTION_TRANSACTION,    read_nothing,      false},
    {"SET",                     ACTION_SET,            read_nothing,      false},
    {"PREPARE",                 ACTION_SET,            read_nothing,      false},
    {"DEALLOCATE PREPARE",      ACTION_SET,            read_nothing,      false},
    {"CALL",                    ACTION_CALL,           read_nothing,      true},
    {"DO",                      ACTION_DO,             read_nothing,      false},
};
/* clang-format on */

/* What stands between CREATE and its kind says nothing to us: OR REPLACE, DEFINER =
 * a@b, ALGORITHM = MERGE, SQL SECURITY INVOKER, AGGREGATE. */
static void
create_shorten(MyCursor *cursor)
{
    static const char *const kinds[] = {"TABLE",   "INDEX",    "TRIGGER",   "PROCEDURE",
                                        "VIEW",    "FUNCTION", "EVENT",     "UNIQUE",
                                        "SPATIAL", "FULLTEXT", "TEMPORARY", "SEQUENCE"};
    MyToken *tokens = cursor->tokens;

    if (!my_sees(cursor, "CREATE"))
        return;
    for (int at = 1; at < cursor->count && at < 16; at++)
        for (int i = 0; i < LENGTH(kinds); i++)
            if (my_is(cursor->text, &tokens[at], kinds[i]))
            {
                tokens[at - 1] = tokens[0];
                cursor->at = at - 1;
                return;
            }
}

static void
statement_settle(Statement *statement, const MyCursor *cursor, const MyActs *acts,
                 const Head *head)
{
    statement->acts = acts->items;
    statement->act_count = acts->count;
    statement->session = acts->items[0].action == ACTION_SET ||
                         acts->items[0].action == ACTION_CREATE_TEMP;
    statement->alone = head != NULL && head->commits;
    statement->alone_why = statement->alone ? mem_copy(cursor->mem, head->words) : NULL;
}

void
my_classify(Mem *mem, const char *text, const MyPiece *piece, Statement *statement)
{
    MyCursor cursor = my_cursor(mem, text, piece);
    MyActs acts = {0};
    const Head *head = NULL;

    create_shorten(&cursor);
    for (int i = 0; i < LENGTH(heads) && head == NULL; i++)
        if (my_take_all(&cursor, heads[i].words))
            head = &heads[i];
    if (head != NULL)
        head->read(&cursor, &acts, head->action);
    if (acts.count == 0)
        act_add(&cursor, &acts, ACTION_OTHER);
    statement_settle(statement, &cursor, &acts, head);
}
