#include "core/indexes/index_tree.h"

#include <string.h>

#include "unit/unit.h"

#define WHOLE .valid = true, .ready = true, .live = true
#define DEFINED "CREATE INDEX i ON ONLY public.p USING btree (a)"

enum
{
    ROOT = 1,
    MIDDLE,
    LEAF,
    DEEP,
    INDEX = 11 /* of the root; the others' carry on from there */
};

/* A root with a leaf, and a partitioned table with a leaf of its own. */
typedef struct Wood
{
    IndexTree tree;
    TreeTable tables[4];
    TreeIndex indexes[4];
} Wood;

static void
wood_begin(Wood *wood)
{
    *wood = (Wood){
        .tables =
            {{.oid = ROOT, .name = {"public", "p"}, .kind = "p"},
             {.oid = MIDDLE, .parent = ROOT, .name = {"public", "m"}, .kind = "p"},
             {.oid = LEAF, .parent = ROOT, .name = {"public", "l"}, .kind = "r"},
             {.oid = DEEP, .parent = MIDDLE, .name = {"public", "d"}, .kind = "r"}},
    };
    wood->tree = (IndexTree){.count = 4, .wanted = "CREATE INDEX i ON p (a)"};
    wood->tree.tables = wood->tables;
    for (int i = 0; i < 4; i++)
        wood->tables[i].indexes = &wood->indexes[i];
}

static TreeIndex *
wood_index(Wood *wood, int table, TreeIndex index)
{
    wood->indexes[table - ROOT] = index;
    wood->indexes[table - ROOT].oid = INDEX + table - ROOT;
    wood->indexes[table - ROOT].definition =
        index.definition == NULL && index.part_of == 0 ? (char *)DEFINED
                                                       : index.definition;
    wood->tables[table - ROOT].index_count = 1;
    return &wood->indexes[table - ROOT];
}

static void
next_is(const Wood *wood, TreeMove move, int table, const char *what)
{
    TreeVerdict next = index_tree_next(&wood->tree);

    ck_assert_msg(next.move == move, "%s: move %d", what, (int)next.move);
    if (table != 0)
        ck_assert_msg(next.table->oid == table, "%s: table %lld", what,
                      (long long)next.table->oid);
}

START_TEST(parents_first_then_leaves_then_the_whole)
{
    Wood wood;

    wood_begin(&wood);
    next_is(&wood, TREE_PARENT, ROOT, "nothing is there");

    TreeIndex *root = wood_index(
        &wood, ROOT, (TreeIndex){.named = true, .ready = true, .live = true});

    next_is(&wood, TREE_PARENT, MIDDLE, "the partitioned partition has none");

    TreeIndex *middle = wood_index(&wood, MIDDLE, (TreeIndex){.live = true});

    next_is(&wood, TREE_ATTACH, MIDDLE, "invalid, as it must be: attached at once");
    middle->part_of = root->oid;
    next_is(&wood, TREE_BUILD, LEAF, "a leaf has none");
    ck_assert_int_eq(index_tree_next(&wood.tree).part, 1);
    ck_assert_int_eq(index_tree_next(&wood.tree).parts, 2);

    TreeIndex *leaf = wood_index(&wood, LEAF, (TreeIndex){.live = true, .builder = 7});

    next_is(&wood, TREE_WAIT, LEAF, "somebody builds it");
    leaf->builder = 0;
    next_is(&wood, TREE_CLEAR, LEAF, "left behind");
    *leaf = (TreeIndex){.oid = leaf->oid, .definition = leaf->definition, WHOLE};
    next_is(&wood, TREE_ATTACH, LEAF, "whole");
    ck_assert_int_eq(index_tree_next(&wood.tree).parent->oid, root->oid);
    leaf->part_of = root->oid;
    next_is(&wood, TREE_BUILD, DEEP, "the next leaf");
    ck_assert_int_eq(index_tree_next(&wood.tree).part, 2);

    TreeIndex *deep = wood_index(&wood, DEEP, (TreeIndex){WHOLE});

    next_is(&wood, TREE_ATTACH, DEEP, "whole");
    ck_assert_int_eq(index_tree_next(&wood.tree).parent->oid, middle->oid);
    deep->part_of = middle->oid;
    next_is(&wood, TREE_ATTACH, MIDDLE, "all attached, and not called valid");
    root->valid = true;
    next_is(&wood, TREE_DONE, ROOT, "valid");
}
END_TEST

