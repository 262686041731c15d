#include "core/recipes/recipes.h"

#include <string.h>

#include "unit/shop.h"
#include "unit/unit.h"

typedef struct Case
{
    const char *text;
    const char *sent;
} Case;

/* clang-format off */
static const Case cases[] = {
    {"ALTER TABLE identities ADD CHECK (email <> '')",
     "ALTER TABLE identities ADD CONSTRAINT identities_email_check CHECK (email <> '') NOT VALID;\n\n"
     "ALTER TABLE identities VALIDATE CONSTRAINT identities_email_check;\n"},
    {"ALTER TABLE identities ADD CHECK (email <> id::text) NO INHERIT",
     "ALTER TABLE identities ADD CONSTRAINT identities_check CHECK (email <> id::text) NO INHERIT NOT VALID;\n\n"
     "ALTER TABLE identities VALIDATE CONSTRAINT identities_check;\n"},
    {"ALTER TABLE identities ADD CONSTRAINT c CHECK (true)",
     "ALTER TABLE identities ADD CONSTRAINT c CHECK (true) NOT VALID;\n\n"
     "ALTER TABLE identities VALIDATE CONSTRAINT c;\n"},
    {"ALTER TABLE identities ADD FOREIGN KEY (email, id) REFERENCES orders ON DELETE CASCADE DEFERRABLE",
     "ALTER TABLE identities ADD CONSTRAINT identities_email_id_fkey FOREIGN KEY (email, id) REFERENCES orders ON DELETE CASCADE DEFERRABLE NOT VALID;\n\n"
     "ALTER TABLE identities VALIDATE CONSTRAINT identities_email_id_fkey;\n"},
    {"ALTER TABLE identities ADD UNIQUE (email) INCLUDE (id) WITH (fillfactor=70) DEFERRABLE INITIALLY DEFERRED",
     "CREATE UNIQUE INDEX CONCURRENTLY identities_email_id_key ON identities USING btree (email) INCLUDE (id) WITH (fillfactor=70);\n\n"
     "ALTER TABLE identities ADD CONSTRAINT identities_email_id_key UNIQUE USING INDEX identities_email_id_key DEFERRABLE INITIALLY DEFERRED;\n"},
    {"ALTER TABLE shop.identities ADD CONSTRAINT \"K\" UNIQUE NULLS NOT DISTINCT (email) USING INDEX TABLESPACE fast",
     "CREATE UNIQUE INDEX CONCURRENTLY \"K\" ON shop.identities USING btree (email) NULLS NOT DISTINCT TABLESPACE fast;\n\n"
     "ALTER TABLE shop.identities ADD CONSTRAINT \"K\" UNIQUE USING INDEX \"K\";\n"},
    {"ALTER TABLE orders ADD PRIMARY KEY (id)",
     "CREATE UNIQUE INDEX CONCURRENTLY orders_pkey ON orders USING btree (id);\n\n"
     "ALTER TABLE orders ADD CONSTRAINT orders_pkey PRIMARY KEY USING INDEX orders_pkey;\n"},
    {"ALTER TABLE orders ADD PRIMARY KEY (id, email)",
     "ALTER TABLE orders ADD CONSTRAINT pgstride_orders_pkey_a1fd6588 CHECK (email IS NOT NULL) NOT VALID;\n\n"
     "ALTER TABLE orders VALIDATE CONSTRAINT pgstride_orders_pkey_a1fd6588;\n\n"
     "CREATE UNIQUE INDEX CONCURRENTLY orders_pkey ON orders USING btree (id, email);\n\n"
     "ALTER TABLE orders ADD CONSTRAINT orders_pkey PRIMARY KEY USING INDEX orders_pkey;\n"
     "ALTER TABLE orders DROP CONSTRAINT IF EXISTS pgstride_orders_pkey_a1fd6588;\n"},
};
/* clang-format on */

static Shop *
two_tables(Mem *mem)
{
    Shop *shop = shop_open(mem);

    shop_add_table(shop, "orders");
    shop->columns[0].not_null = true;
    return shop;
}

