#include "core/plan/swap.h"

#include <string.h>

#include "core/plan/proof.h"
#include "unit/shop.h"
#include "unit/unit.h"

static const char expand[] = "-- migrate:expand\n"
                             "ALTER TABLE identities ADD COLUMN new_email text;\n"
                             "-- migrate:backfill sync:both\n"
                             "UPDATE identities SET new_email = email;\n";

static const char *
with_contract(Mem *mem, const char *contract)
{
    return mem_text(mem, "%s-- migrate:contract\n%s", expand, contract);
}

/* The steps of contract alone, from its first. */
static int
contract_begins(const Shop *shop)
{
    int number = 1;

    while (shop->plan.steps[number - 1].phase != PHASE_CONTRACT)
        number++;
    return number;
}

START_TEST(the_swap_is_proven_and_whole)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    const Step *steps;

    shop_planned(shop, shop_classic);
    steps = &shop->plan.steps[3];
    ck_assert_int_eq(shop->plan.step_count, 6);
    ck_assert_str_eq(
        shop_step(shop, 4),
        "ALTER TABLE identities ADD CONSTRAINT "
        "pgstride_proof_identities_13c73513 CHECK (((new_email IS NULL) AND "
        "(new_email IS DISTINCT FROM CAST(email AS text))) IS NOT TRUE AND new_email "
        "IS "
        "NOT NULL) NOT VALID;\n");
    ck_assert_int_eq(steps[1].kind, STEP_VALIDATE);

    const char *swap = shop_step(shop, 6);

    ck_assert_ptr_eq(strstr(swap, "ALTER TABLE identities ALTER COLUMN new_email SET "
                                  "NOT NULL;\n"
                                  "ALTER TABLE identities DROP CONSTRAINT IF EXISTS "
                                  "pgstride_proof_identities_13c73513;\n"
                                  "DROP TRIGGER IF EXISTS"),
                     swap);
    ck_assert_ptr_nonnull(strstr(swap, "ALTER TABLE identities DROP COLUMN email;\n"
                                       "ALTER TABLE identities RENAME COLUMN new_email "
                                       "TO email;\n"));
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(steps[i].lock_count, i == 1 ? 0 : 1);
    shop_close(shop);
}
END_TEST

START_TEST(the_probe_names_rows_by_their_key_and_shows_no_other_column)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    const char *probe;

    shop_planned(shop, shop_classic);
    probe = shop->plan.steps[3].probe.sql.text;
    ck_assert_ptr_nonnull(strstr(probe, "pg_catalog.concat('id', ' ', id)"));
    ck_assert_ptr_null(strstr(probe, "'email'"));
    shop->tables[0].index_count = 0;
    shop_planned(shop, shop_classic);
    ck_assert_ptr_nonnull(
        strstr(shop->plan.steps[3].probe.sql.text, "'row at ', ctid"));
    shop_close(shop);
}
END_TEST

START_TEST(every_table_is_proven_before_the_first_is_changed)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    int first;

    shop_add_table(shop, "orders");
    shop_planned(shop, "-- migrate:contract\n"
                       "ALTER TABLE identities ALTER COLUMN email SET NOT NULL;\n"
                       "ALTER TABLE identities DROP COLUMN id;\n"
                       "ALTER TABLE orders ALTER COLUMN email SET NOT NULL;\n"
                       "ALTER TABLE orders DROP COLUMN id;\n");
    first = contract_begins(shop);
    ck_assert_int_eq(shop->plan.step_count - first + 1, 6);
    ck_assert_int_eq(shop->plan.steps[first].kind, STEP_VALIDATE);
    ck_assert_int_eq(shop->plan.steps[first + 2].kind, STEP_VALIDATE);
    ck_assert_ptr_nonnull(strstr(shop_step(shop, first + 2), "ALTER TABLE orders"));
    shop_close(shop);
}
END_TEST

START_TEST(a_swap_that_is_torn_apart_is_refused)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);

    shop_add_table(shop, "orders");
    ck_assert_str_eq(
        shop_refusal(
            shop, with_contract(scope, "ALTER TABLE identities DROP COLUMN email;\n"
                                       "ALTER TABLE orders DROP COLUMN email;\n"
                                       "ALTER TABLE identities RENAME COLUMN new_email "
                                       "TO email;\n")),
        "m/20260515_split_email.sql:8: contract of "
        "\"identities\" "
        "would not commit in one transaction | Put all that contract does to one table "
        "together, and what needs a transaction of its own behind it.");
    shop_refusal(
        shop, with_contract(scope, "ALTER TABLE identities DROP COLUMN email;\n"
                                   "CREATE INDEX i ON identities (new_email);\n"
                                   "ALTER TABLE identities RENAME COLUMN new_email TO "
                                   "email;\n"));
    shop_close(shop);
}
END_TEST

START_TEST(what_stands_around_the_swap_keeps_its_place)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    const char *swap;
    int first;

    shop_planned(shop,
                 with_contract(scope, "DROP VIEW everybody;\n"
                                      "ALTER TABLE identities DROP COLUMN email;\n"
                                      "ALTER TABLE identities RENAME COLUMN new_email "
                                      "TO email;\n"
                                      "CREATE VIEW everybody AS SELECT email FROM "
                                      "identities;\n"
                                      "CREATE INDEX i ON identities (email);\n"));
    first = contract_begins(shop);
    ck_assert_str_eq(shop_step(shop, first + 2), "DROP VIEW everybody;\n");
    swap = shop_step(shop, first + 3);
    ck_assert_ptr_nonnull(strstr(swap, "TO email;\nCREATE VIEW everybody"));
    ck_assert_int_eq(shop->plan.steps[first + 3].kind, STEP_INDEX_BUILD);
    shop_close(shop);
}
END_TEST

