#include "core/locks/on_blocker.h"

#include "unit/unit.h"

START_TEST(a_rule_is_read_and_shown_alike)
{
    MEM_SCOPE(scope, NULL);
    static const char *const good[] = {"wait", "cancel-idle:30s",
                                       "terminate-idle:5min"};
    static const char *const bad[] = {"",
                                      "cancel",
                                      "cancel-idle",
                                      "cancel-idle:",
                                      "wait:30s",
                                      "terminate:30s",
                                      "terminate-idle:0s",
                                      "terminate-idle:999ms",
                                      "cancel-idle:30",
                                      "cancel-idle :30s",
                                      "CANCEL-IDLE:30s"};
    OnBlocker rule;

    for (int i = 0; i < LENGTH(good); i++)
    {
        ck_assert_msg(on_blocker_read(good[i], &rule), "%s", good[i]);
        ck_assert_str_eq(on_blocker_show(scope, &rule), good[i]);
    }
    for (int i = 0; i < LENGTH(bad); i++)
        ck_assert_msg(!on_blocker_read(bad[i], &rule), "%s", bad[i]);
}
END_TEST

typedef struct Case
{
    const char *why;
    Holder holder;
    bool cancel, terminate; /* is it ended by that rule, after 30 s? */
} Case;

#define SOMEBODY                                                                       \
    .pid = 1, .granted = true, .age_known = true, .age_ms = 60000, .begun_us = 1,      \
    .state_us = 2
/* clang-format off */
static const Case cases[] = {
    {"idle for a minute, it has only read", {SOMEBODY, .kind = HOLDER_IDLE_IN_TRANSACTION, .state_ms = 60000}, true, true},
    {"idle for a minute, it has written",   {SOMEBODY, .kind = HOLDER_IDLE_IN_TRANSACTION, .state_ms = 60000, .wrote = true}, false, true},
    {"idle since a moment",                 {SOMEBODY, .kind = HOLDER_IDLE_IN_TRANSACTION, .state_ms = 29999}, false, false},
    {"asked before",                        {SOMEBODY, .kind = HOLDER_IDLE_IN_TRANSACTION, .state_ms = 60000, .asked = true}, false, false},
    {"a long statement",                    {SOMEBODY, .kind = HOLDER_SESSION, .state_ms = 60000}, false, false},
    {"an autovacuum",                       {SOMEBODY, .kind = HOLDER_AUTOVACUUM, .state_ms = 60000}, false, false},
    {"one against wraparound",              {SOMEBODY, .kind = HOLDER_WRAPAROUND, .state_ms = 60000}, false, false},
    {"a walsender",                         {SOMEBODY, .kind = HOLDER_OTHER, .state_ms = 60000}, false, false},
    {"a prepared transaction",              {.kind = HOLDER_PREPARED, .gid = "x", .age_known = true, .age_ms = 60000, .state_ms = 60000}, false, false},
    {"idle on a standby",                   {SOMEBODY, .kind = HOLDER_IDLE_IN_TRANSACTION, .state_ms = 60000, .standby = "standby1"}, false, false},
    {"whoever reads where nobody answers",  {.kind = HOLDER_UNSEEN, .standby = "standby1", .begun_us = -1, .state_us = -1}, false, false},
    {"a slot",                              {.kind = HOLDER_SLOT, .gid = "x", .begun_us = -1, .state_us = -1, .state_ms = -1}, false, false},
    {"hidden from us",                      {.kind = HOLDER_SESSION, .pid = 1, .begun_us = -1, .state_us = -1, .state_ms = -1, .seen_ms = 60000}, false, false},
};
/* clang-format on */

START_TEST(only_what_idles_in_a_transaction_is_ended)
{
    static const OnBlocker wait = {BLOCKER_WAIT, 0};
    static const OnBlocker cancel = {BLOCKER_CANCEL_IDLE, 30000};
    static const OnBlocker terminate = {BLOCKER_TERMINATE_IDLE, 30000};

    for (int i = 0; i < LENGTH(cases); i++)
    {
        const Case *this = &cases[i];
        Holder holder = this->holder;
        Look look = {.holders = &holder, .count = 1};

        ck_assert_msg(blocker_to_end(&wait, &look, 100) == NULL, "%s", this->why);
        ck_assert_msg((blocker_to_end(&cancel, &look, 100) != NULL) == this->cancel,
                      "%s: cancel-idle", this->why);
        ck_assert_msg((blocker_to_end(&terminate, &look, 100) != NULL) ==
                          this->terminate,
                      "%s: terminate-idle", this->why);
    }
}
END_TEST

UNIT("on_blocker", a_rule_is_read_and_shown_alike,
     only_what_idles_in_a_transaction_is_ended)
