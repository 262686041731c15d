#include "core/plan/settle.h"

#include <string.h>

#include "unit/shop.h"
#include "unit/unit.h"

typedef struct Case
{
    const char *text;
    const char *sent;
} Case;

/* Several hazards in one statement: each by its recipe, the rest together. */
/* clang-format off */
static const Case crowds[] = {
    {"ALTER TABLE identities ADD CHECK (n > 0), ALTER COLUMN email SET NOT NULL, ADD COLUMN n int, "
     "ADD COLUMN m int, DROP CONSTRAINT old, ADD UNIQUE (email)",
     "ALTER TABLE identities DROP CONSTRAINT old, ADD COLUMN n int, ADD COLUMN m int;\n\n"
     "ALTER TABLE identities ADD CONSTRAINT identities_n_check CHECK (n > 0) NOT VALID;\n\n"
     "ALTER TABLE identities VALIDATE CONSTRAINT identities_n_check;\n\n"
     "ALTER TABLE identities ADD CONSTRAINT pgstride_email_e9ec4950 CHECK (email IS NOT NULL) NOT VALID;\n\n"
     "ALTER TABLE identities VALIDATE CONSTRAINT pgstride_email_e9ec4950;\n\n"
     "ALTER TABLE identities ALTER COLUMN email SET NOT NULL;\n"
     "ALTER TABLE identities DROP CONSTRAINT IF EXISTS pgstride_email_e9ec4950;\n\n"
     "CREATE UNIQUE INDEX CONCURRENTLY identities_email_key ON identities USING btree (email);\n\n"
     "ALTER TABLE identities ADD CONSTRAINT identities_email_key UNIQUE USING INDEX identities_email_key;\n"},
    {"ALTER TABLE identities ADD CHECK (id <> ''), SET (fillfactor=70), ALTER email SET DEFAULT ''",
     "ALTER TABLE identities ADD CONSTRAINT identities_id_check CHECK (id <> '') NOT VALID;\n\n"
     "ALTER TABLE identities VALIDATE CONSTRAINT identities_id_check;\n\n"
     "ALTER TABLE identities SET (fillfactor=70), ALTER COLUMN email SET DEFAULT '';\n"},
    {"DROP INDEX a, shop.b",
     "DROP INDEX CONCURRENTLY a;\n\n"
     "DROP INDEX CONCURRENTLY shop.b;\n"},
};
/* clang-format on */

START_TEST(a_crowd_is_taken_apart)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);

    for (int i = 0; i < LENGTH(crowds); i++)
    {
        shop_planned(shop, crowds[i].text);
        ck_assert_str_eq(shop_sent(shop), crowds[i].sent);
        for (int j = 0; j < shop->plan.step_count; j++)
            ck_assert_str_eq(shop->plan.steps[j].stands_for, crowds[i].text);
    }
    shop_close(shop);
}
END_TEST

START_TEST(contract_takes_a_crowd_apart_within_its_swap)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);

    shop_planned(shop, "-- migrate:expand\n"
                       "ALTER TABLE identities ADD COLUMN name text;\n"
                       "-- migrate:contract\n"
                       "ALTER TABLE identities ALTER COLUMN name SET NOT NULL, "
                       "ALTER COLUMN name SET DEFAULT 'x';\n"
                       "ALTER TABLE identities RENAME COLUMN name TO title;\n");
    ck_assert_int_eq(shop->plan.step_count, 4);
    ck_assert_ptr_nonnull(strstr(shop_step(shop, 2), "CHECK (name IS NOT NULL)"));
    ck_assert_ptr_nonnull(strstr(shop_step(shop, 4), "name SET NOT NULL;\n"));
    ck_assert_ptr_nonnull(strstr(shop_step(shop, 4), "name SET DEFAULT 'x';\n"));
    ck_assert_ptr_nonnull(strstr(shop_step(shop, 4), "RENAME COLUMN name TO title"));
    shop_close(shop);
}
END_TEST

START_TEST(hazards_in_a_crowd_are_all_named)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);

    ck_assert(!shop_plan(shop,
                         "ALTER TABLE identities ALTER COLUMN email TYPE varchar(9), "
                         "ADD COLUMN a int, ADD CHECK (a > 0), SET LOGGED;\n"));
    ck_assert_ptr_nonnull(strstr(shop->err.text, " is refused: may write every row"));
    ck_assert_ptr_nonnull(
        strstr(shop->err.detail, "ADD CHECK is refused, too: reads the whole table"));
    ck_assert_ptr_nonnull(
        strstr(shop->err.detail, " is refused, too: writes the whole table again"));
    ck_assert_ptr_nonnull(strstr(shop->err.hint, "allow:alter-type:"));
    ck_assert_ptr_nonnull(strstr(shop->err.hint, "allow:rewrite:"));
    shop_close(shop);
}
END_TEST

START_TEST(a_column_of_a_domain_that_checks_is_known_to_write_every_row)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    TypeFact types[] = {{"app.mail", true}, {"plain", false}};
    static const char made[] = "CREATE DOMAIN code AS text CHECK (value <> '');\n"
                               "ALTER TABLE identities ADD COLUMN c code;\n";

    shop->facts.types = types;
    shop->facts.type_count = 2;
    ck_assert_ptr_nonnull(
        strstr(shop_refusal(shop, "ALTER TABLE identities ADD m app.mail NOT NULL "
                                  "DEFAULT gen_random_uuid()::text;\n"),
               "allow:domain-column:"));
    ck_assert_ptr_nonnull(strstr(shop_refusal(shop, made), "allow:domain-column:"));
    shop_planned(shop, "ALTER TABLE identities ADD COLUMN m plain;\n");
    shop_planned(shop, "-- migrate:up allow:domain-column:\"small\"\n"
                       "ALTER TABLE identities ADD COLUMN m app.mail;\n");
    ck_assert_int_eq(shop->plan.steps[0].work, WORK_REWRITE);
    shop_close(shop);
}
END_TEST

UNIT("settle", a_crowd_is_taken_apart, contract_takes_a_crowd_apart_within_its_swap,
     hazards_in_a_crowd_are_all_named,
     a_column_of_a_domain_that_checks_is_known_to_write_every_row)
