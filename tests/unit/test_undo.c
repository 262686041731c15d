#include "core/plan/undo.h"

#include <string.h>

#include "unit/shop.h"
#include "unit/unit.h"

/* The statements that take step 1 of a migration with that text back; "?" where only
 * its author knows them, "never" where nobody does. */
static const char *
way_back(Shop *shop, const char *text)
{
    Buf undo = buf_begin(shop->mem);
    const Step *step;

    shop_planned(shop, text);
    step = &shop->plan.steps[0];
    if (step->irreversible)
        return "never";
    if (step->needs_down)
        return "?";
    buf_add(&undo, "");
    for (int i = 0; i < step->undo_count; i++)
        buf_format(&undo, "%s%s", i > 0 ? "; " : "", step->undo[i].text);
    return undo.text;
}

typedef struct Case
{
    const char *text;
    const char *undo;
} Case;

/* clang-format off */
static const Case cases[] = {
    {"ALTER TABLE identities ADD COLUMN a int",
     "ALTER TABLE identities DROP COLUMN IF EXISTS a"},
    {"ALTER TABLE identities ADD COLUMN a int, ADD COLUMN b int",
     "ALTER TABLE identities DROP COLUMN IF EXISTS b; ALTER TABLE identities DROP COLUMN IF EXISTS a"},
    {"ALTER TABLE identities ADD COLUMN IF NOT EXISTS email text", ""},
    {"ALTER TABLE identities ADD COLUMN IF NOT EXISTS a int",
     "ALTER TABLE identities DROP COLUMN IF EXISTS a"},
    {"ALTER TABLE identities ADD CONSTRAINT c CHECK (id IS NOT NULL) NOT VALID",
     "ALTER TABLE identities DROP CONSTRAINT IF EXISTS c"},
    {"ALTER TABLE identities ADD CHECK (id IS NOT NULL) NOT VALID", "?"},
    {"ALTER TABLE identities ALTER email SET DEFAULT 'x'",
     "ALTER TABLE identities ALTER COLUMN email DROP DEFAULT"},
    {"ALTER TABLE identities ALTER id DROP DEFAULT",
     "ALTER TABLE identities ALTER COLUMN id SET DEFAULT gen_random_uuid()"},
    {"CREATE TRIGGER t BEFORE UPDATE ON identities FOR EACH ROW EXECUTE FUNCTION f()",
     "DROP TRIGGER IF EXISTS t ON identities"},
    {"ALTER TABLE identities RENAME CONSTRAINT a TO b",
     "ALTER TABLE identities RENAME CONSTRAINT b TO a"},
    {"ALTER INDEX shop.a RENAME TO b", "ALTER INDEX shop.b RENAME TO a"},
    {"CREATE TABLE t (id int REFERENCES identities, UNIQUE (id))", "DROP TABLE IF EXISTS t"},
    {"CREATE TABLE t (id int); INSERT INTO t VALUES (1); CREATE INDEX ON t (id)", "DROP TABLE IF EXISTS t"},
    {"CREATE TABLE IF NOT EXISTS identities (id int)", ""},
    {"CREATE TABLE \"A b\" AS SELECT 1", "DROP TABLE IF EXISTS \"A b\""},
    {"CREATE MATERIALIZED VIEW m AS SELECT 1", "DROP MATERIALIZED VIEW IF EXISTS m"},
    {"CREATE VIEW v AS SELECT 1", "DROP VIEW IF EXISTS v"},
    {"INSERT INTO identities (email) VALUES ('x')", "?"},
    {"SELECT 1", ""},
    {"COMMENT ON TABLE identities IS 'x'", "?"},
    {"CREATE TYPE mood AS ENUM ('a')", "?"},
    {"ALTER TYPE mood OWNER TO somebody", "?"},
};
/* clang-format on */

START_TEST(every_act_is_taken_back_as_far_as_it_is_known)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);

    shop->columns[0].default_sql = "gen_random_uuid()";
    for (int i = 0; i < LENGTH(cases); i++)
        ck_assert_str_eq(way_back(shop, cases[i].text), cases[i].undo);
    shop_close(shop);
}
END_TEST