START_TEST(set_not_null_of_what_is_not_there_yet_is_refused)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    const char *renamed = "ALTER TABLE identities DROP COLUMN email;\n"
                          "ALTER TABLE identities RENAME COLUMN new_email TO email;\n"
                          "ALTER TABLE identities ALTER COLUMN email SET NOT NULL;\n";
    const char *added = "ALTER TABLE identities ADD COLUMN role text;\n"
                        "ALTER TABLE public.identities ALTER role SET NOT NULL;\n";

    ck_assert_str_eq(
        shop_refusal(shop, with_contract(scope, renamed)),
        "m/20260515_split_email.sql:8: SET NOT NULL "
        "of \"email\" stands behind the RENAME COLUMN that makes it | Put it "
        "before the RENAME, under the old name: it is proven before anything "
        "is renamed.");
    ck_assert_ptr_nonnull(strstr(shop_refusal(shop, with_contract(scope, added)),
                                 "behind the ADD COLUMN"));
    shop_close(shop);
}
END_TEST

START_TEST(a_condition_that_may_change_is_looked_at_and_not_promised)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    const char *text =
        "-- migrate:expand\n"
        "ALTER TABLE identities ADD COLUMN new_email text;\n"
        "-- migrate:backfill sync:forward allow:sync-null:\"never\"\n"
        "UPDATE identities SET new_email = shown(email) WHERE new_email IS "
        "NULL;\n"
        "-- migrate:contract\n"
        "ALTER TABLE identities DROP COLUMN email;\n";
    const Step *swap;

    shop->functions[0] = (FunctionFact){.name = "shown", .volatility = "s"};
    shop->facts.function_count = 1;
    shop_planned(shop, text);
    swap = &shop->plan.steps[shop->plan.step_count - 1];
    ck_assert_int_eq(contract_begins(shop), shop->plan.step_count);
    ck_assert_ptr_nonnull(strstr(swap->probe.sql.text, "shown(email)"));
    ck_assert_ptr_nonnull(strstr(swap->sql[0].text, "DROP TRIGGER IF EXISTS"));
    ck_assert_ptr_nonnull(strstr(swap->sql[2].text, "DROP COLUMN email"));
    shop->functions[0].volatility = "i";
    shop_planned(shop, text);
    ck_assert_int_eq(shop->plan.step_count - contract_begins(shop), 2);
    shop_close(shop);
}
END_TEST

START_TEST(contract_without_a_section_ends_the_trigger)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);

    shop_planned(shop, expand);
    ck_assert_ptr_nonnull(
        strstr(shop_step(shop, shop->plan.step_count), "DROP TRIGGER IF EXISTS"));
    ck_assert(!shop->plan.steps[shop->plan.step_count - 1].irreversible);
    shop_planned(
        shop,
        "-- migrate:backfill\nUPDATE identities SET email = '' WHERE email IS NULL;\n");
    ck_assert_int_eq(shop->plan.steps[shop->plan.step_count - 1].phase, PHASE_BACKFILL);
    ck_assert(shop->plan.steps[shop->plan.step_count - 1].completes);
    shop_close(shop);
}
END_TEST

START_TEST(one_table_under_two_names_has_one_proof)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    TableFact *qualified = shop_add_table(shop, "identities");

    qualified->asked.schema = "public";
    qualified->oid = shop->tables[0].oid;
    shop_planned(shop,
                 with_contract(scope, "ALTER TABLE public.identities ALTER new_email "
                                      "SET NOT NULL;\n"
                                      "ALTER TABLE public.identities DROP email;\n"
                                      "ALTER TABLE identities RENAME new_email TO "
                                      "email;\n"));
    ck_assert_int_eq(shop->plan.step_count - contract_begins(shop), 2);
    shop_close(shop);
}
END_TEST

START_TEST(steps_are_cut_alike_before_and_after_a_table_is_made)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    const char *text = "CREATE TABLE orders (id bigint);\n"
                       "ALTER TABLE identities ADD COLUMN last_order bigint;\n"
                       "ALTER TABLE orders ADD COLUMN note text;\n"
                       "CREATE INDEX i ON identities (last_order);\n";
    char before[65];

    shop_planned(shop, text);
    ck_assert_int_eq(shop->plan.step_count, 2);
    memcpy(before, shop->plan.steps[0].hash, sizeof(before));
    shop_add_table(shop, "orders");
    shop_planned(shop, text);
    ck_assert_int_eq(shop->plan.step_count, 2);
    ck_assert_str_eq(shop->plan.steps[0].hash, before);
    shop_close(shop);
}
END_TEST

UNIT("swap", the_swap_is_proven_and_whole,
     the_probe_names_rows_by_their_key_and_shows_no_other_column,
     every_table_is_proven_before_the_first_is_changed,
     a_swap_that_is_torn_apart_is_refused, what_stands_around_the_swap_keeps_its_place,
     set_not_null_of_what_is_not_there_yet_is_refused,
     a_condition_that_may_change_is_looked_at_and_not_promised,
     contract_without_a_section_ends_the_trigger,
     one_table_under_two_names_has_one_proof,
     steps_are_cut_alike_before_and_after_a_table_is_made)
