#include "core/sql/actions.h"

#include <string.h>

/* Short names for a table that is read by columns. */
#define NO LOCK_NONE
#define AS LOCK_ACCESS_SHARE
#define RS LOCK_ROW_SHARE
#define RX LOCK_ROW_EXCLUSIVE
#define SU LOCK_SHARE_UPDATE_EXCLUSIVE
#define SH LOCK_SHARE
#define SX LOCK_SHARE_ROW_EXCLUSIVE
#define EX LOCK_EXCLUSIVE
#define AX LOCK_ACCESS_EXCLUSIVE

/* Locks as pg_locks showed them on PostgreSQL 15; deviations below are for others. */
/* clang-format off */
static const ActionRule rules[ACTION_COUNT] = {
    [ACTION_OTHER]                   = {"other statement",         AX, SU, WORK_FAST,    UNDO_OWN,          NULL},
    [ACTION_UNPARSED]                = {"unparsed statement",      AX, NO, WORK_REWRITE, UNDO_OWN,          "not understood: planned as the worst"},

    [ACTION_CREATE_TABLE]            = {"CREATE TABLE",            NO, SU, WORK_FAST,    UNDO_DROP,         NULL},
    [ACTION_CREATE_TABLE_AS]         = {"CREATE TABLE AS",         NO, NO, WORK_SCAN,    UNDO_DROP,         "holds a snapshot for as long as its query runs"},
    [ACTION_CREATE_PARTITION]        = {"CREATE TABLE PARTITION OF", AX, NO, WORK_SCAN,  UNDO_DROP,         "also locks and scans a DEFAULT partition"},
    [ACTION_CREATE_TEMP]             = {"CREATE TEMPORARY TABLE",  NO, NO, WORK_FAST,    UNDO_NOT_NEEDED,   NULL},
    [ACTION_DROP_TABLE]              = {"DROP TABLE",              AX, NO, WORK_FAST,    UNDO_IRREVERSIBLE, "also locks every table that its foreign keys touch"},
    [ACTION_RENAME_TABLE]            = {"RENAME",                  AX, NO, WORK_FAST,    UNDO_RENAME_BACK,  NULL},
    [ACTION_SET_SCHEMA]              = {"SET SCHEMA",              AX, NO, WORK_FAST,    UNDO_CATALOG,      NULL},
    [ACTION_TRUNCATE]                = {"TRUNCATE",                AX, NO, WORK_FAST,    UNDO_IRREVERSIBLE, NULL},
    [ACTION_ATTACH_PARTITION]        = {"ATTACH PARTITION",        SU, AX, WORK_SCAN,    UNDO_CATALOG,      "a valid CHECK that implies the bound saves the scan; a DEFAULT partition is locked and scanned"},
    [ACTION_DETACH_PARTITION]        = {"DETACH PARTITION",        AX, AX, WORK_FAST,    UNDO_CATALOG,      NULL},
    [ACTION_DETACH_CONCURRENTLY]     = {"DETACH PARTITION CONCURRENTLY", SU, AX, WORK_FAST, UNDO_CATALOG,   "waits for every transaction that has seen the partition"},

    [ACTION_ADD_COLUMN]              = {"ADD COLUMN",              AX, SX, WORK_FAST,    UNDO_DROP,         NULL},
    [ACTION_ADD_COLUMN_VOLATILE]     = {"ADD COLUMN",              AX, SX, WORK_REWRITE, UNDO_DROP,         "the default is evaluated for every row"},
    [ACTION_ADD_COLUMN_STORED]       = {"ADD COLUMN",              AX, NO, WORK_REWRITE, UNDO_DROP,         "the value is stored in every row"},
    [ACTION_ADD_COLUMN_REQUIRED]     = {"ADD COLUMN",              AX, SX, WORK_SCAN,    UNDO_DROP,         "fails as soon as the table has a row"},
    [ACTION_ADD_COLUMN_DOMAIN]       = {"ADD COLUMN",              AX, SX, WORK_REWRITE, UNDO_DROP,         "its domain is checked for every row"},
    [ACTION_ADD_COLUMN_CONSTRAINED]  = {"ADD COLUMN",              AX, SX, WORK_SCAN,    UNDO_DROP,         "its constraint is checked while nobody can use the table"},
    [ACTION_DROP_COLUMN]             = {"DROP COLUMN",             AX, NO, WORK_FAST,    UNDO_IRREVERSIBLE, "indexes and constraints on it go silently"},
    [ACTION_RENAME_COLUMN]           = {"RENAME COLUMN",           AX, NO, WORK_FAST,    UNDO_RENAME_BACK,  NULL},
    [ACTION_SET_DEFAULT]             = {"SET DEFAULT",             AX, NO, WORK_FAST,    UNDO_CATALOG,      NULL},
    [ACTION_DROP_DEFAULT]            = {"DROP DEFAULT",            AX, NO, WORK_FAST,    UNDO_CATALOG,      NULL},
    [ACTION_SET_NOT_NULL]            = {"SET NOT NULL",            AX, NO, WORK_SCAN,    UNDO_DROP_NOT_NULL, NULL},
    [ACTION_DROP_NOT_NULL]           = {"DROP NOT NULL",           AX, NO, WORK_FAST,    UNDO_SET_NOT_NULL, NULL},
    [ACTION_ALTER_TYPE]              = {"ALTER COLUMN TYPE",       AX, NO, WORK_REWRITE, UNDO_OWN,          "statistics of the column are lost until ANALYZE"},
    [ACTION_SET_STORAGE]             = {"SET STORAGE",             AX, NO, WORK_FAST,    UNDO_CATALOG,      "only new values are stored that way"},
    [ACTION_SET_STATISTICS]          = {"SET STATISTICS",          SU, NO, WORK_FAST,    UNDO_CATALOG,      NULL},
    [ACTION_IDENTITY]                = {"IDENTITY",                AX, NO, WORK_FAST,    UNDO_CATALOG,      NULL},

    [ACTION_ADD_CHECK]               = {"ADD CHECK",               AX, NO, WORK_SCAN,    UNDO_DROP,         NULL},
    [ACTION_ADD_FOREIGN_KEY]         = {"ADD FOREIGN KEY",         SX, SX, WORK_SCAN,    UNDO_DROP,         "reads both tables"},
    [ACTION_ADD_UNIQUE]              = {"ADD UNIQUE",              AX, NO, WORK_BUILD,   UNDO_DROP,         NULL},
    [ACTION_ADD_PRIMARY_KEY]         = {"ADD PRIMARY KEY",         AX, NO, WORK_BUILD,   UNDO_DROP,         NULL},
    [ACTION_ADD_EXCLUDE]             = {"ADD EXCLUDE",             AX, NO, WORK_BUILD,   UNDO_DROP,         NULL},
    [ACTION_ADD_NOT_NULL]            = {"ADD NOT NULL",            AX, NO, WORK_SCAN,    UNDO_DROP,         NULL},
    [ACTION_ADD_NOT_VALID]           = {"ADD CONSTRAINT NOT VALID", AX, SX, WORK_FAST,   UNDO_DROP,         "an update of a row that violates it already fails"},
    [ACTION_ADD_USING_INDEX]         = {"ADD CONSTRAINT USING INDEX", AX, NO, WORK_FAST, UNDO_DROP,         "a primary key scans where a column is nullable"},
    [ACTION_VALIDATE]                = {"VALIDATE CONSTRAINT",     SU, NO, WORK_SCAN,    UNDO_NOT_NEEDED,   NULL},
    [ACTION_DROP_CONSTRAINT]         = {"DROP CONSTRAINT",         AX, NO, WORK_FAST,    UNDO_REBUILD,      "a foreign key also locks the table it points at"},
    [ACTION_ALTER_CONSTRAINT]        = {"ALTER CONSTRAINT",        AX, NO, WORK_FAST,    UNDO_CATALOG,      NULL},
    [ACTION_RENAME_CONSTRAINT]       = {"RENAME CONSTRAINT",       AX, NO, WORK_FAST,    UNDO_RENAME_BACK,  NULL},

    [ACTION_CREATE_INDEX]            = {"CREATE INDEX",            SH, NO, WORK_BUILD,   UNDO_DROP,         NULL},
    [ACTION_CREATE_INDEX_CONCURRENTLY] = {"CREATE INDEX CONCURRENTLY", SU, NO, WORK_BUILD, UNDO_DROP,       "waits for every older transaction in the database"},
    [ACTION_DROP_INDEX]              = {"DROP INDEX",              AX, AX, WORK_FAST,    UNDO_REBUILD,      NULL},
    [ACTION_DROP_INDEX_CONCURRENTLY] = {"DROP INDEX CONCURRENTLY", SU, SU, WORK_FAST,    UNDO_REBUILD,      "waits for every older transaction on the table"},
    [ACTION_REINDEX]                 = {"REINDEX",                 SH, AX, WORK_BUILD,   UNDO_NOT_NEEDED,   "queries that are planned meanwhile wait as well"},
    [ACTION_REINDEX_CONCURRENTLY]    = {"REINDEX CONCURRENTLY",    SU, SU, WORK_BUILD,   UNDO_NOT_NEEDED,   "waits for every older transaction in the database"},
    [ACTION_RENAME_INDEX]            = {"RENAME INDEX",            NO, SU, WORK_FAST,    UNDO_RENAME_BACK,  NULL},
    [ACTION_ATTACH_INDEX]            = {"ATTACH INDEX",            SU, AX, WORK_FAST,    UNDO_OWN,          NULL},

    [ACTION_CREATE_TRIGGER]          = {"CREATE TRIGGER",          SX, SX, WORK_FAST,    UNDO_DROP,         NULL},
    [ACTION_DROP_TRIGGER]            = {"DROP or RENAME TRIGGER",  AX, NO, WORK_FAST,    UNDO_REBUILD,      NULL},
    [ACTION_TOGGLE_TRIGGER]          = {"ENABLE or DISABLE TRIGGER", SX, NO, WORK_FAST,  UNDO_CATALOG,      NULL},
    [ACTION_POLICY]                  = {"POLICY or RULE",          AX, NO, WORK_FAST,    UNDO_OWN,          NULL},
    [ACTION_REPLICA_IDENTITY]        = {"REPLICA IDENTITY",        AX, NO, WORK_FAST,    UNDO_CATALOG,      NULL},
    [ACTION_SET_OPTIONS]             = {"SET (...)",               SU, NO, WORK_FAST,    UNDO_CATALOG,      NULL},
    [ACTION_REWRITE_TABLE]           = {"rewrite of the table",    AX, NO, WORK_REWRITE, UNDO_OWN,          NULL},
    [ACTION_OWNER]                   = {"OWNER TO",                AX, NO, WORK_FAST,    UNDO_CATALOG,      NULL},
    [ACTION_CREATE_VIEW]             = {"CREATE VIEW",             AX, NO, WORK_FAST,    UNDO_OWN,          NULL},
    [ACTION_DROP_VIEW]               = {"DROP VIEW",               AX, NO, WORK_FAST,    UNDO_REBUILD,      NULL},
    [ACTION_CREATE_MATVIEW]          = {"CREATE MATERIALIZED VIEW", NO, NO, WORK_SCAN,   UNDO_DROP,         "holds a snapshot for as long as its query runs"},
    [ACTION_REFRESH]                 = {"REFRESH MATERIALIZED VIEW", AX, NO, WORK_REWRITE, UNDO_NOT_NEEDED, NULL},
    [ACTION_REFRESH_CONCURRENTLY]    = {"REFRESH MATERIALIZED VIEW CONCURRENTLY", EX, NO, WORK_SCAN, UNDO_NOT_NEEDED, "readers go on"},
    [ACTION_FUNCTION]                = {"FUNCTION",                NO, NO, WORK_FAST,    UNDO_OWN,          NULL},
    [ACTION_TYPE]                    = {"TYPE or DOMAIN",          NO, NO, WORK_FAST,    UNDO_OWN,          NULL},
    [ACTION_CREATE_DOMAIN]           = {"CREATE DOMAIN",           NO, NO, WORK_FAST,    UNDO_OWN,          NULL},
    [ACTION_CHECK_DOMAIN]            = {"ALTER DOMAIN",            NO, NO, WORK_SCAN,    UNDO_OWN,          "it is checked in every table that uses the domain"},
    [ACTION_ENUM_ADD]                = {"ADD VALUE",               NO, NO, WORK_FAST,    UNDO_IRREVERSIBLE, "the value can be used after this transaction commits"},
    [ACTION_SEQUENCE]                = {"SEQUENCE",                SX, NO, WORK_FAST,    UNDO_OWN,          NULL},
    [ACTION_SCHEMA]                  = {"SCHEMA",                  NO, NO, WORK_FAST,    UNDO_OWN,          NULL},
    [ACTION_EXTENSION]               = {"EXTENSION",               NO, NO, WORK_FAST,    UNDO_OWN,          "its script decides what is locked"},
    [ACTION_COMMENT]                 = {"COMMENT",                 SU, NO, WORK_FAST,    UNDO_CATALOG,      NULL},
    [ACTION_GRANT]                   = {"GRANT or REVOKE",         NO, NO, WORK_FAST,    UNDO_OWN,          NULL},
    [ACTION_PUBLICATION]             = {"PUBLICATION",             SU, NO, WORK_FAST,    UNDO_OWN,          NULL},

    [ACTION_SELECT]                  = {"SELECT",                  AS, NO, WORK_SCAN,    UNDO_NOT_NEEDED,   NULL},
    [ACTION_INSERT]                  = {"INSERT",                  RX, NO, WORK_FAST,    UNDO_OWN,          NULL},
    [ACTION_UPDATE]                  = {"UPDATE",                  RX, NO, WORK_SCAN,    UNDO_OWN,          "holds the locks of its rows until it commits"},
    [ACTION_DELETE]                  = {"DELETE",                  RX, NO, WORK_SCAN,    UNDO_IRREVERSIBLE, "holds the locks of its rows until it commits"},
    [ACTION_MERGE]                   = {"MERGE",                   RX, NO, WORK_SCAN,    UNDO_OWN,          "holds the locks of its rows until it commits"},
    [ACTION_COPY]                    = {"COPY",                    RX, NO, WORK_FAST,    UNDO_OWN,          NULL},
    [ACTION_DO]                      = {"DO",                      NO, NO, WORK_FAST,    UNDO_OWN,          "what it does is not known before it runs"},
    [ACTION_CALL]                    = {"CALL",                    NO, NO, WORK_FAST,    UNDO_OWN,          "what it does is not known before it runs"},
    [ACTION_LOCK]                    = {"LOCK TABLE",              AX, NO, WORK_FAST,    UNDO_NOT_NEEDED,   NULL},
    [ACTION_ANALYZE]                 = {"ANALYZE",                 SU, NO, WORK_SCAN,    UNDO_NOT_NEEDED,   NULL},
    [ACTION_VACUUM]                  = {"VACUUM",                  SU, NO, WORK_SCAN,    UNDO_NOT_NEEDED,   NULL},
    [ACTION_CLUSTER_ALL]             = {"CLUSTER",                 AX, NO, WORK_REWRITE, UNDO_NOT_NEEDED,   "every clustered table, one after the other"},
    [ACTION_SYSTEM]                  = {"ALTER SYSTEM",            NO, NO, WORK_FAST,    UNDO_CATALOG,      NULL},
    [ACTION_DATABASE]                = {"DATABASE or TABLESPACE",  NO, NO, WORK_FAST,    UNDO_OWN,          NULL},
    [ACTION_SUBSCRIPTION]            = {"SUBSCRIPTION",            NO, NO, WORK_FAST,    UNDO_OWN,          NULL},
    [ACTION_SET]                     = {"session setting",         NO, NO, WORK_FAST,    UNDO_NOT_NEEDED,   NULL},
    [ACTION_TRANSACTION]             = {"transaction control",     NO, NO, WORK_FAST,    UNDO_NOT_NEEDED,   NULL},
    [ACTION_SAVEPOINT]               = {"SAVEPOINT",               NO, NO, WORK_FAST,    UNDO_OWN,          "what stands before it may be taken back"},
};

