#include <string.h>

#include "core/backfill/batch.h"
#include "unit/shop.h"
#include "unit/unit.h"

#define TAKES "UPDATE identities SET email = '' WHERE id IN (SELECT id FROM identities "
#define BATCH TAKES "WHERE email IS NULL LIMIT 10)"

static const char *
repeated(Mem *mem, const char *statement)
{
    return mem_text(mem, "-- migrate:backfill repeat:true\n%s;\n", statement);
}

/* Not a plan: what a mistake in the file is answered with. */
static void
is_no_repeat(Shop *shop, const char *statement, const char *why)
{
    ck_assert_msg(!shop_plan(shop, repeated(shop->mem, statement)), "planned: %s",
                  statement);
    ck_assert_int_eq(shop->err.kind, ERR_USAGE);
    ck_assert_msg(strstr(shop->err.text, why) != NULL, "%s", shop->err.text);
    err_clear(&shop->err);
}

START_TEST(what_would_never_end_is_no_repeat)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    const char *endless = "never come to an end";

    is_no_repeat(shop, "UPDATE identities SET email = (SELECT 'x' LIMIT 1)", endless);
    is_no_repeat(shop, "INSERT INTO identities SELECT 1 LIMIT 10", endless);
    is_no_repeat(shop, "INSERT INTO identities VALUES ((SELECT 1 LIMIT 1))", endless);
    is_no_repeat(shop, "DELETE FROM identities WHERE id > 0", "without LIMIT");
    is_no_repeat(shop, "SELECT 1 LIMIT 1", "is an UPDATE, a DELETE or an INSERT");
    is_no_repeat(shop, "VACUUM identities", "is an UPDATE, a DELETE or an INSERT");
    shop_close(shop);
}
END_TEST

START_TEST(what_takes_some_rows_at_a_time_is_planned_as_one_step)
{
    static const char *const good[] = {
        BATCH,
        "DELETE FROM identities WHERE id = (SELECT 1 FETCH FIRST 1 ROW ONLY)",
        "INSERT INTO identities SELECT 1 LIMIT 1 ON CONFLICT DO NOTHING",
        "INSERT INTO identities SELECT id FROM other WHERE id > 3 LIMIT 10",
        "WITH gone AS (DELETE FROM o WHERE id IN (SELECT id FROM o LIMIT 9) RETURNING "
        "id)"
        " INSERT INTO identities SELECT * FROM gone",
    };
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);

    for (int i = 0; i < LENGTH(good); i++)
    {
        shop_planned(shop, repeated(scope, good[i]));
        ck_assert_int_eq(shop->plan.step_count, 1);
        ck_assert(shop->plan.steps[0].backfill->repeat);
        ck_assert(shop->plan.steps[0].irreversible);
    }
    shop_close(shop);
}
END_TEST

START_TEST(a_repeat_has_nothing_to_keep_level)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);

    ck_assert_ptr_nonnull(strstr(
        shop_refusal(shop, "-- migrate:backfill repeat:true sync:both\n" BATCH ";"),
        "cannot be kept level"));
    shop_close(shop);
}
END_TEST

START_TEST(a_run_is_counted_behind_the_fence)
{
    MEM_SCOPE(scope, NULL);
    const Backfill fill = {.number = 2, .repeat = true};
    const BatchJob job = {.caps = &shop_caps,
                          .fill = &fill,
                          .component = "main",
                          .version = "1",
                          .leaf_oid = 7,
                          .run_id = "00000000-0000-4000-8000-000000000000"};
    SqlText sql = batch_counted(scope, &job, 500);

    ck_assert_ptr_nonnull(strstr(sql_done(&sql), "SELECT 500::bigint AS rows"));
    ck_assert_ptr_nonnull(strstr(sql_done(&sql), "b.run_id = '00000000-"));
    ck_assert_ptr_nonnull(strstr(sql_done(&sql), "b.number = 2"));
}
END_TEST

/* --- DELETE ---------------------------------------------------------------------- */

static const char delete_some[] =
    "-- migrate:backfill\nDELETE FROM identities WHERE id < 5;\n";

static ConstraintFact *
shop_referrer(Shop *shop, char *definition)
{
    shop->tables[0].constraint_count = 1;
    shop->constraints[0] = (ConstraintFact){.name = "fk",
                                            .kind = "f",
                                            .definition = definition,
                                            .mentions = "1",
                                            .valid = true,
                                            .incoming = true,
                                            .other = {"public", "orders"},
                                            .refers = "who",
                                            .indexed = true,
                                            .referring_rows = 120000};
    return &shop->constraints[0];
}

