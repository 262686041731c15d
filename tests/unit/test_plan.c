#include "core/plan/plan.h"

#include <string.h>

#include "unit/shop.h"
#include "unit/sources.h"
#include "unit/unit.h"

START_TEST(the_classic_example_is_planned_as_drawn)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    const Step *steps;

    shop_planned(shop, shop_classic);
    steps = shop->plan.steps;
    ck_assert_int_eq(shop->plan.step_count, 6);
    ck_assert_int_eq(steps[0].kind, STEP_TRANSACTION);
    ck_assert_int_eq(steps[0].lock_count, 1);
    ck_assert_int_eq(steps[0].locks[0].mode, LOCK_ACCESS_EXCLUSIVE);
    ck_assert_int_gt(steps[0].sql_count, 2); /* the column and its trigger, together */
    ck_assert(strstr(steps[0].sql[0].text, "ADD COLUMN new_email") != NULL);
    ck_assert(steps[0].last && !steps[0].completes);
    ck_assert_int_eq(steps[1].kind, STEP_BACKFILL);
    ck_assert_int_eq(steps[2].kind, STEP_ANALYZE);
    ck_assert_str_eq(steps[2].sql[0].text, "ANALYZE identities (new_email)");
    ck_assert(strstr(steps[3].sql[0].text, "NOT VALID") != NULL);
    ck_assert_ptr_nonnull(steps[3].probe.sql.text);
    ck_assert_int_eq(steps[4].kind, STEP_VALIDATE);
    ck_assert(steps[5].irreversible);
    shop_close(shop);
}
END_TEST

START_TEST(names_that_vanish_and_survive_are_computed)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);

    shop_planned(shop, shop_classic);
    ck_assert_int_eq(shop->plan.vanishing_count, 1);
    ck_assert_str_eq(shop->plan.vanishing[0], "new_email");
    ck_assert_int_eq(shop->plan.surviving_count, 1);
    ck_assert_str_eq(shop->plan.surviving[0], "email");
    shop_close(shop);
}
END_TEST

START_TEST(the_same_text_gives_the_same_steps)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    Plan one;

    shop_planned(shop, shop_classic);
    one = shop->plan;
    shop_planned(shop, shop_classic);
    for (int i = 0; i < one.step_count; i++)
        ck_assert_str_eq(one.steps[i].hash, shop->plan.steps[i].hash);
    for (int i = 1; i < one.step_count; i++)
        ck_assert_str_ne(one.steps[i].hash, one.steps[i - 1].hash);
    shop_close(shop);
}
END_TEST

START_TEST(set_not_null_is_proven_before_it_is_set)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    const Step *steps;

    shop_planned(shop, "ALTER TABLE identities ALTER COLUMN email SET NOT NULL;\n");
    steps = shop->plan.steps;
    ck_assert_int_eq(shop->plan.step_count, 3);
    ck_assert(strstr(steps[0].sql[0].text, "NOT VALID") != NULL);
    ck_assert_int_eq(steps[1].kind, STEP_VALIDATE);
    ck_assert_int_eq(steps[2].sql_count, 2);
    ck_assert(strstr(steps[2].sql[0].text, "SET NOT NULL") != NULL);
    ck_assert(strstr(steps[2].sql[1].text, "DROP CONSTRAINT") != NULL);
    ck_assert(steps[2].completes);
    shop_close(shop);
}
END_TEST

START_TEST(an_index_is_built_concurrently)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);

    shop_planned(shop, "CREATE INDEX IF NOT EXISTS i ON identities (email);\n");
    ck_assert_int_eq(shop->plan.step_count, 1);
    ck_assert_int_eq(shop->plan.steps[0].kind, STEP_INDEX_BUILD);
    ck_assert_str_eq(shop->plan.steps[0].sql[0].text,
                     "CREATE INDEX CONCURRENTLY i ON identities USING btree (email)");
    shop_close(shop);
}
END_TEST

static const char *
asked_of(Shop *shop, const char *text)
{
    shop_planned(shop, text);
    return shop->plan.steps[0].probe.sql.text;
}

