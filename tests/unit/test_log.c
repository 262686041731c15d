#include "base/log.h"
#include "base/secret.h"
#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

static char last[512];
static int lines;

static void
keep(const char *line)
{
    snprintf(last, sizeof(last), "%s", line);
    lines++;
}

START_TEST(lines_have_time_level_and_no_secret)
{
    log_sink(keep);
    log_begin(LOG_LEVEL_TRACE, false);
    secret_register("hunter22");
    log_line(LOG_LEVEL_TRACE, "%s password=%s", "hunter22", "x");
    ck_assert_int_eq(lines, 1);
    ck_assert_str_eq(last + strlen("2026-11-21T02:14:09.123Z"),
                     " TRACE ****** password=******");
    ck_assert(last[10] == 'T' && last[23] == 'Z');
}
END_TEST

START_TEST(only_what_was_asked_for_is_written)
{
    log_sink(keep);
    log_begin(LOG_LEVEL_INFO, false);
    log_line(LOG_LEVEL_DEBUG, "no");
    log_driver(LOG_LEVEL_ERROR, "no");
    ck_assert_int_eq(lines, 0);
    log_line(LOG_LEVEL_WARN, "yes");
    ck_assert_int_eq(lines, 1);
    log_begin(LOG_LEVEL_INFO, true);
    log_driver(LOG_LEVEL_DEBUG, "no");
    log_driver(LOG_LEVEL_INFO, "yes");
    ck_assert_int_eq(lines, 2);
}
END_TEST

UNIT("log", lines_have_time_level_and_no_secret, only_what_was_asked_for_is_written)
