#include "core/locks/holder.h"

#include <string.h>

#include "unit/unit.h"

typedef struct Case
{
    Holder holder;
    const char *shown;
    const char *advice; /* part of it */
} Case;

/* clang-format off */
static const Case cases[] = {
    {{.kind = HOLDER_SESSION, .pid = 8123, .user = "app", .client = "10.0.0.7", .application = "web", .state = "active",
      .query = "SELECT *\n\t FROM orders", .granted = true, .age_known = true, .age_ms = 6000, .state_ms = 10},
     "pid 8123 app@10.0.0.7 \"web\": active for 6.0 s (SELECT * FROM orders)", "pg_cancel_backend(8123)"},
    {{.kind = HOLDER_IDLE_IN_TRANSACTION, .pid = 8123, .user = "app", .application = "", .state = "idle in transaction",
      .granted = true, .age_known = true, .age_ms = 300000, .state_ms = 240000},
     "pid 8123 app@local: idle in transaction for 4 min 00 s", "--on-blocker=cancel-idle:30s, or by hand: SELECT pg_terminate_backend(8123)"},
    {{.kind = HOLDER_SESSION, .pid = 9, .user = "app", .standby = "standby1", .state = "active", .granted = true, .age_known = true, .age_ms = 6000},
     "pid 9 app@local on standby \"standby1\": active for 6.0 s", "on that standby: SELECT pg_cancel_backend(9)"},
    {{.kind = HOLDER_UNSEEN, .standby = "standby1", .granted = true},
     "standby \"standby1\": it does not answer, so who reads there is not known", "without its --standby"},
    {{.kind = HOLDER_SLOT, .gid = "standby 1", .granted = true, .state_ms = -1},
     "replication slot \"standby 1\": a standby may still show older rows", "standby's readers"},
    {{.kind = HOLDER_SESSION, .pid = 8123, .user = "app", .granted = true, .seen_ms = 2000},
     "pid 8123 app@local: its state is hidden from us for 2.0 s", "pg_cancel_backend(8123)"},
    {{.kind = HOLDER_SESSION, .pid = 9, .user = "dba", .state = "active", .age_known = true, .age_ms = 50},
     "pid 9 dba@local: active for 50 ms, waiting for the lock itself", "pg_cancel_backend(9)"},
    {{.kind = HOLDER_PREPARED, .gid = "two phases", .user = "app", .granted = true, .age_known = true, .age_ms = 3000},
     "transaction \"two phases\" app@local: prepared for 3.0 s", "ROLLBACK PREPARED 'two phases'"},
    {{.kind = HOLDER_AUTOVACUUM, .pid = 7, .granted = true, .age_known = true, .age_ms = 9000},
     "pid 7: autovacuum for 9.0 s", "pg_cancel_backend(7)"},
    {{.kind = HOLDER_WRAPAROUND, .pid = 7, .granted = true},
     "pid 7: autovacuum to prevent wraparound, which does not give way", "Let it finish"},
};
/* clang-format on */

START_TEST(everybody_in_the_way_has_a_line_and_an_advice)
{
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < LENGTH(cases); i++)
    {
        ck_assert_str_eq(holder_show(scope, &cases[i].holder), cases[i].shown);
        ck_assert_ptr_nonnull(
            strstr(holder_advice(scope, &cases[i].holder), cases[i].advice));
    }
}
END_TEST

START_TEST(a_long_query_is_cut_between_characters)
{
    MEM_SCOPE(scope, NULL);
    char query[402];
    Holder holder = {
        .kind = HOLDER_SESSION, .pid = 1, .state = "active", .granted = true};

    for (int i = 0; i < 400; i += 2)
        memcpy(query + i, "é", 2);
    memmove(query + 1, query, 400);
    query[0] = 'x';
    query[401] = '\0';
    holder.query = query;

    const char *shown = holder_show(scope, &holder);
    const char *end = strstr(shown, " …)");

    ck_assert_ptr_nonnull(end);
    ck_assert_mem_eq(end - 2, "é", 2);
    ck_assert_uint_lt(strlen(shown), 160);
}
END_TEST

UNIT("holder", everybody_in_the_way_has_a_line_and_an_advice,
     a_long_query_is_cut_between_characters)