static bool
noted(const Shop *shop, const char *part)
{
    for (int i = 0; i < shop->plan.steps[0].note_count; i++)
        if (strstr(shop->plan.steps[0].notes[i], part) != NULL)
            return true;
    return false;
}

START_TEST(what_a_delete_takes_along_is_said)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    const char *unread =
        "\"orders\" has no index on (who): for every row that goes it is "
        "read whole, about 120,000 rows";

    shop_referrer(shop, "FOREIGN KEY (who) REFERENCES identities(id)");
    shop_planned(shop, delete_some);
    ck_assert(!noted(shop, "orders"));
    shop_referrer(shop,
                  "FOREIGN KEY (who) REFERENCES identities(id) ON DELETE CASCADE");
    shop_planned(shop, delete_some);
    ck_assert(noted(shop, "deletes the rows of \"orders\" that refer to it as well"));
    ck_assert(!noted(shop, unread));
    shop_referrer(shop, "FOREIGN KEY (who) REFERENCES identities(id)")->indexed = false;
    shop_planned(shop, delete_some);
    ck_assert(noted(shop, unread));
    /* An UPDATE is looked up there only where it changes what others refer to. */
    shop_planned(shop,
                 "-- migrate:backfill\nUPDATE identities SET email = '' WHERE email "
                 "IS NULL;\n");
    ck_assert(!noted(shop, unread));
    shop->constraints[0].mentions = "2";
    shop_planned(shop,
                 "-- migrate:backfill\nUPDATE identities SET email = '' WHERE email "
                 "IS NULL;\n");
    ck_assert(noted(shop, unread));
    shop_close(shop);
}
END_TEST

/* --- triggers:skip --------------------------------------------------------------- */

static const char skip_email[] =
    "-- migrate:backfill triggers:skip\n"
    "UPDATE identities SET email = lower(email) WHERE email <> lower(email);\n";

static ConstraintFact *
shop_key(Shop *shop, char *kind, char *definition, char *mentions)
{
    shop->tables[0].constraint_count = 1;
    shop->constraints[0] = (ConstraintFact){.name = "key",
                                            .kind = kind,
                                            .definition = definition,
                                            .mentions = mentions,
                                            .valid = true};
    return &shop->constraints[0];
}

START_TEST(what_triggers_check_is_not_skipped)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);
    const char *why = "it would skip the check of \"key\" too";

    shop_planned(shop, skip_email);
    shop_key(shop, "f", "FOREIGN KEY (email) REFERENCES people(email)", "2");
    ck_assert_ptr_nonnull(strstr(shop_refusal(shop, skip_email), why));
    shop_key(shop, "f", "FOREIGN KEY (id) REFERENCES people(id)", "1");
    shop_planned(shop, skip_email);
    shop_key(shop, "u", "UNIQUE (email)", "2");
    shop_planned(shop, skip_email);
    shop_key(shop, "u", "UNIQUE (email) DEFERRABLE INITIALLY DEFERRED", "2");
    ck_assert_ptr_nonnull(strstr(shop_refusal(shop, skip_email), why));
    shop_key(shop, "f", "FOREIGN KEY (who) REFERENCES identities(id)", "1")->incoming =
        true;
    shop_planned(shop, skip_email);
    ck_assert_ptr_nonnull(
        strstr(shop_refusal(shop, "-- migrate:backfill triggers:skip\n"
                                  "DELETE FROM identities WHERE email = '';\n"),
               why));
    shop_close(shop);
}
END_TEST

START_TEST(the_right_to_skip_triggers_is_asked_for_beforehand)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);

    shop->facts.triggers_stay = true;
    ck_assert(!shop_plan(shop, skip_email));
    ck_assert_int_eq(shop->err.kind, ERR_CONNECT);
    ck_assert_ptr_nonnull(
        strstr(shop->err.hint, "GRANT SET ON PARAMETER session_replication_role"));
    err_clear(&shop->err);
    shop_close(shop);
}
END_TEST

UNIT("repeat", what_would_never_end_is_no_repeat,
     what_takes_some_rows_at_a_time_is_planned_as_one_step,
     a_repeat_has_nothing_to_keep_level, a_run_is_counted_behind_the_fence,
     what_a_delete_takes_along_is_said, what_triggers_check_is_not_skipped,
     the_right_to_skip_triggers_is_asked_for_beforehand)