/* What servers before that version do instead. */
typedef struct Deviation
{
    Action action;
    int before;
    LockMode lock;
    LockMode other_lock;
    Work work;
} Deviation;

static const Deviation deviations[] = {
    {ACTION_RENAME_INDEX,     120000, NO, AX, WORK_FAST},
    {ACTION_ATTACH_PARTITION, 120000, AX, AX, WORK_SCAN},
};
/* clang-format on */

/* LOCK TABLE says its mode itself. */
static LockMode
lock_asked(const Act *act)
{
    for (int mode = LOCK_ACCESS_SHARE; mode < LOCK_MODE_COUNT; mode++)
        if (act->object != NULL &&
            strcmp(lock_mode_sql((LockMode)mode), act->object) == 0)
            return (LockMode)mode;
    return LOCK_ACCESS_EXCLUSIVE;
}

ActionRule
action_rule(const Act *act, const Caps *caps)
{
    ActionRule rule = rules[act->action];

    for (int i = 0; caps != NULL && i < LENGTH(deviations); i++)
        if (deviations[i].action == act->action && caps->version < deviations[i].before)
        {
            rule.lock = deviations[i].lock;
            rule.other_lock = deviations[i].other_lock;
            rule.work = deviations[i].work;
        }
    /* Constant defaults were written into every row before they could be kept aside. */
    if (act->action == ACTION_ADD_COLUMN && act->has_default && caps != NULL &&
        caps->version < 110000)
        rule.work = WORK_REWRITE;
    if (act->action == ACTION_LOCK)
        rule.lock = lock_asked(act);
    /* A foreign key blocks writers only, NOT VALID or not. */
    if (act->action == ACTION_ADD_NOT_VALID && act->other.name != NULL)
        rule.lock = LOCK_SHARE_ROW_EXCLUSIVE;
    if (act->relation.name == NULL)
        rule.lock = LOCK_NONE;
    if (act->other.name == NULL)
        rule.other_lock = LOCK_NONE;
    return rule;
}