START_TEST(a_statement_is_said_in_steps_that_stall_nobody)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = two_tables(scope);

    for (int i = 0; i < LENGTH(cases); i++)
    {
        shop_planned(shop, cases[i].text);
        ck_assert_str_eq(shop_sent(shop), cases[i].sent);
        for (int j = 0; j < shop->plan.step_count; j++)
            ck_assert_str_eq(shop->plan.steps[j].stands_for, cases[i].text);
    }
    shop_close(shop);
}
END_TEST

/* --- names ----------------------------------------------------------------------- */

static const char *
constraint_named(Shop *shop, const char *text, int step)
{
    shop_planned(shop, text);
    return shop->plan.steps[step - 1].constraint;
}

START_TEST(names_are_those_that_the_server_would_choose)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = two_tables(scope);
    static char *taken[] = {"identities_email_check", "identities_email_check1"};

    ck_assert_str_eq(
        constraint_named(shop,
                         "ALTER TABLE identities ADD CHECK (email <> '');\n"
                         "ALTER TABLE identities ADD CHECK (email <> 'x');\n",
                         4),
        "identities_email_check1");
    shop->tables[0].taken = taken;
    shop->tables[0].taken_count = 2;
    ck_assert_str_eq(
        constraint_named(shop, "ALTER TABLE identities ADD CHECK (email <> '');\n", 2),
        "identities_email_check2");
    ck_assert_str_eq(
        constraint_named(
            shop,
            "ALTER TABLE a_table_with_a_name_as_long_as_it_may_ever_be_and_no_longer_x "
            "ADD CHECK (a_column_with_a_name_that_is_long_enough_to_be_cut_as_well > "
            "0);\n",
            2),
        "a_table_with_a_name_as_long__a_column_with_a_name_that_is_check");
    shop_close(shop);
}
END_TEST

START_TEST(what_is_begun_is_finished_under_its_name)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = two_tables(scope);
    static const char text[] = "ALTER TABLE orders ADD PRIMARY KEY (id, email);\n";
    static char *taken[] = {"orders_pkey"};
    StepRecord records[2] = {0};
    History history = {.steps = records, .step_count = 2};

    shop_planned(shop, text);
    for (int i = 0; i < 2; i++)
        records[i] =
            (StepRecord){.version = "20260515",
                         .phase = "up",
                         .number = i == 0 ? 1 : 3,
                         .hash = shop->plan.steps[i == 0 ? 0 : 2].hash,
                         .sql = (char *)shop->plan.steps[i == 0 ? 0 : 2].sql[0].text};
    shop->request.history = &history;
    shop->tables[1].taken = taken;
    shop->tables[1].taken_count = 1;
    shop->columns[1].not_null = true;
    shop_planned(shop, text);
    ck_assert_int_eq(shop->plan.step_count, 4);
    ck_assert_str_eq(shop->plan.steps[2].index.name, "orders_pkey");
    shop_close(shop);
}
END_TEST

/* --- locks, questions, notes ----------------------------------------------------- */

START_TEST(a_foreign_key_locks_its_parent_first_and_blocks_no_reader)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = two_tables(scope);
    const Step *step;

    shop_planned(shop,
                 "ALTER TABLE orders ADD FOREIGN KEY (email) REFERENCES identities;\n");
    step = &shop->plan.steps[0];
    ck_assert_int_eq(step->lock_count, 2);
    ck_assert_str_eq(step->locks[0].relation.name, "identities");
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(step->locks[i].mode, LOCK_SHARE_ROW_EXCLUSIVE);
    ck_assert_str_eq(step->notes[0],
                     "no index on orders (email): every DELETE and every change of a "
                     "key in identities will read all of it");
    ck_assert_ptr_nonnull(strstr(
        step->probe.sql.text,
        " FROM ONLY orders AS pgstride_row WHERE (pgstride_row.email IS NOT NULL) AND "
        "NOT EXISTS (SELECT FROM ONLY identities AS pgstride_target WHERE true AND "
        "pgstride_target.id = pgstride_row.email)"));
    shop_planned(shop,
                 "CREATE INDEX i ON orders (email);\n"
                 "ALTER TABLE orders ADD FOREIGN KEY (email) REFERENCES identities;\n");
    ck_assert_int_eq(shop->plan.steps[1].note_count, 0);
    shop_close(shop);
}
END_TEST

