/*
 * A statement as the parser understood it: what it does to which relations.
 *
 * core/sql fills these from the parse tree and frees the tree: no parser type is
 * visible here, and what needs a tree again parses the text again.
 */
#ifndef PGSTRIDE_MODEL_STATEMENT_H
#define PGSTRIDE_MODEL_STATEMENT_H

#include <stdbool.h>

#include "model/lock.h"
#include "model/names.h"
#include "model/sqltext.h"

/* Where a piece of SQL stands in its file. */
typedef struct Span
{
    const char *file; /* as shown to people */
    int line;         /* 1-based, of the first byte that is no comment or blank */
    int offset;       /* bytes from the start of the file */
    int length;
} Span;

/* What one action of a statement does. The row of core/sql/actions.c says the rest. */
/* clang-format off */
typedef enum Action
{
    ACTION_OTHER, /* parsed, and nothing is known against it */
    ACTION_UNPARSED, /* newer syntax than the parser knows */

    ACTION_CREATE_TABLE, ACTION_CREATE_TABLE_AS, ACTION_CREATE_PARTITION, ACTION_CREATE_TEMP,
    ACTION_DROP_TABLE, ACTION_RENAME_TABLE, ACTION_SET_SCHEMA, ACTION_TRUNCATE,
    ACTION_ATTACH_PARTITION, ACTION_DETACH_PARTITION, ACTION_DETACH_CONCURRENTLY,

    ACTION_ADD_COLUMN, ACTION_ADD_COLUMN_VOLATILE, ACTION_ADD_COLUMN_STORED,
    ACTION_ADD_COLUMN_REQUIRED, ACTION_ADD_COLUMN_DOMAIN, ACTION_ADD_COLUMN_CONSTRAINED,
    ACTION_DROP_COLUMN, ACTION_RENAME_COLUMN,
    ACTION_SET_DEFAULT, ACTION_DROP_DEFAULT, ACTION_SET_NOT_NULL, ACTION_DROP_NOT_NULL,
    ACTION_ALTER_TYPE, ACTION_SET_STORAGE, ACTION_SET_STATISTICS, ACTION_IDENTITY,

    ACTION_ADD_CHECK, ACTION_ADD_FOREIGN_KEY, ACTION_ADD_UNIQUE, ACTION_ADD_PRIMARY_KEY,
    ACTION_ADD_EXCLUDE, ACTION_ADD_NOT_NULL, ACTION_ADD_NOT_VALID, ACTION_ADD_USING_INDEX,
    ACTION_VALIDATE, ACTION_DROP_CONSTRAINT, ACTION_ALTER_CONSTRAINT, ACTION_RENAME_CONSTRAINT,

    ACTION_CREATE_INDEX, ACTION_CREATE_INDEX_CONCURRENTLY, ACTION_DROP_INDEX,
    ACTION_DROP_INDEX_CONCURRENTLY, ACTION_REINDEX, ACTION_REINDEX_CONCURRENTLY,
    ACTION_RENAME_INDEX, ACTION_ATTACH_INDEX,

    ACTION_CREATE_TRIGGER, ACTION_DROP_TRIGGER, ACTION_TOGGLE_TRIGGER, ACTION_POLICY,
    ACTION_REPLICA_IDENTITY, ACTION_SET_OPTIONS, ACTION_REWRITE_TABLE, ACTION_OWNER,
    ACTION_CREATE_VIEW, ACTION_DROP_VIEW, ACTION_CREATE_MATVIEW, ACTION_REFRESH,
    ACTION_REFRESH_CONCURRENTLY, ACTION_FUNCTION, ACTION_TYPE, ACTION_ENUM_ADD, ACTION_CREATE_DOMAIN, ACTION_CHECK_DOMAIN,
    ACTION_SEQUENCE, ACTION_SCHEMA, ACTION_EXTENSION, ACTION_COMMENT, ACTION_GRANT,
    ACTION_PUBLICATION,

    ACTION_SELECT, ACTION_INSERT, ACTION_UPDATE, ACTION_DELETE, ACTION_MERGE, ACTION_COPY,
    ACTION_DO, ACTION_CALL, ACTION_LOCK, ACTION_ANALYZE,
    ACTION_VACUUM, ACTION_CLUSTER_ALL, ACTION_SYSTEM, ACTION_DATABASE, ACTION_SUBSCRIPTION,
    ACTION_SET, ACTION_TRANSACTION, ACTION_SAVEPOINT, ACTION_COUNT
} Action;
/* clang-format on */

/* One action and everything it names; a statement has at least one. */
typedef struct Act
{
    Action action;
    QName relation;       /* what it changes; empty name when it changes none */
    QName other;          /* referenced table, partition (new or attached), INHERITS
                             parent, new schema; the index where an index is dropped,
                             renamed, attached, rebuilt or made a constraint;
                             only a schema where REINDEX names one */
    const char *column;   /* column, or NULL */
    const char *object;   /* index, constraint or trigger; NULL when unnamed. LOCK: the
                             mode. COPY: STDIN or STDOUT */
    const char *new_name; /* of a rename */
    const char *type;     /* of a column added or altered, deparsed */
    SqlParsed expression; /* default, check or USING; text NULL when none. A unique key
                             of a plain path: from its parenthesis on */
    const char **columns; /* key, index, UPDATE OF, foreign key or CHECK columns */
    int column_count;
    const char **other_columns; /* a foreign key's target; none: the primary key */
    int other_column_count;
    bool match_full; /* a foreign key: either all of its columns are NULL or none */
    bool if_exists;  /* IF EXISTS, IF NOT EXISTS */
    bool if_table;   /* ALTER TABLE IF EXISTS: its relation may not be there */
    bool cascade;
    bool unique;
    bool not_null; /* ADD COLUMN ... NOT NULL */
    bool has_default;
    bool costs_rows; /* CREATE DOMAIN: a new column of it writes every row again */
} Act;

typedef struct Statement
{
    SqlParsed sql; /* exactly as written, without the final semicolon */
    Span span;
    const Act *acts;
    int act_count;
    bool alone;            /* refuses a transaction block */
    const char *alone_why; /* "CREATE INDEX CONCURRENTLY", or NULL */
    bool session;          /* leaves session state behind: SET, temporary tables */
    char hash[65];         /* SHA-256 of the normalised tokens: is it still the same? */
    const struct Makes *makes; /* of the catalog's; NULL: nothing */
    const char *whole; /* the text of the statement it is a part of; NULL: of none */
} Statement;

typedef struct Statements
{
    Statement *items;
    int count;
} Statements;

#endif
