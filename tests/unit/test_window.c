#include "core/window.h"
#include "unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "run/hold/zones.h"

/* 2026-11-21T12:00:00, UTC. */
static int64_t
utc(const char *text)
{
    struct tm tm = {0};

    ck_assert_ptr_nonnull(strptime(text, "%Y-%m-%dT%H:%M:%S", &tm));
    return timegm(&tm);
}

/* Berlin in 2026: clocks go forward on 29 March at 01:00 UTC, back on 25 October. */
static const Zone *
berlin(void)
{
    static ZoneShift shifts[3];
    static const Zone zone = {"Europe/Berlin", shifts, 3};

    shifts[0] = (ZoneShift){utc("2025-10-26T01:00:00"), 3600};
    shifts[1] = (ZoneShift){utc("2026-03-29T01:00:00"), 7200};
    shifts[2] = (ZoneShift){utc("2026-10-25T01:00:00"), 3600};
    return &zone;
}

static Window
window_in_berlin(Mem *mem, const char *text)
{
    Window window;
    Err err = {0};

    ck_assert_msg(window_read(mem, text, &window, &err), "%s", err.text);
    for (int i = 0; i < window.count; i++)
        window.parts[i].zone = berlin();
    return window;
}

/* "sun 01:00-sun 04:00 ..." of the openings in UTC, by a zone without shifts. */
static const char *
shown(Mem *mem, const char *text, const char *from, const char *to)
{
    static ZoneShift none[] = {{0, 0}};
    static const Zone plain = {"UTC", none, 1};
    Window window = window_in_berlin(mem, text);
    Openings openings = window_openings(mem, &window, utc(from), utc(to));
    char *all = mem_copy(mem, "");

    for (int i = 0; i < openings.count; i++)
        all = mem_text(mem, "%s%s%s-%s", all, i > 0 ? ", " : "",
                       window_time(mem, &plain, openings.items[i].opens),
                       window_time(mem, &plain, openings.items[i].closes));
    return all;
}

typedef struct Week
{
    const char *why;
    const char *text;
    const char *from;
    const char *to;
    const char *openings;
} Week;

