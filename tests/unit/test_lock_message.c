#include "core/locks/lock_message.h"

#include <string.h>

#include "unit/unit.h"

static const Caps caps = {
    .engine = "postgres", .ident_quote = '"', .lock_nowait = true};

static const SqlParsed statements[] = {
    {.text = "ALTER TABLE orders ADD COLUMN note text"},
    {.text = "CREATE TRIGGER t BEFORE INSERT ON orders "
             "FOR EACH ROW EXECUTE FUNCTION f()"}};
static const LockNeed locks[] = {
    {.relation = {"shop", "Odd\"name"}, .mode = LOCK_SHARE_ROW_EXCLUSIVE},
    {.relation = {NULL, "orders"}, .mode = LOCK_ACCESS_EXCLUSIVE}};
static const bool both[] = {true, true};

static TryTerms
terms_usual(void)
{
    return (TryTerms){.caps = &caps,
                      .statements = statements,
                      .statement_count = 2,
                      .locks = locks,
                      .lockable = both,
                      .lock_count = 2,
                      .wait_ms = 5,
                      .budget_ms = 100};
}

static SqlText
text_of(Mem *mem, const char *sql)
{
    SqlText text = sql_begin(mem, &caps);

    sql_parsed(&text, (SqlParsed){.text = sql});
    return text;
}

static const TryAsk *
ask_labelled(const TryMessage *message, const char *label)
{
    for (int i = 0; i < message->count; i++)
        if (strcmp(message->asks[i].label, label) == 0)
            return &message->asks[i];
    ck_abort_msg("no ask \"%s\"", label);
}

static size_t
place_of(const char *text, const char *part)
{
    const char *found = strstr(text, part);

    ck_assert_msg(found != NULL, "\"%s\" is not in:\n%s", part, text);
    return (size_t)(found - text);
}

START_TEST(the_message_is_in_the_order_that_keeps_the_lock_short)
{
    MEM_SCOPE(scope, NULL);
    SqlText guard = text_of(scope, "DO 'guard'"), record = text_of(scope, "INSERT");
    TryTerms terms = terms_usual();
    static const char *const order[] = {
        "begin", "try_settings", "guard",  "try_lock",    "step",   "try_arm",
        "step",  "try_role",     "record", "try_granted", "commit", "try_released"};

    terms.guards = &guard;
    terms.records = &record;
    terms.guard_count = terms.record_count = 1;

    TryMessage message = lock_message(scope, &terms);

    ck_assert_int_eq(message.count, LENGTH(order));
    for (int i = 0; i < LENGTH(order); i++)
        ck_assert_str_eq(message.asks[i].label, order[i]);
    ck_assert_int_eq(message.asks[6].part, TRY_PART_STATEMENT);
    ck_assert_int_eq(message.asks[6].index, 1);
    ck_assert_str_eq(message.asks[6].sql, statements[1].text);
    ck_assert_int_eq(message.asks[8].part, TRY_PART_RECORD);
    ck_assert_int_eq(message.asks[2].part, TRY_PART_GUARD);
}
END_TEST

START_TEST(without_a_queue_every_lock_is_nowait_parents_first)
{
    MEM_SCOPE(scope, NULL);
    TryTerms terms = terms_usual();
    TryMessage message = lock_message(scope, &terms);
    const char *sql = ask_labelled(&message, "try_lock")->sql;

    ck_assert_str_eq(sql, "SELECT pgstride.try_lock(ARRAY["
                          "'shop.\"Odd\"\"name\" IN SHARE ROW EXCLUSIVE MODE', "
                          "'orders IN ACCESS EXCLUSIVE MODE'], 0, 5, 90)");
}
END_TEST

static const Caps extended = {.engine = "postgres",
                              .ident_quote = '"',
                              .lock_nowait = true,
                              .extension = {.state = EXTENSION_USED}};

START_TEST(the_extension_looks_and_takes_parents_first)
{
    MEM_SCOPE(scope, NULL);
    TryTerms terms = terms_usual();

    terms.caps = &extended;

    TryMessage message = lock_message(scope, &terms);
    const char *sql = ask_labelled(&message, "try_lock")->sql;

    place_of(sql, "lock_tables(ARRAY['shop.\"Odd\"\"name\"', 'orders']::regclass[], "
                  "ARRAY['SHARE ROW EXCLUSIVE', 'ACCESS EXCLUSIVE'], "
                  "ARRAY[false, false], 5, 0, 0)");
    ck_assert_ptr_null(strstr(sql, "LOCK TABLE"));
}
END_TEST

START_TEST(the_extension_queues_only_on_the_one_and_so_long)
{
    MEM_SCOPE(scope, NULL);
    TryTerms terms = terms_usual();
    const bool second[] = {false, true};

    terms.caps = &extended;
    terms.queue = true;
    terms.queue_on = 1;
    terms.wait_ms = 20;

    TryMessage message = lock_message(scope, &terms);

    place_of(ask_labelled(&message, "try_lock")->sql, ", 0, 20, 1) l");
    terms.lockable = second;
    message = lock_message(scope, &terms);
    place_of(ask_labelled(&message, "try_lock")->sql, ", ARRAY[false], 0, 20, 0) l");
    terms.queue_on = 0; /* not for LOCK TABLE: nothing is queued for */
    message = lock_message(scope, &terms);
    place_of(ask_labelled(&message, "try_lock")->sql, ", ARRAY[false], 0, 0, 0) l");
}
END_TEST

