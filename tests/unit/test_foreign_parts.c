/* A foreign key of a partitioned table, made in its parts. */
#include <string.h>

#include "unit/shop.h"
#include "unit/unit.h"

/* The root, its partitions a and b, and a foreign table behind them. */
static Shop *
partitioned_orders(Mem *mem)
{
    static TreeFact tree[4];
    static char *const names[] = {"orders", "a", "b", "far"};
    Shop *shop = shop_open(mem);

    shop_add_table(shop, "orders");
    for (int i = 0; i < LENGTH(tree); i++)
        tree[i] = (TreeFact){.name = {"public", names[i]},
                             .kind = i == 0   ? "p"
                                     : i == 3 ? "f"
                                              : "r"};
    shop->tables[1].kind = "p";
    shop->tables[1].tree = tree;
    shop->tables[1].tree_count = 3;
    return shop;
}

static const char points[] =
    "ALTER TABLE orders ADD FOREIGN KEY (email) REFERENCES identities;\n";

START_TEST(a_foreign_key_of_a_partitioned_table_is_made_in_its_parts)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = partitioned_orders(scope);
    const Step *whole;

    shop_planned(shop, points);
    ck_assert_str_eq(
        shop_sent(shop),
        "ALTER TABLE public.a ADD CONSTRAINT orders_email_fkey FOREIGN KEY (email) "
        "REFERENCES identities NOT VALID;\n\n"
        "ALTER TABLE public.a VALIDATE CONSTRAINT orders_email_fkey;\n\n"
        "ALTER TABLE public.b ADD CONSTRAINT orders_email_fkey FOREIGN KEY (email) "
        "REFERENCES identities NOT VALID;\n\n"
        "ALTER TABLE public.b VALIDATE CONSTRAINT orders_email_fkey;\n\n"
        "ALTER TABLE orders ADD CONSTRAINT orders_email_fkey FOREIGN KEY (email) "
        "REFERENCES identities;\n");
    for (int i = 0; i < 4; i++)
    {
        const Step *step = &shop->plan.steps[i];

        if (i == 2)
            ck_assert_ptr_null(step->probe.sql.text);
        else
            ck_assert_ptr_nonnull(strstr(step->probe.sql.text, "FROM orders AS"));
        ck_assert_int_eq(step->probe.blame, i % 2 == 1);
        ck_assert_int_eq(step->lock_count, i % 2 == 1 ? 0 : 2);
        ck_assert_int_eq(step->undo_count, i % 2 == 1 ? 0 : 1);
    }
    ck_assert_str_eq(
        shop->plan.steps[0].undo[0].text,
        "ALTER TABLE IF EXISTS public.a DROP CONSTRAINT IF EXISTS orders_email_fkey");
    whole = &shop->plan.steps[4];
    ck_assert_str_eq(whole->locks[0].relation.name, "identities");
    ck_assert_int_eq(whole->locks[0].mode, LOCK_ACCESS_EXCLUSIVE);
    ck_assert_int_eq(whole->locks[1].mode, LOCK_SHARE_ROW_EXCLUSIVE);
    ck_assert_ptr_nonnull(strstr(whole->probe.sql.text, "pg_partition_tree"));
    shop->tables[1].tree_count = 4;
    ck_assert_ptr_nonnull(
        strstr(shop_refusal(shop, points), "a foreign table takes none at all"));
    shop_close(shop);
}
END_TEST

/* The one that the history knows keeps its place and name, whoever comes before it. */
START_TEST(partitions_that_came_since_follow_those_that_are_begun)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = partitioned_orders(scope);
    static char *taken[] = {"orders_email_fkey"};
    static char *own[] = {"7 email"};
    StepRecord records[2] = {0};
    History history = {.steps = records, .step_count = 1};

    shop->tables[0].oid = 7;
    shop->tables[1].tree[1].name.name = "b";
    shop->tables[1].tree_count = 2;
    shop_planned(shop, points);
    for (int i = 0; i < 2; i++)
        records[i] = (StepRecord){.version = "20260515",
                                  .phase = "up",
                                  .number = i + 1,
                                  .hash = shop->plan.steps[i * 2].hash,
                                  .sql = (char *)shop->plan.steps[i * 2].sql[0].text};
    shop->request.history = &history;
    shop->tables[1].taken = taken;
    shop->tables[1].taken_count = 1;
    shop->tables[1].tree[1].name.name = "a";
    shop->tables[1].tree[2].foreign_keys = own;
    shop->tables[1].tree[2].foreign_key_count = 1;
    shop->tables[1].tree_count = 3;
    shop_planned(shop, points);
    ck_assert_int_eq(shop->plan.step_count, 5);
    ck_assert_str_eq(shop->plan.steps[0].hash, records[0].hash);
    ck_assert_str_eq(shop->plan.steps[1].sql[0].text,
                     "ALTER TABLE public.a ADD CONSTRAINT orders_email_fkey FOREIGN "
                     "KEY (email) REFERENCES identities NOT VALID");
    ck_assert_str_eq(shop->plan.steps[4].hash, records[1].hash);
    history.step_count = 2;
    shop_planned(shop, points);
    ck_assert_int_eq(shop->plan.step_count, 2);
    shop->request.history = NULL;
    ck_assert_ptr_nonnull(
        strstr(shop_refusal(shop, points), "a partition has one like it already"));
    shop_close(shop);
}
END_TEST

UNIT("foreign_parts", a_foreign_key_of_a_partitioned_table_is_made_in_its_parts,
     partitions_that_came_since_follow_those_that_are_begun)
