#include "core/sync/sync.h"

#include <string.h>

#include "unit/shop.h"
#include "unit/unit.h"

static TreeFact
part_of(char *schema, char *name, int64_t oid, char *kind)
{
    return (TreeFact){.name = {schema, name},
                      .oid = oid,
                      .kind = kind,
                      .owner = "owner",
                      .may_own = true,
                      .may_update = true,
                      .may_delete = true};
}

static void
shop_grow(Shop *shop, TreeFact *tree, char *kind)
{
    TableFact *table = &shop->tables[0];

    tree[0] = part_of("public", "identities", table->oid, kind);
    tree[1] = part_of("old", "Identities 1", 16390, "r");
    table->kind = kind;
    table->has_children = true;
    table->tree = tree;
    table->tree_count = 2;
}

static int
count_of(const char *text, const char *part)
{
    int count = 0;

    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
        count++;
    return count;
}

/* A right is missing: another kind of refusal. */
static void
shop_denies(Shop *shop, const char *why)
{
    ck_assert(!shop_plan(shop, shop_classic));
    ck_assert_int_eq(shop->err.kind, ERR_CONNECT);
    ck_assert_msg(strstr(shop->err.text, why) != NULL, "%s", shop->err.text);
    err_clear(&shop->err);
}

START_TEST(every_child_has_a_trigger_of_its_own)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    TreeFact tree[2];

    shop_grow(shop, tree, "r");
    shop_planned(shop, shop_classic);
    ck_assert_int_eq(count_of(shop_step(shop, 1), "CREATE TRIGGER"), 2);
    ck_assert_int_eq(count_of(shop_step(shop, 1), "ENABLE ALWAYS TRIGGER"), 2);
    ck_assert_ptr_nonnull(
        strstr(shop_step(shop, 1), "BEFORE INSERT OR UPDATE ON old.\"Identities 1\""));
    ck_assert_int_eq(shop->plan.steps[0].undo_count, 4);
    shop_close(shop);
}
END_TEST

START_TEST(the_server_makes_those_of_partitions)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    TreeFact tree[2];

    shop_grow(shop, tree, "p");
    shop_planned(shop, shop_classic);
    ck_assert_int_eq(count_of(shop_step(shop, 1), "CREATE TRIGGER"), 1);

    Caps older = shop_caps;

    older.version = 120000;
    shop->facts.caps = &older;
    ck_assert_ptr_nonnull(
        strstr(shop_refusal(shop, shop_classic), "needs PostgreSQL 13 or newer"));
    shop_close(shop);
}
END_TEST

START_TEST(a_tree_that_cannot_be_kept_level_is_refused)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    TreeFact tree[2];
    char *key[] = {"new_email"};

    shop_grow(shop, tree, "r");
    tree[1].late_trigger = "étouffé";
    ck_assert_ptr_nonnull(strstr(shop_refusal(shop, shop_classic),
                                 "\"étouffé\" on \"Identities 1\" would run after"));
    tree[1].late_trigger = "audit";
    shop_planned(shop, shop_classic);
    tree[1].may_own = false;
    shop_denies(shop, "may not change \"Identities 1\"");
    tree[1].may_own = true;
    tree[1].may_update = false;
    shop_denies(shop, "may not UPDATE \"Identities 1\"");
    tree[1].may_update = true;
    tree[1].rows_hidden = true;
    shop_denies(shop, "row-level security hides rows of \"Identities 1\"");
    tree[1].rows_hidden = false;
    tree[1].kind = "f";
    ck_assert_ptr_nonnull(strstr(shop_refusal(shop, shop_classic),
                                 "a part of \"identities\", is a foreign table"));
    shop_grow(shop, tree, "p");
    tree[0].key = key;
    tree[0].key_count = 1;
    ck_assert_ptr_nonnull(strstr(shop_refusal(shop, shop_classic),
                                 "\"new_email\" is in the partition key"));
    shop_close(shop);
}
END_TEST

UNIT("sync_tree", every_child_has_a_trigger_of_its_own,
     the_server_makes_those_of_partitions, a_tree_that_cannot_be_kept_level_is_refused)