START_TEST(the_parts_of_a_key_are_keys)
{
    Wood wood;

    wood_begin(&wood);

    TreeIndex *root = wood_index(
        &wood, ROOT,
        (TreeIndex){.named = true, .ready = true, .live = true, .key = "UNIQUE"});
    TreeIndex *middle = wood_index(&wood, MIDDLE, (TreeIndex){WHOLE});

    next_is(&wood, TREE_PARENT, MIDDLE, "an index of a partitioned one becomes none");
    middle->key = "PRIMARY KEY";
    next_is(&wood, TREE_PARENT, MIDDLE, "another kind of key is no part");
    middle->key = "UNIQUE";
    next_is(&wood, TREE_ATTACH, MIDDLE, "a key like that of the root");
    middle->part_of = root->oid;

    TreeIndex *leaf = wood_index(&wood, LEAF, (TreeIndex){WHOLE});

    next_is(&wood, TREE_KEY, LEAF, "an index of a leaf becomes a key first");
    leaf->key = "UNIQUE";
    next_is(&wood, TREE_ATTACH, LEAF, "and then a part");
}
END_TEST

START_TEST(what_is_not_ours_stops)
{
    Wood wood;
    TreeIndex *root;

    wood_begin(&wood);
    root = wood_index(
        &wood, ROOT,
        (TreeIndex){.named = true,
                    .definition = "CREATE INDEX i ON public.p USING btree (b)"});
    next_is(&wood, TREE_STOP, ROOT, "another definition");
    wood.tree.ours = true;
    next_is(&wood, TREE_PARENT, MIDDLE, "ours, said otherwise");
    wood_index(&wood, MIDDLE, (TreeIndex){.part_of = root->oid});
    wood_index(&wood, LEAF, (TreeIndex){.part_of = root->oid});
    next_is(&wood, TREE_STOP, LEAF, "a part is attached and invalid");

    wood_begin(&wood);
    wood.tables[2].kind = "f";
    root = wood_index(&wood, ROOT, (TreeIndex){.named = true});
    wood_index(&wood, MIDDLE, (TreeIndex){.part_of = root->oid});
    next_is(&wood, TREE_STOP, LEAF, "a foreign table");

    wood_begin(&wood);
    wood.tree.only = true;
    next_is(&wood, TREE_PARENT, ROOT, "ON ONLY, and not there");
    wood_index(&wood, ROOT, (TreeIndex){.named = true});
    next_is(&wood, TREE_DONE, ROOT, "ON ONLY: its author goes on");
}
END_TEST

START_TEST(an_index_of_another_shape_is_no_part)
{
    Wood wood;
    TreeIndex *root;

    wood_begin(&wood);
    root = wood_index(&wood, ROOT, (TreeIndex){.named = true});
    wood_index(&wood, MIDDLE, (TreeIndex){.part_of = root->oid});
    wood_index(
        &wood, LEAF,
        (TreeIndex){.definition = "CREATE INDEX x ON public.l USING btree (b)", WHOLE});
    next_is(&wood, TREE_BUILD, LEAF, "on another column");
    wood.indexes[2].definition = "CREATE INDEX x ON public.l USING btree (a)";
    next_is(&wood, TREE_ATTACH, LEAF, "made by somebody before");
    wood.indexes[2].part_of = 99;
    next_is(&wood, TREE_BUILD, LEAF, "a part of another index");
}
END_TEST

UNIT("index tree", parents_first_then_leaves_then_the_whole,
     the_parts_of_a_key_are_keys, what_is_not_ours_stops,
     an_index_of_another_shape_is_no_part)