START_TEST(rows_that_stand_in_the_way_are_asked_for_first)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = two_tables(scope);

    shop_planned(shop, "ALTER TABLE identities ADD CHECK (email <> '');\n");
    ck_assert_str_eq(shop->plan.steps[0].probe.asks,
                     "no row violates CHECK (email <> '')");
    ck_assert_ptr_nonnull(strstr(shop->plan.steps[0].probe.sql.text,
                                 "FROM identities WHERE (email <> '') IS FALSE"));
    shop_planned(shop, "ALTER TABLE orders ADD PRIMARY KEY (email);\n");
    ck_assert_str_eq(shop->plan.steps[0].probe.asks, "email IS NOT NULL in every row");
    ck_assert_str_eq(shop->plan.steps[2].probe.asks, "no two rows share (email)");
    for (int i = 0; i < shop->plan.step_count; i++)
        ck_assert(!shop->plan.steps[i].probe.gate);
    shop_close(shop);
}
END_TEST

/* --- new columns ----------------------------------------------------------------- */

/* clang-format off */
static const Case new_columns[] = {
    {"ALTER TABLE identities ADD COLUMN t uuid DEFAULT gen_random_uuid()",
     "ALTER TABLE identities ADD COLUMN t uuid;\n"
     "ALTER TABLE identities ALTER COLUMN t SET DEFAULT gen_random_uuid();\n\n"
     "UPDATE identities SET t = DEFAULT WHERE t IS NULL;\n\n"
     "ANALYZE identities (t);\n"},
    {"ALTER TABLE identities ADD COLUMN n serial",
     "ALTER TABLE identities ADD COLUMN n int;\n"
     "CREATE SEQUENCE public.identities_n_seq AS int;\n"
     "ALTER SEQUENCE public.identities_n_seq OWNED BY identities.n;\n"
     "ALTER TABLE identities ALTER COLUMN n SET DEFAULT nextval('public.identities_n_seq'::regclass);\n\n"
     "UPDATE identities SET n = DEFAULT WHERE n IS NULL;\n\n"
     "ANALYZE identities (n);\n\n"
     "ALTER TABLE identities ADD CONSTRAINT pgstride_n_47d558ab CHECK (n IS NOT NULL) NOT VALID;\n\n"
     "ALTER TABLE identities VALIDATE CONSTRAINT pgstride_n_47d558ab;\n\n"
     "ALTER TABLE identities ALTER COLUMN n SET NOT NULL;\n"
     "ALTER TABLE identities DROP CONSTRAINT IF EXISTS pgstride_n_47d558ab;\n"},
    {"ALTER TABLE identities ADD COLUMN c int NOT NULL DEFAULT 5 CHECK (c > 0) UNIQUE",
     "ALTER TABLE identities ADD COLUMN c int NOT NULL DEFAULT 5;\n\n"
     "ALTER TABLE identities ADD CONSTRAINT identities_c_check CHECK (c > 0) NOT VALID;\n\n"
     "ALTER TABLE identities VALIDATE CONSTRAINT identities_c_check;\n\n"
     "CREATE UNIQUE INDEX CONCURRENTLY identities_c_key ON identities USING btree (c);\n\n"
     "ALTER TABLE identities ADD CONSTRAINT identities_c_key UNIQUE USING INDEX identities_c_key;\n"},
};
/* clang-format on */