/* clang-format off */
static const Case taken[] = {
    {"ALTER TABLE identities ALTER id DROP NOT NULL", "ALTER TABLE identities ALTER COLUMN id SET NOT NULL"},
    {"ALTER TABLE identities ALTER email DROP NOT NULL", ""},
    {"ALTER TABLE identities DROP CONSTRAINT c", "ALTER TABLE identities ADD CONSTRAINT c CHECK ((id IS NOT NULL))"},
    {"ALTER TABLE identities DROP CONSTRAINT c CASCADE", "?"},
    {"ALTER TABLE identities DROP CONSTRAINT IF EXISTS d", ""},
    {"DROP TRIGGER t ON identities",
     "CREATE TRIGGER t BEFORE UPDATE ON identities EXECUTE FUNCTION f(); "
     "ALTER TABLE identities ENABLE ALWAYS TRIGGER t"},
    {"ALTER TRIGGER t ON identities RENAME TO u", "ALTER TRIGGER u ON identities RENAME TO t"},
    {"ALTER TABLE identities DISABLE TRIGGER t", "ALTER TABLE identities ENABLE ALWAYS TRIGGER t"},
    {"ALTER TABLE identities DISABLE TRIGGER ALL", "?"},
    {"ALTER TABLE identities OWNER TO you", "ALTER TABLE identities OWNER TO app"},
    {"DROP INDEX by_email", "CREATE INDEX by_email ON public.identities USING btree (email)"},
    {"DROP INDEX IF EXISTS nothing", ""},
    {"DROP VIEW v", "CREATE VIEW v AS SELECT 1"},
    {"DROP VIEW v CASCADE", "?"},
    {"CREATE OR REPLACE VIEW v AS SELECT 2", "?"},
    {"ALTER TABLE identities ALTER name TYPE text", "ALTER TABLE identities ALTER COLUMN name TYPE character varying(40)"},
    {"ALTER TABLE identities ALTER name TYPE varchar(60)", "ALTER TABLE identities ALTER COLUMN name TYPE character varying(40)"},
    {"ALTER TABLE identities ALTER name TYPE varchar(20)", "?"},
    {"ALTER TABLE identities ALTER name TYPE text USING upper(name)", "?"},
    {"ALTER TABLE identities ALTER size TYPE bigint", "ALTER TABLE identities ALTER COLUMN size TYPE integer"},
    {"ALTER TABLE identities ALTER size TYPE smallint", "?"},
    {"ALTER TABLE identities ALTER size TYPE text", "?"},
};
/* clang-format on */

static TableFact *
add_relation(Shop *shop, const char *name, const char *kind, const char *definition)
{
    TableFact *relation = shop_add_table(shop, name);

    relation->kind = mem_copy(shop->mem, kind);
    relation->definition = mem_copy(shop->mem, definition);
    return relation;
}

START_TEST(what_is_taken_away_comes_back_as_the_catalog_had_it)
{
    for (int i = 0; i < LENGTH(taken); i++)
    {
        MEM_SCOPE(scope, NULL);
        Shop *shop = shop_open(scope);

        shop->request.safe = SAFE_WARN;
        shop->columns[0].not_null = true;
        shop_add_column(shop, "name", "character varying(40)");
        shop_add_column(shop, "size", "integer");
        shop->constraints[0] = (ConstraintFact){
            .name = "c", .kind = "c", .definition = "CHECK ((id IS NOT NULL))"};
        shop->tables[0].constraint_count = 1;
        shop->triggers[0] = (TriggerFact){
            .name = "t",
            .enabled = "A",
            .definition = "CREATE TRIGGER t BEFORE UPDATE ON identities EXECUTE "
                          "FUNCTION f()"};
        shop->tables[0].trigger_count = 1;
        add_relation(shop, "by_email", "i",
                     "CREATE INDEX by_email ON public.identities USING btree (email)");
        add_relation(shop, "v", "v", "CREATE VIEW v AS SELECT 1");
        ck_assert_str_eq(way_back(shop, taken[i].text), taken[i].undo);
        shop_close(shop);
    }
}
END_TEST

START_TEST(a_partition_goes_and_its_parent_stays)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    const char *text = "-- migrate:up allow:create-partition:\"a quiet hour\"\n"
                       "CREATE TABLE p1 PARTITION OF identities FOR VALUES IN (1);\n";

    ck_assert_str_eq(way_back(shop, text), "DROP TABLE IF EXISTS p1");
    shop_close(shop);
}
END_TEST