START_TEST(duplicates_are_asked_for_as_the_index_will_see_them)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    const char *asked;

    asked = asked_of(shop, "CREATE UNIQUE INDEX i ON identities (email, lower(email)) "
                           "WHERE id > 7;\n");
    ck_assert_ptr_nonnull(strstr(asked, " FROM ONLY identities WHERE true AND email IS "
                                        "NOT NULL AND (lower(email)) IS NOT NULL AND "
                                        "(id > 7) GROUP BY email, (lower(email)) "
                                        "HAVING pg_catalog.count(*) > 1 LIMIT 100"));
    ck_assert_str_eq(shop->plan.steps[0].probe.asks,
                     "no two rows share (email, lower(email))");
    asked = asked_of(shop, "CREATE UNIQUE INDEX i ON identities (email COLLATE \"C\") "
                           "NULLS NOT DISTINCT;\n");
    ck_assert_ptr_nonnull(strstr(asked, "WHERE true GROUP BY (email COLLATE \"C\")"));
    shop->tables[0].kind = "p";
    ck_assert_ptr_null(
        strstr(asked_of(shop, "CREATE UNIQUE INDEX CONCURRENTLY i ON identities "
                              "(email);\n"),
               "ONLY"));
    ck_assert_ptr_null(asked_of(shop, "CREATE INDEX i ON identities (email);\n"));
    shop_close(shop);
}
END_TEST

START_TEST(an_index_that_is_whole_is_not_asked_about)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);

    ck_assert_ptr_null(asked_of(
        shop,
        "CREATE UNIQUE INDEX IF NOT EXISTS identities_pkey ON identities (id);\n"));
    shop->indexes[0].valid = false;
    ck_assert_ptr_nonnull(asked_of(
        shop,
        "CREATE UNIQUE INDEX IF NOT EXISTS identities_pkey ON identities (id);\n"));
    shop_close(shop);
}
END_TEST

START_TEST(a_new_table_has_no_hazards_and_no_locks)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);

    shop_planned(shop, "CREATE TABLE orders (id bigint PRIMARY KEY, note text);\n"
                       "CREATE INDEX orders_note ON orders (note);\n"
                       "ALTER TABLE orders ALTER COLUMN note SET NOT NULL;\n");
    ck_assert_int_eq(shop->plan.step_count, 1);
    ck_assert_int_eq(shop->plan.steps[0].sql_count, 3);
    ck_assert_int_eq(shop->plan.steps[0].lock_count, 0);
    shop_close(shop);
}
END_TEST

START_TEST(two_busy_tables_do_not_share_a_transaction)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);

    shop_add_table(shop, "orders");
    shop_planned(shop, "ALTER TABLE identities ADD COLUMN a int;\n"
                       "COMMENT ON COLUMN identities.a IS 'x';\n"
                       "ALTER TABLE orders ADD COLUMN a int;\n");
    ck_assert_int_eq(shop->plan.step_count, 2);
    ck_assert_int_eq(shop->plan.steps[0].sql_count, 2);
    shop_planned(shop, "-- migrate:up transaction:false\n"
                       "ALTER TABLE identities ADD COLUMN a int;\n"
                       "ALTER TABLE identities ADD COLUMN b int;\n");
    ck_assert_int_eq(shop->plan.step_count, 2);
    shop_close(shop);
}
END_TEST

/* --- hazards --------------------------------------------------------------------- */

START_TEST(a_rename_in_expand_is_refused_with_its_line)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    const char *line =
        shop_refusal(shop, "-- migrate:expand\n\n"
                           "ALTER TABLE identities RENAME COLUMN email TO mail;\n");

    ck_assert_ptr_eq(
        strstr(line, "m/20260515_split_email.sql:3: RENAME COLUMN is refused"), line);
    ck_assert_ptr_nonnull(strstr(line, "allow:rename-column"));
    shop_close(shop);
}
END_TEST

START_TEST(an_allowed_hazard_runs_as_written_and_is_noted)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);

    shop_planned(shop, "-- migrate:up allow:set-not-null:\"a small table\"\n"
                       "ALTER TABLE identities ALTER COLUMN email SET NOT NULL;\n");
    ck_assert_int_eq(shop->plan.step_count, 1);
    ck_assert_str_eq(shop->plan.notes[0],
                     "set-not-null is allowed here: a small table");
    shop_close(shop);
}
END_TEST

/* --- what may not be done -------------------------------------------------------- */

static const char fill[] = "-- migrate:backfill sync:off\n"
                           "UPDATE identities SET email = '' WHERE email IS NULL;\n";

static const char *
refused(Shop *shop, const char *text, ErrKind kind)
{
    ck_assert_msg(!shop_plan(shop, text), "was planned: %s", text);
    ck_assert_int_eq(shop->err.kind, kind);
    return err_line(shop->mem, &shop->err);
}

START_TEST(a_table_of_somebody_else_is_left_alone)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);

    shop->tables[0].may_own = false;
    shop->tables[0].owner = "Shop Owner";
    ck_assert_str_eq(
        refused(shop, "ALTER TABLE identities ADD COLUMN a int;\n", ERR_CONNECT),
        "m/20260515_split_email.sql:1: role \"app\" may not change \"identities\": it "
        "belongs to \"Shop Owner\" | Run with --role \"Shop Owner\", or GRANT \"Shop "
        "Owner\" TO app.");
    shop_planned(shop, "INSERT INTO identities (id) VALUES ('7');\n");
    shop_planned(shop, "CREATE TABLE IF NOT EXISTS identities (id int);\n");
    refused(shop, shop_classic, ERR_CONNECT);
    shop_close(shop);
}
END_TEST