START_TEST(a_column_comes_empty_and_is_filled_in_batches)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = two_tables(scope);

    for (int i = 0; i < LENGTH(new_columns); i++)
    {
        shop_planned(shop, new_columns[i].text);
        ck_assert_str_eq(shop_sent(shop), new_columns[i].sent);
        for (int j = 0; j < shop->plan.step_count; j++)
            ck_assert_str_eq(shop->plan.steps[j].stands_for, new_columns[i].text);
        ck_assert_str_eq(shop->plan.steps[0].undo_show, "drop column");
    }
    shop_close(shop);
}
END_TEST

START_TEST(with_phases_old_rows_are_filled_in_backfill)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = two_tables(scope);

    shop_planned(shop, "-- migrate:expand\n"
                       "ALTER TABLE identities ADD COLUMN n bigserial PRIMARY KEY;\n"
                       "-- migrate:backfill\n"
                       "UPDATE identities SET email = 'x' WHERE email IS NULL;\n");
    ck_assert_int_eq(shop->plan.steps[0].phase, PHASE_EXPAND);
    ck_assert_int_eq(shop->plan.steps[1].phase, PHASE_BACKFILL);
    ck_assert_int_eq(shop->plan.steps[1].backfill->number, 2);
    ck_assert(!shop->plan.steps[1].irreversible);
    /* SET NOT NULL is proven once, and the key takes it for granted. */
    ck_assert_str_eq(shop->plan.steps[6].index.name, "identities_pkey");
    ck_assert_int_eq(shop->plan.steps[7].sql_count, 1);
    ck_assert_int_eq(shop->plan.steps[8].backfill->number, 1);
    shop_close(shop);
}
END_TEST

START_TEST(a_column_that_may_be_there_is_not_made_in_steps)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = two_tables(scope);

    ck_assert_ptr_nonnull(
        strstr(shop_refusal(shop, "ALTER TABLE identities ADD COLUMN IF NOT EXISTS n "
                                  "serial;\n"),
               "Leave out IF NOT EXISTS"));
    ck_assert_ptr_nonnull(
        strstr(shop_refusal(shop, "-- migrate:contract\n"
                                  "ALTER TABLE identities ADD COLUMN n serial;\n"),
               "Add it in expand"));
    shop_close(shop);
}
END_TEST

/* --- dropping a column ----------------------------------------------------------- */

static const char drop_email[] = "-- migrate:contract\n"
                                 "ALTER TABLE identities DROP COLUMN email;\n";

/* email has a foreign key, an index of its own, and one that it shares. */
static Shop *
email_in_use(Mem *mem)
{
    Shop *shop = shop_open(mem);

    shop->constraints[0] = (ConstraintFact){.name = "to_people",
                                            .kind = "f",
                                            .definition = "FOREIGN KEY ...",
                                            .mentions = "2",
                                            .valid = true,
                                            .other = {"public", "people"}};
    shop->tables[0].constraint_count = 1;
    for (int i = 1; i < 3; i++)
        shop->indexes[i] = (IndexFact){
            .name = {"public", i == 1 ? "by_email" : "by_both"},
            .definition = "CREATE INDEX by_both ON public.identities (email, id)",
            .mentions = i == 1 ? "2" : "1,2",
            .valid = true,
            .ready = true};
    shop->tables[0].index_count = 2;
    return shop;
}

START_TEST(what_hangs_on_a_column_goes_before_it)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = email_in_use(scope);

    shop_planned(shop, drop_email);
    ck_assert_str_eq(shop_sent(shop),
                     "ALTER TABLE identities DROP CONSTRAINT IF EXISTS to_people;\n\n"
                     "DROP INDEX CONCURRENTLY IF EXISTS public.by_email;\n\n"
                     "ALTER TABLE identities DROP COLUMN email;\n");
    ck_assert_str_eq(shop->plan.steps[0].locks[0].relation.name, "people");
    ck_assert_int_eq(shop->plan.steps[1].kind, STEP_INDEX_DROP);
    /* Under another column's coming name it is in use until then. */
    shop->tables[0].constraint_count = 0;
    shop_planned(shop, shop_classic);
    for (int i = 0; i < shop->plan.step_count; i++)
        ck_assert_int_ne(shop->plan.steps[i].kind, STEP_INDEX_DROP);
    shop_close(shop);
}
END_TEST

