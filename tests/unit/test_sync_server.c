#include <string.h>

#include "unit/shop.h"
#include "unit/unit.h"

/* A server with our extension in it. */
static Shop *
shop_extended(Mem *mem, Caps *caps)
{
    Shop *shop = shop_open(mem);

    *caps = shop_caps;
    caps->extension = (Extension){.state = EXTENSION_USED, .version = "1.0"};
    shop->facts.caps = caps;
    return shop;
}

static void
step_says(const Shop *shop, int number, const char *text)
{
    ck_assert_msg(strstr(shop_step(shop, number), text) != NULL, "%s",
                  shop_step(shop, number));
}

START_TEST(the_extension_is_told_the_rules)
{
    MEM_SCOPE(scope, NULL);
    Caps caps;
    Shop *shop = shop_extended(scope, &caps);

    shop_planned(shop, shop_classic);
    step_says(shop, 1,
              " BEFORE INSERT OR UPDATE ON public.identities FOR EACH ROW EXECUTE "
              "FUNCTION pgstride_server.sync('fill', 'where', 'new.new_email IS NULL', "
              "'set', 'new_email', 'new.email', 'back', 'email', 'new.new_email');\n"
              "ALTER TABLE public.identities ENABLE ALWAYS TRIGGER \"~pgstride_sync_");
    step_says(shop, 1, "COMMENT ON TRIGGER \"~pgstride_sync_");
    ck_assert_ptr_null(strstr(shop_step(shop, 1), "CREATE FUNCTION"));
    ck_assert_str_eq(shop->plan.steps[0].shows[1],
                     "+ sync trigger email ⇄ new_email (same transaction, run by the "
                     "extension)");
    shop_close(shop);
}
END_TEST

START_TEST(what_is_looked_up_and_what_was_not_given_are_told_too)
{
    MEM_SCOPE(scope, NULL);
    Caps caps;
    Shop *shop = shop_extended(scope, &caps);

    shop_planned(shop, "-- migrate:expand\n"
                       "ALTER TABLE identities ADD COLUMN \"New\" text DEFAULT '-';\n"
                       "-- migrate:backfill sync:both reverse:\"email = \"\"New\"\"\"\n"
                       "UPDATE identities SET \"New\" = lower(email) || E'\\\\'\n"
                       " WHERE \"New\" IS NULL AND id > 7;\n"
                       "-- migrate:contract\n"
                       "ALTER TABLE identities DROP COLUMN email;\n");
    step_says(shop, 1,
              "sync('path', 'public, pg_temp', 'default', 'New', '''-''', 'fill', "
              "'where', 'new.\"New\" IS NULL AND new.id > 7', 'scope', '(new.id > 7)', "
              "'set', 'New', E'lower(new.email) || E''\\\\\\\\''', 'back', 'email', "
              "'new.\"New\"')");
    shop_close(shop);
}
END_TEST

/* Which of the two kinds expand made, nobody knows who drops it. */
START_TEST(both_kinds_are_dropped_alike)
{
    MEM_SCOPE(scope, NULL);
    Caps caps;
    Shop *without = shop_open(scope);
    Shop *with = shop_extended(scope, &caps);

    shop_planned(without, shop_classic);
    shop_planned(with, shop_classic);

    const Step *one = &without->plan.steps[0];
    const Step *other = &with->plan.steps[0];

    ck_assert_int_eq(one->undo_count, other->undo_count);
    for (int i = 0; i < one->undo_count; i++)
        ck_assert_str_eq(one->undo[i].text, other->undo[i].text);
    ck_assert_str_eq(one->hash, other->hash);
    shop_close(with);
    shop_close(without);
}
END_TEST

UNIT("sync_server", the_extension_is_told_the_rules,
     what_is_looked_up_and_what_was_not_given_are_told_too,
     both_kinds_are_dropped_alike)
