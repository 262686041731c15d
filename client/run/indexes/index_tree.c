#include "run/indexes/index_tree.h"

#include <string.h>

#include "base/fault.h"
#include "base/stop.h"
#include "core/indexes/index_tree.h"
#include "core/sql/sql.h"
#include "run/history/history.h"
#include "run/indexes/leftover.h"
#include "run/locks/locks.h"
#include "run/tell.h"

/* A row of index_tree.sql: a table and one of its indexes. */
typedef struct TreeRow
{
    int64_t table_oid;
    int64_t parent_oid;
    char *table_schema;
    char *table_name;
    char *kind;
    TreeIndex index;
} TreeRow;

/* clang-format off */
#define OF_INDEX(kind, member) COLUMN_AS(kind, TreeRow, index.member, #member)

static const Column tree_columns[] = {
    COLUMN(INT64, TreeRow, table_oid),    COLUMN(INT64, TreeRow, parent_oid),
    COLUMN(TEXT, TreeRow, table_schema),  COLUMN(TEXT, TreeRow, table_name),
    COLUMN(TEXT, TreeRow, kind),          OF_INDEX(INT64, oid),
    OF_INDEX(TEXT_OR_NULL, name),         OF_INDEX(TEXT_OR_NULL, bare),         OF_INDEX(BOOL, named),
    OF_INDEX(TEXT_OR_NULL, definition),   OF_INDEX(INT64, part_of),
    OF_INDEX(BOOL, valid),                OF_INDEX(BOOL, ready),
    OF_INDEX(BOOL, live),                 OF_INDEX(BOOL, has_expressions),
    OF_INDEX(INT64, builder),             OF_INDEX(TEXT_OR_NULL, key),
    OF_INDEX(TEXT_OR_NULL, deferral),     OF_INDEX(TEXT_OR_NULL, key_definition),
};
/* clang-format on */

/* --- gather ---------------------------------------------------------------------- */

/* Rows of one table stand together. */
static void
tree_from_rows(Mem *mem, const TreeRow *rows, int count, IndexTree *tree)
{
    tree->tables = mem_array(mem, TreeTable, count + 1);
    for (int i = 0; i < count; i++)
    {
        TreeTable *table = &tree->tables[tree->count - (tree->count > 0)];

        if (tree->count == 0 || table->oid != rows[i].table_oid)
        {
            table = &tree->tables[tree->count++];
            *table = (TreeTable){.oid = rows[i].table_oid,
                                 .parent = rows[i].parent_oid,
                                 .name = {rows[i].table_schema, rows[i].table_name},
                                 .kind = rows[i].kind,
                                 .indexes = mem_array(mem, TreeIndex, count - i)};
        }
        if (rows[i].index.oid != 0)
            table->indexes[table->index_count++] = rows[i].index;
    }
}

static bool
tree_read(const IndexWork *work, Mem *mem, const QName *table, IndexTree *tree,
          Err *err)
{
    MEM_SCOPE(scope, mem);
    SqlText name = sql_begin(scope, work->run->caps);
    TreeRow *found;
    int count;
    Rows rows;

    sql_qname(&name, table);
    *tree = (IndexTree){.ours = work->ours,
                        .only = sql_index_only(work->step->sql[0].text),
                        .wanted = work->step->sql[0].text};
    if (!db_query(scope, work->run->watcher, "index_tree",
                  ARGS(sql_done(&name), work->step->index.name), &rows, err) ||
        !rows_decode(mem, &rows, tree_columns, LENGTH(tree_columns), sizeof(TreeRow),
                     (void **)&found, &count, err))
        return err_in(err, "while looking at the partitions of \"%s\"", table->name);
    tree_from_rows(mem, found, count, tree);
    return true;
}

/* --- under the lock policy ------------------------------------------------------- */

static void
cost_add(Cost *sum, const Cost *cost)
{
    sum->tries += cost->tries > 1 ? cost->tries - 1 : 0;
    sum->waited_ms += cost->waited_ms;
    if (sum->queued_ms < cost->queued_ms)
        sum->queued_ms = cost->queued_ms;
    if (sum->held_ms < cost->held_ms)
        sum->held_ms = cost->held_ms;
    if (sum->stall_ms < cost->stall_ms)
        sum->stall_ms = cost->stall_ms;
    if (sum->victims < cost->victims)
        sum->victims = cost->victims;
}

/* What the step sends in a transaction of its own, and the locks of that. */
typedef struct TreeDeed
{
    SqlParsed sql[2];
    int sql_count;
    LockNeed *locks;
    int lock_count;
    bool record; /* the step is done with it */
} TreeDeed;