START_TEST(what_is_gone_already_is_planned_from_the_history)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = email_in_use(scope);
    StepRecord record = {.version = "20260515", .phase = "contract", .number = 1};
    History history = {.steps = &record, .step_count = 1};

    shop_planned(shop, drop_email);
    record.hash = shop->plan.steps[0].hash;
    record.sql = (char *)shop->plan.steps[0].sql[0].text;
    shop->request.history = &history;
    shop->tables[0].constraint_count = 0;
    shop_planned(shop, drop_email);
    ck_assert_int_eq(shop->plan.step_count, 3);
    ck_assert_str_eq(shop->plan.steps[0].hash, record.hash);
    ck_assert_int_eq(shop->plan.steps[1].kind, STEP_INDEX_DROP);
    shop_close(shop);
}
END_TEST

START_TEST(what_needs_a_column_keeps_it)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = email_in_use(scope);
    static char *dependents[] = {"view mails"};

    shop->tables[0].index_count = 3;
    ck_assert_ptr_nonnull(
        strstr(shop_refusal(shop, drop_email), "1 index that also serves other "));
    shop_planned(shop, "-- migrate:contract allow:lost-index:\"unused\"\n"
                       "ALTER TABLE identities DROP COLUMN email;\n");
    ck_assert_int_eq(shop->plan.step_count, 4);
    shop_planned(shop, "-- migrate:contract\nDROP INDEX by_both;\n"
                       "ALTER TABLE identities DROP COLUMN email;\n");
    shop->tables[0].index_count = 2;
    shop->columns[1].dependents = dependents;
    shop->columns[1].dependent_count = 1;
    ck_assert_ptr_nonnull(
        strstr(shop_refusal(shop, drop_email), "\"email\" cannot be dropped: 1 thing"));
    shop_planned(shop, "-- migrate:contract\nDROP VIEW mails;\n"
                       "ALTER TABLE identities DROP COLUMN email;\n");
    shop_planned(shop, "-- migrate:contract\n"
                       "ALTER TABLE identities DROP COLUMN email CASCADE;\n");
    shop_close(shop);
}
END_TEST

START_TEST(a_required_column_is_told_of)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);

    shop->columns[1].not_null = true;
    shop_planned(shop, drop_email);
    ck_assert_ptr_nonnull(strstr(shop->plan.notes[0], "DROP NOT NULL in expand"));
    shop_planned(shop, "-- migrate:expand\n"
                       "ALTER TABLE identities ALTER email DROP NOT NULL;\n"
                       "-- migrate:contract\n"
                       "ALTER TABLE identities DROP COLUMN email;\n");
    ck_assert_ptr_null(strstr(shop->plan.notes[0], "DROP NOT NULL in expand"));
    shop_close(shop);
}
END_TEST

START_TEST(a_key_of_a_partitioned_table_is_made_in_its_parts)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = two_tables(scope);
    const Step *step;

    shop->tables[1].kind = "p";
    shop->tables[1].leaves = 7;
    shop_planned(shop, "ALTER TABLE orders ADD PRIMARY KEY (id, email);\n");
    ck_assert_str_eq(
        shop_sent(shop),
        "ALTER TABLE orders ADD CONSTRAINT pgstride_email_6587c2c1 CHECK (email IS NOT "
        "NULL) NOT VALID;\n\n"
        "ALTER TABLE orders VALIDATE CONSTRAINT pgstride_email_6587c2c1;\n\n"
        "ALTER TABLE orders ALTER COLUMN email SET NOT NULL;\n"
        "ALTER TABLE orders DROP CONSTRAINT IF EXISTS pgstride_email_6587c2c1;\n\n"
        "ALTER TABLE ONLY orders ADD CONSTRAINT orders_pkey PRIMARY KEY (id, "
        "email);\n\n"
        "CREATE UNIQUE INDEX CONCURRENTLY orders_pkey ON orders USING btree (id, "
        "email);\n");
    step = &shop->plan.steps[4];
    ck_assert_int_eq(step->kind, STEP_INDEX_BUILD);
    ck_assert_int_eq(step->undo_count, 0);
    ck_assert_ptr_nonnull(strstr(step->shows[0], "on each of 7 partitions"));
    ck_assert_ptr_nonnull(step->probe.sql.text);
    ck_assert_ptr_nonnull(shop->plan.steps[3].probe.sql.text);
    shop_close(shop);
}
END_TEST