START_TEST(a_backfill_needs_the_right_to_write_every_row)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    TableFact *table = &shop->tables[0];

    table->may_update = false;
    ck_assert_ptr_nonnull(strstr(refused(shop, fill, ERR_CONNECT),
                                 "GRANT SELECT, UPDATE ON public.identities TO app."));
    table->may_update = true;
    table->may_delete = false;
    ck_assert_ptr_nonnull(strstr(
        refused(shop, "-- migrate:backfill\nDELETE FROM identities;\n", ERR_CONNECT),
        "role \"app\" may not DELETE \"identities\""));
    table->rows_hidden = true;
    ck_assert_ptr_nonnull(
        strstr(refused(shop, fill, ERR_CONNECT), "row-level security hides rows"));
    table->rows_hidden = false;
    shop_planned(shop, fill);
    shop_close(shop);
}
END_TEST

START_TEST(a_backfill_needs_a_heap)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    TableFact *table = &shop->tables[0];

    table->kind = "v";
    ck_assert_ptr_nonnull(strstr(refused(shop, fill, ERR_REFUSED), "is a view"));
    table->kind = "f";
    ck_assert_ptr_nonnull(
        strstr(refused(shop, fill, ERR_REFUSED), "is a foreign table"));
    table->kind = "r";
    table->access_method = "columnar";
    ck_assert_ptr_nonnull(
        strstr(refused(shop, fill, ERR_REFUSED), "is stored by \"columnar\""));
    shop_close(shop);
}
END_TEST

/* --- the exceptions to the promise ----------------------------------------------- */

static bool
noted(const char *const *notes, int count, const char *words)
{
    for (int i = 0; i < count; i++)
        if (strstr(notes[i], words) != NULL)
            return true;
    return false;
}

static bool
plan_noted(const Shop *shop, const char *words)
{
    return noted(shop->plan.notes, shop->plan.note_count, words);
}

static bool
fill_noted(Shop *shop, const char *words)
{
    shop_planned(shop, fill);
    return noted(shop->plan.steps[0].notes, shop->plan.steps[0].note_count, words);
}

START_TEST(the_plan_names_the_exceptions_that_apply)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);

    shop_planned(shop, shop_classic);
    ck_assert_int_eq(shop->plan.note_count, 1);
    ck_assert(plan_noted(shop, "prepared SELECT *"));
    shop->facts.standbys = 2;
    shop->tables[0].publications = "cdc";
    shop_planned(shop, shop_classic);
    ck_assert(plan_noted(shop, "2 standbys replay ACCESS EXCLUSIVE"));
    ck_assert(
        plan_noted(shop, "published by cdc: give subscribers the column new_email"));
    shop_planned(shop, fill);
    ck_assert_int_eq(shop->plan.note_count, 0);
    shop_close(shop);
}
END_TEST

START_TEST(a_backfill_names_the_triggers_that_it_fires)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    TriggerFact *touch = &shop->triggers[0];
    static char *other[] = {"id"};

    *touch = (TriggerFact){
        .name = "touch", .function = "f", .enabled = "O", .on_update = true};
    shop->tables[0].trigger_count = 1;
    ck_assert(fill_noted(shop, "fires trigger \"touch\""));
    ck_assert(fill_noted(shop, "40001"));
    touch->columns = other;
    touch->column_count = 1;
    ck_assert(!fill_noted(shop, "touch"));
    touch->column_count = 0;
    touch->enabled = "D";
    ck_assert(!fill_noted(shop, "touch"));
    shop_close(shop);
}
END_TEST

UNIT("plan", the_classic_example_is_planned_as_drawn,
     names_that_vanish_and_survive_are_computed, the_same_text_gives_the_same_steps,
     set_not_null_is_proven_before_it_is_set, an_index_is_built_concurrently,
     duplicates_are_asked_for_as_the_index_will_see_them,
     an_index_that_is_whole_is_not_asked_about, a_new_table_has_no_hazards_and_no_locks,
     two_busy_tables_do_not_share_a_transaction,
     a_rename_in_expand_is_refused_with_its_line,
     an_allowed_hazard_runs_as_written_and_is_noted,

     a_table_of_somebody_else_is_left_alone,
     a_backfill_needs_the_right_to_write_every_row, a_backfill_needs_a_heap,
     the_plan_names_the_exceptions_that_apply,
     a_backfill_names_the_triggers_that_it_fires)
