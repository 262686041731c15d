#include <string.h>

#include "unit/shop.h"
#include "unit/unit.h"

/* clang-format off */
static const struct
{
    const char *text;
    const char *title;
} cases[] = {
    {"ALTER TABLE identities ADD COLUMN a int", "ADD COLUMN a"},
    {"CREATE TABLE orders (id int)", "CREATE TABLE orders"},
    {"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE FUNCTION f"},
    {"COMMENT ON TABLE identities IS 'the password is x'", "COMMENT ON TABLE identities IS"},
    {"GRANT SELECT\n    ON identities TO PUBLIC", "GRANT SELECT ON identities TO PUBLIC"},
    {"CREATE EXTENSION IF NOT EXISTS a_very_long_name_of_one", "CREATE EXTENSION IF NOT EXISTS a_very_long_name_of_one"},
    {"GRANT SELECT ON ALL TABLES IN SCHEMA public\n\tTO a_role_with_a_long_name, PUBLIC", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO a_role_with_…"},
    {"GRANT SELECT ON ALL TABLES IN SCHEMA public TO äöüäöüäöüäöüäöüäöü", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO äöüäöüäöüäöü…"},
    {"SELECT 1", "SELECT"},
    {"CREATE TABLE a (); CREATE TABLE b (); CREATE TABLE c (); CREATE TABLE d (); CREATE TABLE e ()",
     "CREATE TABLE a, CREATE TABLE b, CREATE TABLE c, CREATE TABLE d, CREATE TABLE e"},
    {"CREATE TABLE a (); CREATE TABLE b (); CREATE TABLE c (); CREATE TABLE d (); CREATE TABLE e (); CREATE TABLE f (); SELECT 1; SELECT 1",
     "CREATE TABLE a, CREATE TABLE b, CREATE TABLE c, CREATE TABLE d and 3 more"},
};
/* clang-format on */

START_TEST(a_step_is_called_by_what_people_recognise)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);

    for (int i = 0; i < LENGTH(cases); i++)
    {
        shop_planned(shop, cases[i].text);
        ck_assert_str_eq(shop->plan.steps[0].title, cases[i].title);
    }
    shop_close(shop);
}
END_TEST

UNIT("title", a_step_is_called_by_what_people_recognise)
