#include "core/indexes/index_tree.h"

#include <string.h>

#include "core/sql/sql.h"

static bool
is_partitioned(const TreeTable *table)
{
    return strcmp(table->kind, "p") == 0;
}

static bool
is_whole(const TreeIndex *index)
{
    return index->valid && index->ready && index->live;
}

static const TreeTable *
table_of(const IndexTree *tree, int64_t oid)
{
    for (int i = 0; i < tree->count; i++)
        if (tree->tables[i].oid == oid)
            return &tree->tables[i];
    return NULL;
}

/* The root's index of that name; of a partition, the one attached to its parent's. */
static const TreeIndex *
part_of(const IndexTree *tree, const TreeTable *table)
{
    const TreeTable *parent = table_of(tree, table->parent);
    const TreeIndex *above = parent == NULL ? NULL : part_of(tree, parent);

    for (int i = 0; i < table->index_count; i++)
    {
        const TreeIndex *index = &table->indexes[i];

        if (parent == NULL ? index->named
                           : above != NULL && index->part_of == above->oid)
            return index;
    }
    return NULL;
}

/* A key's part is a key of the same kind. An index of a plain table can still be made
 * one, that of a partitioned table cannot. */
static bool
key_fits(const TreeTable *table, const TreeIndex *index, const TreeIndex *root)
{
    if (root->key == NULL)
        return true;
    return index->key == NULL ? !is_partitioned(table)
                              : strcmp(index->key, root->key) == 0;
}

/*
 * An index that could be attached, whoever made it: what the server would take as well.
 * One that is whole goes before what an interrupted build left.
 */
static const TreeIndex *
candidate(const TreeTable *table, const TreeIndex *root)
{
    const TreeIndex *found = NULL;

    for (int i = 0; i < table->index_count; i++)
    {
        const TreeIndex *index = &table->indexes[i];

        if (index->part_of != 0 || index->definition == NULL ||
            !key_fits(table, index, root) ||
            !sql_builds_index(root->definition, index->definition))
            continue;
        if (found == NULL || (is_whole(index) && !is_whole(found)))
            found = index;
    }
    return found;
}

static TreeVerdict
root_next(const IndexTree *tree, const TreeIndex *index)
{
    const TreeTable *root = &tree->tables[0];

    if (index == NULL)
        return (TreeVerdict){TREE_PARENT, "it is not there", .table = root};
    if (!tree->ours && !sql_builds_index(tree->wanted, index->definition))
        return (TreeVerdict){TREE_STOP, "an index of that name is defined otherwise",
                             .table = root, .index = index};
    if (index->valid || tree->only)
        return (TreeVerdict){TREE_DONE, "it is there", .table = root, .index = index};
    return (TreeVerdict){.move = TREE_BUILD, .why = "its parts are missing"};
}

/* Of a table below the root that has no part of the index yet. */
static TreeVerdict
table_next(const TreeTable *table, const TreeIndex *above, const TreeIndex *root)
{
    const TreeIndex *index = candidate(table, root);
    TreeVerdict verdict = {
        .table = table, .index = index, .parent = above, .root = root};

    if (strcmp(table->kind, "f") == 0)
    {
        verdict.move = TREE_STOP;
        verdict.why = "a partition is a foreign table, which can have no index";
    }
    else if (index == NULL)
        verdict.move = is_partitioned(table) ? TREE_PARENT : TREE_BUILD;
    else if (index->builder != 0)
        verdict.move = TREE_WAIT;
    else if (is_partitioned(table) || is_whole(index))
        verdict.move = root->key != NULL && index->key == NULL ? TREE_KEY : TREE_ATTACH;
    else
        verdict.move = TREE_CLEAR;
    return verdict;
}

static TreeVerdict
part_invalid(const TreeTable *table, const TreeIndex *index)
{
    return (TreeVerdict){TREE_STOP, "the index of a partition is attached and invalid",
                         .table = table, .index = index};
}

/*
 * Every part is there, and still the whole is not called valid: a partition that lacked
 * one has gone since. Attaching a part again makes the server look.
 */
static TreeVerdict
tree_again(const IndexTree *tree, const TreeIndex *root)
{
    for (int i = 1; i < tree->count; i++)
        if (tree->tables[i].parent == tree->tables[0].oid)
            return (TreeVerdict){
                TREE_ATTACH, "every part is there", .table = &tree->tables[i],
                .index = part_of(tree, &tree->tables[i]), .parent = root};
    return (TreeVerdict){TREE_DONE, "there is no partition", .index = root};
}

TreeVerdict
index_tree_next(const IndexTree *tree)
{
    const TreeIndex *root = part_of(tree, &tree->tables[0]);
    TreeVerdict verdict = root_next(tree, root);
    bool found = false;
    int part = 0;
    int parts = 0;

    if (verdict.move != TREE_BUILD)
        return verdict;
    for (int i = 1; i < tree->count; i++)
    {
        const TreeTable *table = &tree->tables[i];
        const TreeIndex *above = part_of(tree, table_of(tree, table->parent));
        const TreeIndex *index = part_of(tree, table);
        bool leaf = !is_partitioned(table);

        parts += leaf;
        part += leaf && !found;
        if (found || (index != NULL && (is_partitioned(table) || is_whole(index))))
            continue;
        verdict =
            index != NULL ? part_invalid(table, index) : table_next(table, above, root);
        found = true;
    }
    if (!found)
        return tree_again(tree, root);
    verdict.part = part;
    verdict.parts = parts;
    return verdict;
}