/* clang-format off */
static const Week weeks[] = {
    {"an ordinary night", "sun 02:00-05:00 Europe/Berlin",
     "2026-11-21T12:00:00", "2026-11-28T12:00:00", "sun 01:00-sun 04:00"},
    {"two nights", "sat,sun 02:00-05:00 Europe/Berlin",
     "2026-11-21T12:00:00", "2026-11-28T12:00:00", "sun 01:00-sun 04:00, sat 01:00-sat 04:00"},
    {"days as a range", "fri-sun 02:00-03:00 Europe/Berlin",
     "2026-11-16T00:00:00", "2026-11-23T00:00:00", "fri 01:00-fri 02:00, sat 01:00-sat 02:00, sun 01:00-sun 02:00"},
    {"a range around the week's end", "sat-mon 02:00-03:00 Europe/Berlin",
     "2026-11-16T00:00:00", "2026-11-23T00:00:00", "mon 01:00-mon 02:00, sat 01:00-sat 02:00, sun 01:00-sun 02:00"},
    {"over midnight: the day is that of the beginning", "fri 22:00-04:00 Europe/Berlin",
     "2026-11-16T00:00:00", "2026-11-23T00:00:00", "fri 21:00-sat 03:00"},
    {"one that began yesterday is open", "fri 22:00-04:00 Europe/Berlin",
     "2026-11-21T02:59:59", "2026-11-21T04:00:00", "fri 21:00-sat 03:00"},
    {"its end is exclusive", "fri 22:00-04:00 Europe/Berlin",
     "2026-11-21T03:00:00", "2026-11-21T04:00:00", ""},
    {"parts that touch are one", "sat 22:00-24:00 Europe/Berlin; sun 00:00-05:00 Europe/Berlin",
     "2026-11-21T12:00:00", "2026-11-24T12:00:00", "sat 21:00-sun 04:00"},
    {"parts that overlap are one", "sun 02:00-05:00 Europe/Berlin; sun 03:00-04:00 Europe/Berlin",
     "2026-11-21T12:00:00", "2026-11-24T12:00:00", "sun 01:00-sun 04:00"},
    {"daily, all day: never closes", "daily 00:00-24:00 Europe/Berlin",
     "2026-11-21T12:00:00", "2026-11-22T12:00:00", "fri 23:00-sun 23:00"},
    {"in summer it is earlier", "sun 02:00-05:00 Europe/Berlin",
     "2026-07-04T12:00:00", "2026-07-06T12:00:00", "sun 00:00-sun 03:00"},

    /* 29 March: 02:00-03:00 does not exist */
    {"its beginning is skipped", "sun 02:00-05:00 Europe/Berlin",
     "2026-03-28T12:00:00", "2026-03-30T12:00:00", "sun 01:00-sun 03:00"},
    {"a beginning within the skipped hour shifts forward", "sun 02:30-05:00 Europe/Berlin",
     "2026-03-28T12:00:00", "2026-03-30T12:00:00", "sun 01:30-sun 03:00"},
    {"an end within it shifts forward", "sun 01:00-02:30 Europe/Berlin",
     "2026-03-28T12:00:00", "2026-03-30T12:00:00", "sun 00:00-sun 01:30"},
    {"an end at its beginning stays", "sun 01:00-02:00 Europe/Berlin",
     "2026-03-28T12:00:00", "2026-03-30T12:00:00", "sun 00:00-sun 01:00"},
    {"all of it is skipped: it is an hour later", "sun 02:00-03:00 Europe/Berlin",
     "2026-03-28T12:00:00", "2026-03-30T12:00:00", "sun 01:00-sun 02:00"},
    {"within the skipped hour: an hour later", "sun 02:15-02:45 Europe/Berlin",
     "2026-03-28T12:00:00", "2026-03-30T12:00:00", "sun 01:15-sun 01:45"},
    {"around it: an hour shorter", "sun 00:00-06:00 Europe/Berlin",
     "2026-03-28T12:00:00", "2026-03-30T12:00:00", "sat 23:00-sun 04:00"},

    /* 25 October: 02:00-03:00 comes twice */
    {"the repeated hour counts twice", "sun 02:00-03:00 Europe/Berlin",
     "2026-10-24T12:00:00", "2026-10-26T12:00:00", "sun 00:00-sun 02:00"},
    {"a part of it comes twice", "sun 02:15-02:45 Europe/Berlin",
     "2026-10-24T12:00:00", "2026-10-26T12:00:00", "sun 00:15-sun 00:45, sun 01:15-sun 01:45"},
    {"around it: an hour longer", "sun 00:00-06:00 Europe/Berlin",
     "2026-10-24T12:00:00", "2026-10-26T12:00:00", "sat 22:00-sun 05:00"},
    {"it ends in the repeated hour", "sun 01:00-02:30 Europe/Berlin",
     "2026-10-24T12:00:00", "2026-10-26T12:00:00", "sat 23:00-sun 00:30, sun 01:00-sun 01:30"},
};
/* clang-format on */

START_TEST(it_opens_by_the_clock_on_the_wall)
{
    for (int i = 0; i < LENGTH(weeks); i++)
    {
        MEM_SCOPE(scope, NULL);
        const Week *week = &weeks[i];
        const char *openings = shown(scope, week->text, week->from, week->to);

        ck_assert_msg(strcmp(openings, week->openings) == 0, "%s: %s, not %s",
                      week->why, openings, week->openings);
    }
}
END_TEST

START_TEST(now_it_is_open_or_says_when)
{
    MEM_SCOPE(scope, NULL);
    Window window = window_in_berlin(scope, "sun 02:00-05:00 Europe/Berlin");
    WindowNow now = window_now(&window, utc("2026-11-21T12:00:00"));

    ck_assert(!now.open);
    ck_assert_int_eq(now.until, utc("2026-11-22T01:00:00"));
    ck_assert_str_eq(window_time(scope, now.part->zone, now.until), "sun 02:00");
    ck_assert_str_eq(window_date(scope, now.part->zone, now.until),
                     "sun 2026-11-22 02:00");
    now = window_now(&window, utc("2026-11-22T01:00:00"));
    ck_assert(now.open);
    ck_assert_int_eq(now.until, utc("2026-11-22T04:00:00"));
    ck_assert(window_now(&window, utc("2026-11-22T03:59:59")).open);
    now = window_now(&window, utc("2026-11-22T04:00:00"));
    ck_assert(!now.open);
    ck_assert_int_eq(now.until, utc("2026-11-29T01:00:00"));
}
END_TEST