START_TEST(a_queue_is_entered_before_anything_is_held)
{
    MEM_SCOPE(scope, NULL);
    TryTerms terms = terms_usual();

    terms.queue = true;
    terms.queue_on = 1;
    terms.wait_ms = 20;

    TryMessage message = lock_message(scope, &terms);

    place_of(ask_labelled(&message, "try_lock")->sql, "], 2, 20, 90)");
    place_of(ask_labelled(&message, "try_settings")->sql, "try_begin('20ms', '120ms',");
}
END_TEST

START_TEST(what_lock_table_refuses_is_left_to_the_statement)
{
    MEM_SCOPE(scope, NULL);
    TryTerms terms = terms_usual();
    const bool first[] = {false, true}, none[] = {false, false};

    terms.lockable = first;
    TryMessage message = lock_message(scope, &terms);

    ck_assert_ptr_null(strstr(ask_labelled(&message, "try_lock")->sql, "Odd"));

    terms.lockable = none;
    message = lock_message(scope, &terms);
    for (int i = 0; i < message.count; i++)
        ck_assert_str_ne(message.asks[i].label, "try_lock");
}
END_TEST

START_TEST(every_statement_gets_what_is_left_of_the_budget)
{
    MEM_SCOPE(scope, NULL);
    TryTerms terms = terms_usual();
    TryMessage message = lock_message(scope, &terms);
    const char *arm = ask_labelled(&message, "try_arm")->sql;

    place_of(arm, "floor(90 - 1000 * (");
    place_of(arm, "greatest(1, "); /* 0 would be no limit at all */

    terms.unlimited = true;
    message = lock_message(scope, &terms);
    place_of(ask_labelled(&message, "try_arm")->sql, "'statement_timeout', '0', true");
}
END_TEST

START_TEST(what_locks_nothing_and_may_take_its_time_is_told_so_at_once)
{
    MEM_SCOPE(scope, NULL);
    TryTerms terms = terms_usual();
    const bool none[] = {false, false};

    terms.lockable = none;
    terms.unlimited = true;
    terms.statement_count = 1;
    TryMessage message = lock_message(scope, &terms);

    place_of(ask_labelled(&message, "try_settings")->sql, ", '0ms', ");
    for (int i = 0; i < message.count; i++)
        ck_assert_str_ne(message.asks[i].label, "try_arm");
}
END_TEST

START_TEST(nothing_but_local_settings_is_left_in_the_session)
{
    MEM_SCOPE(scope, NULL);
    SqlText record = text_of(scope, "INSERT");
    TryTerms terms = terms_usual();

    terms.records = &record;
    terms.record_count = 1;

    TryMessage message = lock_message(scope, &terms);

    for (int i = 0; i < message.count; i++)
    {
        ck_assert_ptr_null(strstr(message.asks[i].sql, ", false)"));
        ck_assert_ptr_null(strstr(message.asks[i].sql, "RESET"));
    }
    ck_assert_str_eq(ask_labelled(&message, "try_role")->sql,
                     "SET LOCAL role TO DEFAULT");
}
END_TEST

START_TEST(a_nudge_is_a_transaction_of_its_own_and_commits_at_once)
{
    MEM_SCOPE(scope, NULL);
    const Holder vacuum = {.kind = HOLDER_AUTOVACUUM, .relation = "shop.\"Orders\""};
    TryMessage message = lock_nudge_message(scope, &caps, &vacuum, 1250);

    ck_assert_int_eq(message.count, 4);
    ck_assert_str_eq(message.asks[0].sql, "BEGIN");
    place_of(message.asks[1].sql, "'1250ms'");
    ck_assert_str_eq(message.asks[2].sql,
                     "LOCK TABLE shop.\"Orders\" IN SHARE UPDATE EXCLUSIVE MODE");
    ck_assert_str_eq(message.asks[3].sql, "COMMIT");
}
END_TEST

START_TEST(the_refused_lock_is_read_back)
{
    static const bool second[] = {false, true};
    TryTerms terms = terms_usual();

    ck_assert_int_eq(lock_message_refused(&terms, "lock 1"), 1);
    ck_assert_int_eq(lock_message_refused(&terms, "lock 2"), -1);
    ck_assert_int_eq(lock_message_refused(&terms, "Process 1 waits"), -1);
    ck_assert_int_eq(lock_message_refused(&terms, NULL), -1);
    terms.lockable = second;
    ck_assert_int_eq(lock_message_refused(&terms, "lock 0"), 1);
}
END_TEST

UNIT("lock_message", the_message_is_in_the_order_that_keeps_the_lock_short,
     without_a_queue_every_lock_is_nowait_parents_first,
     a_queue_is_entered_before_anything_is_held,
     the_extension_looks_and_takes_parents_first,
     the_extension_queues_only_on_the_one_and_so_long,
     what_lock_table_refuses_is_left_to_the_statement,
     every_statement_gets_what_is_left_of_the_budget,
     what_locks_nothing_and_may_take_its_time_is_told_so_at_once,
     nothing_but_local_settings_is_left_in_the_session,
     a_nudge_is_a_transaction_of_its_own_and_commits_at_once,
     the_refused_lock_is_read_back)