START_TEST(an_index_that_was_there_is_not_ours_to_drop)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    const char *text =
        "-- migrate:up allow:create-index:\"small\"\n"
        "CREATE INDEX IF NOT EXISTS identities_pkey ON identities (id);\n";

    ck_assert_str_eq(way_back(shop, text), "");
    shop->tables[0].index_count = 0;
    ck_assert_str_eq(way_back(shop, text), "DROP INDEX IF EXISTS identities_pkey");
    shop_close(shop);
}
END_TEST

/* A leftover of an interrupted build is dropped and built again: the new one is ours.
 */
START_TEST(a_concurrent_index_is_ours_unless_a_valid_one_was_there)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    const char *text =
        "CREATE INDEX CONCURRENTLY identities_pkey ON identities (id);\n";
    const char *plain = "CREATE INDEX identities_pkey ON identities (id);\n";
    const char *drop = "DROP INDEX CONCURRENTLY IF EXISTS identities_pkey";

    ck_assert_str_eq(way_back(shop, text), "");
    ck_assert_str_eq(way_back(shop, plain), "");
    shop->indexes[0].valid = false;
    ck_assert_str_eq(way_back(shop, text), drop);
    shop->tables[0].index_count = 0;
    ck_assert_str_eq(way_back(shop, plain), drop);
    shop_close(shop);
}
END_TEST

START_TEST(what_was_not_null_stays_not_null)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    const char *text = "ALTER TABLE identities ALTER email SET NOT NULL;\n";

    shop_planned(shop, text);
    ck_assert_str_eq(shop->plan.steps[2].undo[0].text,
                     "ALTER TABLE identities ALTER COLUMN email DROP NOT NULL");
    shop->columns[1].not_null = true;
    shop_planned(shop, text);
    ck_assert_int_eq(shop->plan.steps[2].undo_count, 0);
    shop_close(shop);
}
END_TEST

/* From 18 on a partition keeps the NOT NULL that its part of a key has made its own. */
START_TEST(what_partitions_did_not_ask_goes_with_the_table)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    char *email[] = {"email"};
    TreeFact tree[] = {{.name = {"public", "identities"}, .kind = "p"},
                       {.name = {"public", "one"}, .kind = "r"},
                       {.name = {"public", "two"},
                        .kind = "r",
                        .not_null = email,
                        .not_null_count = 1},
                       {.name = {"public", "three"}, .kind = "p"}};
    const char *text = "ALTER TABLE identities ALTER email SET NOT NULL;\n";
    Caps caps = shop_caps;
    Step *step;

    shop->tables[0].kind = "p";
    shop->tables[0].tree = tree;
    shop->tables[0].tree_count = LENGTH(tree);
    shop_planned(shop, text);
    ck_assert_int_eq(shop->plan.steps[2].undo_count, 1);
    caps.version = 180000;
    shop->request.caps = &caps;
    shop_planned(shop, text);
    step = &shop->plan.steps[2];
    ck_assert_int_eq(step->undo_count, 2);
    ck_assert_str_eq(step->undo[0].text,
                     "ALTER TABLE identities ALTER COLUMN email DROP NOT NULL");
    ck_assert_str_eq(
        step->undo[1].text,
        "ALTER TABLE IF EXISTS public.one ALTER COLUMN email DROP NOT NULL");
    shop_close(shop);
}
END_TEST

START_TEST(data_that_is_written_over_does_not_come_back)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);

    ck_assert_str_eq(
        way_back(shop, "-- migrate:backfill\n"
                       "UPDATE identities SET email = '' WHERE email IS NULL;\n"),
        "never");
    ck_assert_str_eq(
        way_back(shop,
                 "-- migrate:backfill\nDELETE FROM identities WHERE email = '';\n"),
        "never");
    shop_planned(shop, shop_classic);
    ck_assert(!shop->plan.steps[1].irreversible);
    ck_assert_str_eq(way_back(shop, "-- migrate:contract\n"
                                    "ALTER TABLE identities DROP COLUMN email;\n"),
                     "never");
    shop_close(shop);
}
END_TEST

UNIT("undo", every_act_is_taken_back_as_far_as_it_is_known,
     what_is_taken_away_comes_back_as_the_catalog_had_it,
     a_partition_goes_and_its_parent_stays, an_index_that_was_there_is_not_ours_to_drop,
     a_concurrent_index_is_ours_unless_a_valid_one_was_there,
     what_was_not_null_stays_not_null, what_partitions_did_not_ask_goes_with_the_table,
     data_that_is_written_over_does_not_come_back)
