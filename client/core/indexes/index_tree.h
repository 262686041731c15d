/*
 * An index on a partitioned table, one move at a time. Pure.
 *
 * Its own index is made ON ONLY and invalid; every leaf gets one built concurrently;
 * each is attached; the last one makes the whole valid. Where the index is that of a
 * key, so is every part of it. Where it stands is read from the catalog before every
 * move, so nothing is lost when we die between two of them, and partitions that come or
 * go meanwhile are no special case: to those made below an index that is there already,
 * the server itself gives one.
 */
#ifndef PGSTRIDE_CORE_INDEX_TREE_H
#define PGSTRIDE_CORE_INDEX_TREE_H

#include "core/indexes/index.h"
#include "model/names.h"

/* An index of one of the tables. */
typedef struct TreeIndex
{
    int64_t oid;
    char *name;       /* as the server quotes it */
    char *bare;       /* without its schema, unquoted */
    bool named;       /* it has the name that was asked for, and is the root's */
    char *definition; /* NULL: attached, so nobody has to ask */
    int64_t part_of; /* the index of the parent table that it is attached to; 0: none */
    bool valid;
    bool ready;
    bool live;
    bool has_expressions;
    int64_t builder; /* pid of a live backend that is building it; 0: none */
    char *key;       /* PRIMARY KEY or UNIQUE: a constraint stands on it; or NULL */
    char *deferral;  /* of that constraint: " DEFERRABLE ..." or "" */
    char *key_definition;
} TreeIndex;

/* A table of the tree; parents stand before their partitions. */
typedef struct TreeTable
{
    int64_t oid;
    int64_t parent; /* 0: it is the root */
    QName name;
    char *kind;         /* r p f, as pg_class.relkind */
    TreeIndex *indexes; /* that could be the one, or its part */
    int index_count;
} TreeTable;

typedef struct IndexTree
{
    TreeTable *tables;
    int count;
    bool ours;          /* we have started this step, now or in an earlier run */
    bool only;          /* ON ONLY: its author attaches what he builds himself */
    const char *wanted; /* the CREATE INDEX asked for */
} IndexTree;

typedef enum TreeMove
{
    TREE_DONE,
    TREE_STOP,   /* not ours to decide: tell */
    TREE_PARENT, /* CREATE INDEX ON ONLY that partitioned table */
    TREE_BUILD,  /* CREATE INDEX CONCURRENTLY on that leaf */
    TREE_CLEAR,  /* drop what an interrupted build left of that index */
    TREE_WAIT,   /* somebody is building that index right now */
    TREE_KEY,    /* make it a key of its table, and a part: the root's takes no other */
    TREE_ATTACH  /* make it a part of the parent's index */
} TreeMove;

typedef struct TreeVerdict
{
    TreeMove move;
    const char *why;
    const TreeTable *table;
    const TreeIndex *index;
    const TreeIndex *parent; /* TREE_ATTACH: of the parent table */
    const TreeIndex *root;
    int part; /* which leaf of `parts` it is about, 1-based; 0: none */
    int parts;
} TreeVerdict;

TreeVerdict index_tree_next(const IndexTree *tree);

#endif
