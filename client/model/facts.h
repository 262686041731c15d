/*
 * What the live catalog says about the tables that a migration names.
 *
 * core says what it needs to know (Needs), run asks through the driver, core plans from
 * the answer. The same facts always give the same plan.
 */
#ifndef PGSTRIDE_MODEL_FACTS_H
#define PGSTRIDE_MODEL_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/caps.h"
#include "model/names.h"

typedef struct ColumnFact
{
    char *name;
    char *type;     /* format_type() */
    int64_t number; /* attnum */
    bool not_null;
    bool generated; /* stored or virtual */
    bool identity;
    char *default_sql; /* pg_get_expr, or NULL */
    char *grants;      /* column-level ACL as text, or NULL */
    char *cascade;     /* a foreign key that changes it, and no trigger is told: "fk (ON
                          UPDATE     CASCADE)"; NULL none */
    bool in_statistics; /* part of an extended statistics object */
    bool published;     /* named in a publication's column list */
    char **dependents;  /* that keep it from being dropped: "view v" */
    int dependent_count;
    char *comment;
    char *collation; /* not the type's default; or NULL */
} ColumnFact;

typedef struct IndexFact
{
    QName name;
    char *definition; /* pg_get_indexdef */
    char *mentions;   /* comma-separated attnums that the whole definition reads */
    bool unique;
    bool primary;
    bool constraint; /* backs a constraint */
    bool replica_identity;
    bool valid;
    bool ready;
} IndexFact;

typedef struct ConstraintFact
{
    char *name;
    char *kind;       /* c f p u x n t, as pg_constraint.contype */
    char *definition; /* pg_get_constraintdef */
    char *mentions;   /* comma-separated attnums */
    bool valid;
    bool incoming;     /* a foreign key of another table that points here */
    QName other;       /* the other table of a foreign key */
    int64_t other_oid; /* 0: it was not asked */
    bool other_lockable;
    char *refers; /* the columns that refer: "account_id"; NULL: no foreign key */
    bool indexed; /* an index begins with them */
    int64_t referring_rows; /* of the table that they are in */
} ConstraintFact;

typedef struct TriggerFact
{
    char *name;
    char *function;
    char *definition;
    char *enabled; /* O D R A, as pg_trigger.tgenabled */
    bool before_row;
    bool on_update;
    bool on_insert;
    bool on_delete;
    char **columns; /* UPDATE OF these; none: of any */
    int column_count;
    bool ours; /* a sync trigger of pgstride */
} TriggerFact;

/* One table of a tree: the one that was asked for, a partition, or a child. */
typedef struct TreeFact
{
    QName name;
    int64_t oid;
    char *kind; /* r p f */
    char *owner;
    char *access_method;
    bool may_own;
    bool may_update;
    bool may_delete;
    bool rows_hidden;
    char *late_trigger; /* the last of its own BEFORE ROW triggers; NULL none */
    char **key;         /* columns of its partition key */
    int key_count;
    char **not_null; /* columns that take no null */
    int not_null_count;
    char **foreign_keys; /* its own, not its parent's: "16404 region,code", by the oid
                            of the other table */
    int foreign_key_count;
} TreeFact;

/* Where a table grows on the server's disks. */
typedef struct RoomFact
{
    char *tablespace;   /* NULL: it was not asked */
    char *directory;    /* on the server; NULL: we may not know */
    int64_t free_bytes; /* in it; -1 unknown */
    bool said;          /* ... because --free-space says so */
    bool with_wal;      /* the WAL is written to the same disk */
    int64_t max_wal_bytes;
    char *idle_slot; /* a replication slot that nobody reads; NULL none */
} RoomFact;

typedef struct TableFact
{
    QName asked; /* as the statement named it */
    QName name;  /* as the catalog resolves it */
    int64_t oid;
    bool exists;
    bool fresh; /* not there yet: an earlier migration of the same plan makes it */
    char *kind; /* r p f v m, as pg_class.relkind */
    char *owner;
    bool has_children; /* partitions or inheritance children */
    int64_t leaves;    /* partitions that hold rows; 0: it is not partitioned */
    bool row_security;
    bool force_row_security;
    int64_t rows; /* estimate: reltuples, or from pages when never analyzed */
    int64_t heap_bytes;
    int64_t total_bytes;
    RoomFact room;
    int64_t blocks;
    int64_t fillfactor; /* percent */
    bool lockable;      /* LOCK TABLE accepts it from us; asked of lean facts only */
    bool may_own;       /* we are a member of its owner's role */
    bool may_update;
    bool may_delete;
    bool rows_hidden;   /* row-level security applies to us */
    char *publications; /* that send it: "a, b"; NULL none */
    char *access_method;
    char **row_key; /* columns that tell its rows apart; none: the server has another
                       way */
    int row_key_count;
    char *definition; /* of an index or a view: how to make it again; NULL unknown */
    char **taken; /* names in its schema that the server might choose for what is its */
    int taken_count;
    ColumnFact *columns;
    int column_count;
    IndexFact *indexes;
    int index_count;
    ConstraintFact *constraints;
    int constraint_count;
    TriggerFact *triggers;
    int trigger_count;
    TreeFact *tree; /* where it has children: itself, then all below it; or none */
    int tree_count;
} TableFact;

/* The volatility of a function that a backfill's expressions call. */
typedef struct FunctionFact
{
    char *name;       /* as written */
    char *volatility; /* i s v; the worst of all overloads */
} FunctionFact;

/* A type that a new column has. */
typedef struct TypeFact
{
    char *name;    /* as written */
    bool rewrites; /* a domain: what it asks or gives is worked out for every row */
} TypeFact;

typedef struct Facts
{
    const Caps *caps;
    bool lean; /* of tables: where they are, and foreign keys where those were asked */
    char *database;
    char *user;
    /* What unqualified names mean to this session: current_schemas(false), each as
     * quote_ident writes it, joined by ", ". Empty when there is none. */
    char *search_path;
    bool triggers_stay;   /* we may not switch them off for a session */
    int64_t standbys;     /* physical ones that stream from here right now */
    int standbys_watched; /* by --standby */
    TableFact *tables;
    int table_count;
    FunctionFact *functions;
    int function_count;
    TypeFact *types;
    int type_count;
} Facts;

/* What core wants to know before it plans. */
typedef struct Needs
{
    QName *tables;
    int table_count;
    bool *made; /* of each, whether the migration makes it; NULL: all are asked for */
    bool lean;  /* where they are is enough */
    bool *keys; /* ... and of each of them, whether its foreign keys are wanted */
    const char **functions;
    int function_count;
    const char **types; /* of new columns, where they might be domains */
    int type_count;
} Needs;

const TableFact *facts_table(const Facts *facts, const QName *asked);
const ColumnFact *table_column(const TableFact *table, const char *name);
bool fact_mentions(const char *mentions, int64_t number);

#endif