const char *
action_name(Action action)
{
    return rules[action].name;
}

bool
action_adds_column(Action action)
{
    return action >= ACTION_ADD_COLUMN && action <= ACTION_ADD_COLUMN_CONSTRAINED;
}

bool
act_creates(const Act *act, const QName *relation)
{
    switch (act->action)
    {
    case ACTION_CREATE_TABLE:
    case ACTION_CREATE_TABLE_AS:
    case ACTION_CREATE_TEMP:
    case ACTION_CREATE_MATVIEW:
        return !act->if_exists && qname_equal(&act->relation, relation);
    case ACTION_CREATE_PARTITION:
        return !act->if_exists && qname_equal(&act->other, relation);
    default:
        return false;
    }
}

static bool
statement_creates(const Statement *statement, const QName *relation)
{
    for (int i = 0; i < statement->act_count; i++)
        if (act_creates(&statement->acts[i], relation))
            return true;
    return false;
}

static bool
statement_has(const Statement *statement, const Act *act)
{
    return act >= statement->acts && act < statement->acts + statement->act_count;
}

bool
act_on_new_table(const Migration *migration, const Act *act)
{
    if (act->relation.name == NULL)
        return false;
    for (int i = 0; i < migration->section_count; i++)
    {
        const Statements *statements = &migration->sections[i].statements;

        for (int j = 0; !migration->sections[i].down && j < statements->count; j++)
        {
            if (statement_creates(&statements->items[j], &act->relation))
                return true;
            if (statement_has(&statements->items[j], act))
                return false;
        }
    }
    return false;
}

const Act *
statement_act(const Statement *statement, Action action)
{
    for (int i = 0; i < statement->act_count; i++)
        if (statement->acts[i].action == action)
            return &statement->acts[i];
    return NULL;
}

static const Act *
statement_adds_column(const Statement *statement, const QName *table,
                      const char *column)
{
    for (int i = 0; i < statement->act_count; i++)
    {
        const Act *act = &statement->acts[i];

        if (action_adds_column(act->action) && qname_may_equal(&act->relation, table) &&
            strcmp(act->column, column) == 0)
            return act;
    }
    return NULL;
}

const Act *
section_adds_column(const Section *section, const QName *table, const char *column)
{
    const Act *act = NULL;

    for (int i = 0; section != NULL && act == NULL && i < section->statements.count;
         i++)
        act = statement_adds_column(&section->statements.items[i], table, column);
    return act;
}