static bool
tree_locked(IndexWork *work, TreeDeed *deed, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Step step = *work->step;
    Span spans[LENGTH(deed->sql)] = {step.spans[0], step.spans[0]};
    SqlText done;
    Cost cost = {0};

    step.kind = STEP_TRANSACTION;
    step.sql = deed->sql;
    step.sql_count = deed->sql_count;
    step.spans = spans;
    step.locks = deed->locks;
    step.lock_count = deed->lock_count;
    if (deed->record)
        done = record_step(scope, work->run, work->step);
    else if (!work->begun && !history_started(work->run, work->step, err))
        return false;
    work->ours = work->begun = true;

    bool good = step_try_locked(
        work->run,
        &(StepTry){.step = &step, .records = &done, .record_count = deed->record},
        &cost, err);

    cost_add(work->cost, &cost);
    return good;
}

static const char *
table_text(Mem *mem, const IndexWork *work, const TreeTable *table)
{
    SqlText name = sql_begin(mem, work->run->caps);

    sql_qname(&name, &table->name);
    return sql_done(&name);
}

/* One statement that locks one relation. */
static bool
tree_locked_one(IndexWork *work, const char *sql, LockNeed lock, Err *err)
{
    TreeDeed deed = {.sql = {{sql}}, .sql_count = 1, .locks = &lock, .lock_count = 1};

    return tree_locked(work, &deed, err);
}

/* A partitioned partition gets the key that the root has, as the catalog writes it. */
static bool
tree_parent_key(IndexWork *work, const TreeVerdict *next, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const LockNeed lock = {
        .relation = next->table->name, .mode = LOCK_ACCESS_EXCLUSIVE, .only = true};

    return tree_locked_one(work,
                           mem_text(scope, "ALTER TABLE ONLY %s ADD %s",
                                    table_text(scope, work, next->table),
                                    next->root->key_definition),
                           lock, err);
}

static const char *
attach_text(Mem *mem, const TreeVerdict *next)
{
    return mem_text(mem, "ALTER INDEX %s ATTACH PARTITION %s", next->parent->name,
                    next->index->name);
}

/*
 * It becomes a key and a part at once: a key that is no part yet would be left behind
 * by a way back that drops the whole. The index has the constraint's name already, so
 * that nothing is renamed; and who has the table has its indexes.
 */
static bool
tree_key(IndexWork *work, const TreeVerdict *next, Err *err)
{
    MEM_SCOPE(scope, NULL);
    LockNeed lock = {.relation = next->table->name, .mode = LOCK_ACCESS_EXCLUSIVE};
    const char *name = ident_show(scope, next->index->bare);
    TreeDeed deed = {.sql = {{mem_text(scope,
                                       "ALTER TABLE %s ADD CONSTRAINT %s %s USING "
                                       "INDEX %s%s",
                                       table_text(scope, work, next->table), name,
                                       next->root->key, name, next->root->deferral)},
                             {attach_text(scope, next)}},
                     .sql_count = 2,
                     .locks = &lock,
                     .lock_count = 1};

    return tree_locked(work, &deed, err);
}

/* CREATE INDEX ON ONLY the table: nothing is read, but writers have to let us in. */
static bool
tree_parent(IndexWork *work, const IndexTree *tree, const TreeVerdict *next, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const TreeTable *table = next->table;
    const IndexOn on = {.table = table->name,
                        .name = table->parent == 0 ? work->step->index.name : NULL,
                        .only = true};
    const LockNeed lock = {.relation = table->name, .mode = LOCK_SHARE, .only = true};
    SqlParsed sql;

    if (next->root != NULL && next->root->key != NULL)
        return tree_parent_key(work, next, err);
    return sql_index_on(scope, tree->wanted, &on, &sql, err) &&
           tree_locked_one(work, sql.text, lock, err);
}

/* The server locks the part against everybody, and whoever plans a query locks every
 * index of its table. */
static bool
tree_attach(IndexWork *work, const TreeVerdict *next, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const LockNeed lock = {.relation = {next->table->name.schema, next->index->bare},
                           .mode = LOCK_ACCESS_EXCLUSIVE};

    return tree_locked_one(work, attach_text(scope, next), lock, err);
}

/* --- a leaf ---------------------------------------------------------------------- */

/* The leaf's candidate, asked for again: it is what the build has left. */
static void
leaf_clear(IndexWork *work, const void *of)
{
    MEM_SCOPE(scope, NULL);
    const TreeTable *leaf = of;
    IndexTree tree;
    TreeVerdict next = {.move = TREE_DONE};
    Err ignored = {0};

    if (tree_read(work, scope, &work->step->table, &tree, &ignored) && tree.count > 0)
        next = index_tree_next(&tree);
    err_clear(&ignored);
    if (next.move == TREE_CLEAR && next.table->oid == leaf->oid)
        leftover_drop_after(work->run, work->step, next.index->name, work->cost);
}