START_TEST(a_partitioned_table_is_refused_with_the_way_round)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = two_tables(scope);
    Caps newer = shop_caps;

    shop->tables[1].kind = "p";
    shop->tables[0].kind = "p";
    ck_assert_ptr_nonnull(
        strstr(shop_refusal(shop, "ALTER TABLE orders ADD FOREIGN KEY (email) "
                                  "REFERENCES identities;\n"),
               "before PostgreSQL 18"));
    shop->tables[0].kind = "r";
    newer.version = 110000;
    shop->request.caps = &newer;
    ck_assert_ptr_nonnull(
        strstr(shop_refusal(shop, "ALTER TABLE orders ADD FOREIGN KEY (email) "
                                  "REFERENCES identities;\n"),
               "and before 12 "));
    newer.version = 130000;
    shop->request.caps = &newer;
    ck_assert_ptr_nonnull(
        strstr(shop_refusal(shop, "ALTER TABLE orders DETACH PARTITION identities;\n"),
               "CONCURRENTLY came with PostgreSQL 14"));
    shop->request.caps = &shop_caps;
    shop_planned(shop, "ALTER TABLE orders DETACH PARTITION identities;\n");
    ck_assert_str_eq(shop_sent(shop),
                     "ALTER TABLE orders DETACH PARTITION identities CONCURRENTLY;\n");
    ck_assert_str_eq(shop->plan.steps[0].finish.text,
                     "ALTER TABLE orders DETACH PARTITION identities FINALIZE");
    newer.version = 180000;
    shop->request.caps = &newer;
    shop_planned(shop,
                 "ALTER TABLE orders ADD FOREIGN KEY (email) REFERENCES identities;\n");
    shop_close(shop);
}
END_TEST

START_TEST(what_a_server_cannot_do_concurrently_is_refused_in_words)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = two_tables(scope);
    Caps older = shop_caps;

    older.version = 110022;
    shop->request.caps = &older;
    ck_assert_ptr_nonnull(
        strstr(shop_refusal(shop, "REINDEX TABLE CONCURRENTLY orders;\n"),
               "1: REINDEX is refused: REINDEX CONCURRENTLY came with PostgreSQL 12"));
    ck_assert_ptr_nonnull(strstr(shop_refusal(shop, "REINDEX INDEX identities_pkey;\n"),
                                 "Build another index concurrently and drop the old"));
    older.version = 130004;
    shop->tables[1].kind = "p";
    ck_assert_ptr_nonnull(strstr(shop_refusal(shop, "REINDEX TABLE orders;\n"),
                                 "all at once before PostgreSQL 14"));
    shop_close(shop);
}
END_TEST

UNIT("recipes", what_a_server_cannot_do_concurrently_is_refused_in_words,
     a_statement_is_said_in_steps_that_stall_nobody,

     names_are_those_that_the_server_would_choose,
     what_is_begun_is_finished_under_its_name,
     a_foreign_key_locks_its_parent_first_and_blocks_no_reader,
     rows_that_stand_in_the_way_are_asked_for_first,
     a_column_comes_empty_and_is_filled_in_batches,
     with_phases_old_rows_are_filled_in_backfill,
     a_column_that_may_be_there_is_not_made_in_steps,
     what_hangs_on_a_column_goes_before_it,
     what_is_gone_already_is_planned_from_the_history, what_needs_a_column_keeps_it,
     a_required_column_is_told_of, a_key_of_a_partitioned_table_is_made_in_its_parts,
     a_partitioned_table_is_refused_with_the_way_round)