typedef struct Bad
{
    const char *text;
    const char *why;
} Bad;

/* clang-format off */
static const Bad bads[] = {
    {"", "days are"},
    {"02:00-05:00 UTC", "days are"},
    {"sunday 02:00-05:00 UTC", "days are"},
    {"sat, sun 02:00-05:00 UTC", "days are"},
    {"sat- 02:00-05:00 UTC", "days are"},
    {"sun", "hours are"},
    {"sun 2:00-5:00 UTC", "hours are"},
    {"sun 02:00-25:00 UTC", "hours are"},
    {"sun 02:60-05:00 UTC", "hours are"},
    {"sun 24:00-25:00 UTC", "hours are"},
    {"sun 02:00 UTC", "hours are"},
    {"sun 02:00-02:00 UTC", "closes when it opens"},
    {"sun 02:00-05:00", "time zone is missing"},
    {"sun 02:00-05:00 UTC daily", "more behind"},
    {"sun 02:00-05:00 UTC;", "days are"},
};
/* clang-format on */

START_TEST(what_is_no_window_is_refused)
{
    for (int i = 0; i < LENGTH(bads); i++)
    {
        MEM_SCOPE(scope, NULL);
        Window window;
        Err err = {0};

        ck_assert_msg(!window_read(scope, bads[i].text, &window, &err),
                      "nobody objected to: %s", bads[i].text);
        ck_assert_int_eq(err.kind, ERR_USAGE);
        ck_assert_msg(strstr(err.text, bads[i].why) != NULL, "%s: %s", bads[i].text,
                      err.text);
        ck_assert_ptr_nonnull(err.hint);
        err_clear(&err);
    }
}
END_TEST

/* libc would take all of these for UTC. */
START_TEST(a_zone_that_does_not_exist_is_refused)
{
    static const char *const names[] = {"Europe/Berlinn", "../../etc/passwd",
                                        "/etc/localtime", "tzdata.zi",
                                        "CETX",           "Europe"};

    for (int i = 0; i < LENGTH(names); i++)
    {
        MEM_SCOPE(scope, NULL);
        Window window;
        Err err = {0};

        ck_assert(window_read(scope, mem_text(scope, "sun 02:00-05:00 %s", names[i]),
                              &window, &err));
        ck_assert_msg(!window_zones(scope, &window, 0, &err), "%s is a zone", names[i]);
        ck_assert_int_eq(err.kind, ERR_USAGE);
        ck_assert_ptr_nonnull(strstr(err.text, names[i]));
        err_clear(&err);
    }
}
END_TEST

START_TEST(zones_are_what_this_machine_knows_of_them)
{
    MEM_SCOPE(scope, NULL);
    Window window;
    Err err = {0};

    ck_assert(window_read(scope, "sun 02:00-05:00 Europe/Berlin; mon 02:00-05:00 UTC",
                          &window, &err));
    ck_assert_msg(window_zones(scope, &window, utc("2026-01-01T00:00:00"), &err), "%s",
                  err.text);

    const Zone *zone = window.parts[0].zone;

    ck_assert_int_eq(zone->count, 3);
    ck_assert_int_eq(zone->shifts[0].offset, 3600);
    ck_assert_int_eq(zone->shifts[1].at, utc("2026-03-29T01:00:00"));
    ck_assert_int_eq(zone->shifts[1].offset, 7200);
    ck_assert_int_eq(zone->shifts[2].at, utc("2026-10-25T01:00:00"));
    ck_assert_int_eq(window.parts[1].zone->count, 1);
    ck_assert_int_eq(window.parts[1].zone->shifts[0].offset, 0);
}
END_TEST

UNIT("window", it_opens_by_the_clock_on_the_wall, now_it_is_open_or_says_when,
     what_is_no_window_is_refused, a_zone_that_does_not_exist_is_refused,
     zones_are_what_this_machine_knows_of_them)