static bool
leaf_analyze(IndexWork *work, const TreeTable *leaf, Err *err)
{
    MEM_SCOPE(scope, NULL);

    return index_work_analyze(work, table_text(scope, work, leaf), err);
}

static bool
leaf_build(IndexWork *work, const IndexTree *tree, const TreeTable *leaf, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const IndexOn on = {.table = leaf->name, .concurrently = true};
    SqlParsed sql;
    bool sent;

    if (!sql_index_on(scope, tree->wanted, &on, &sql, err))
        return false;

    const IndexSend send = {.sql = sql.text, .clear = leaf_clear, .of = leaf};

    return index_work_send(work, &send, &sent, err) ||
           err_in(err, "partition \"%s\"", leaf->name.name);
}

/* --- the tree -------------------------------------------------------------------- */

static bool
tree_stop(const IndexWork *work, const TreeVerdict *next, Err *err)
{
    err_set(err, ERR_REFUSED, "index \"%s\": %s", work->step->index.name, next->why);
    err_detail(err, "partition: %s", next->table->name.name);
    if (next->index == NULL)
        return err_hint(err, "Build the index of every other partition in a statement "
                             "of its own.");
    if (next->index->definition != NULL)
    {
        err_detail(err, "there:  %s", next->index->definition);
        err_detail(err, "wanted: %s", work->step->sql[0].text);
        return err_hint(err,
                        "Give it another name, or drop the one that is there first.");
    }
    return err_hint(err,
                    "Rebuild it, then run this again: REINDEX INDEX CONCURRENTLY %s",
                    next->index->name);
}

static bool
tree_move(IndexWork *work, const IndexTree *tree, const TreeVerdict *next, Err *err)
{
    switch (next->move)
    {
    case TREE_DONE:
        return work->apart || history_done(work->run, work->step, err);
    case TREE_STOP:
        return tree_stop(work, next, err);
    case TREE_PARENT:
        return tree_parent(work, tree, next, err);
    case TREE_KEY:
        return tree_key(work, next, err);
    case TREE_BUILD:
        return leaf_build(work, tree, next->table, err);
    case TREE_CLEAR:
        return leftover_drop(work->run, work->step, next->index->name,
                             work->run->settings->lock_patience, work->cost, err);
    case TREE_WAIT:
        return index_work_wait(work, next->index->builder, next->index->name, err);
    case TREE_ATTACH:
        return (!next->index->has_expressions || strcmp(next->table->kind, "r") != 0 ||
                leaf_analyze(work, next->table, err)) &&
               tree_attach(work, next, err);
    }
    return false;
}

/* The same attach in vain would be tried for ever. */
static bool
tree_stuck(const IndexWork *work, const TreeVerdict *next, int64_t *attached, Err *err)
{
    int64_t now = next->move == TREE_ATTACH ? next->index->oid : 0;

    if (now != 0 && now == *attached)
        return err_set(err, ERR_REFUSED,
                       "index \"%s\": every partition has its part, but the server "
                       "does not call the whole valid",
                       work->step->index.name) ||
               err_hint(err, "Build it again under another name, then drop this one.");
    *attached = now;
    return true;
}

bool
index_tree_build(IndexWork *work, bool *done, Err *err)
{
    int64_t attached = 0;

    *done = false;
    while (!*done && !stop_asked())
    {
        MEM_SCOPE(scope, NULL);
        IndexTree tree;
        TreeVerdict next;

        if (!tree_read(work, scope, &work->step->table, &tree, err))
            return false;
        if (tree.count == 0 || strcmp(tree.tables[0].kind, "p") != 0)
            return true;
        next = index_tree_next(&tree);
        work->table = next.table == NULL ? work->step->table : next.table->name;
        work->place = next.part == 0
                          ? NULL
                          : mem_text(scope, "%s (%d of %d)", next.table->name.name,
                                     next.part, next.parts);
        if (!tree_stuck(work, &next, &attached, err) ||
            !tree_move(work, &tree, &next, err))
            return false;
        *done = next.move == TREE_DONE;
    }
    return *done || index_work_stopped(err);
}

bool
index_tree_drop(IndexWork *work, const QName *table, const char *name, Err *err)
{
    MEM_SCOPE(scope, NULL);
    TreeDeed deed = {.sql = {{mem_text(scope, "DROP INDEX %s", name)}},
                     .sql_count = 1,
                     .record = true};
    IndexTree tree;

    if (!tree_read(work, scope, table, &tree, err))
        return false;
    deed.locks = mem_array(scope, LockNeed, tree.count + 1);
    deed.lock_count = tree.count;
    for (int i = 0; i < tree.count; i++)
        deed.locks[i] =
            (LockNeed){.relation = tree.tables[i].name, .mode = LOCK_ACCESS_EXCLUSIVE};
    return tree_locked(work, &deed, err);
}
