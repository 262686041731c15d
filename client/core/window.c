#include "core/window.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUR 3600LL
#define DAY 86400LL

/* Looked at around a moment: every window opens within a week, whatever clocks do. */
#define BEFORE_DAYS 2
#define AHEAD_DAYS 9

static const char *const day_names[] = {"sun", "mon", "tue", "wed",
                                        "thu", "fri", "sat"};

/* --- reading --------------------------------------------------------------------- */

static bool
window_refuse(const char *text, const char *why, Err *err)
{
    err_set(err, ERR_USAGE, "window \"%s\": %s", text, why);
    return err_hint(err, "A window is DAYS HH:MM-HH:MM ZONE, several joined by \";\": "
                         "\"sat,sun 02:00-05:00 Europe/Berlin\".");
}

static int
day_read(const char *text)
{
    for (int i = 0; i < LENGTH(day_names); i++)
        if (strncasecmp(text, day_names[i], 3) == 0)
            return i;
    return -1;
}

/* "sat,sun", "mon-fri", "fri-mon", "daily" */
static bool
days_read(const char *text, unsigned *days)
{
    *days = 0;
    if (strcasecmp(text, "daily") == 0)
    {
        *days = 0x7f;
        return true;
    }
    for (;; text++)
    {
        int first = day_read(text);
        int last = first;

        if (first < 0)
            return false;
        text += 3;
        if (*text == '-')
        {
            last = day_read(text + 1);
            text += 4;
        }
        if (last < 0)
            return false;
        for (int day = first;; day = (day + 1) % 7)
        {
            *days |= 1U << day;
            if (day == last)
                break;
        }
        if (*text != ',')
            return *text == '\0';
    }
}

static bool
clock_read(const char *text, int64_t *seconds)
{
    for (int i = 0; i < 5; i++)
        if (i == 2 ? text[i] != ':' : !isdigit((unsigned char)text[i]))
            return false;

    int64_t hours = (text[0] - '0') * 10 + (text[1] - '0');
    int64_t minutes = (text[3] - '0') * 10 + (text[4] - '0');

    *seconds = hours * HOUR + minutes * 60;
    return minutes < 60 && *seconds <= DAY;
}

static bool
hours_read(const char *text, WindowPart *part)
{
    return strlen(text) == 11 && text[5] == '-' && clock_read(text, &part->from) &&
           clock_read(text + 6, &part->to) && part->from < DAY;
}

static bool
part_read(Mem *mem, const char *text, WindowPart *part, Err *err)
{
    char days[64] = "";
    char hours[32] = "";
    char zone[64] = "";
    char more[8] = "";
    int count = sscanf(text, " %63s %31s %63s %7s", days, hours, zone, more);

    if (!days_read(days, &part->days))
        return window_refuse(text,
                             "days are sun, mon, tue, wed, thu, fri, sat, "
                             "mon-fri or daily",
                             err);
    if (!hours_read(hours, part))
        return window_refuse(text, "hours are HH:MM-HH:MM, up to 24:00", err);
    if (part->from == part->to)
        return window_refuse(text,
                             "it closes when it opens (a whole day is "
                             "00:00-24:00)",
                             err);
    if (count < 3)
        return window_refuse(text, "its time zone is missing", err);
    if (count > 3)
        return window_refuse(text, "there is more behind its time zone", err);
    if (part->to < part->from)
        part->to += DAY;
    part->zone_name = mem_copy(mem, zone);
    return true;
}

bool
window_read(Mem *mem, const char *text, Window *window, Err *err)
{
    LIST(WindowPart) parts = {0};

    for (const char *at = text;;)
    {
        size_t length = strcspn(at, ";");
        const char *part = mem_slice(mem, at, length);

        part += strspn(part, " \t\n");
        if (!part_read(mem, part, list_add(mem, &parts), err))
            return false;
        if (at[length] == '\0')
            break;
        at += length + 1;
    }
    *window = (Window){
        .text = mem_copy(mem, text), .parts = parts.items, .count = parts.count};
    return true;
}

/* --- local time ------------------------------------------------------------------ */

static int64_t
zone_offset(const Zone *zone, int64_t at)
{
    int i = zone->count - 1;

    while (i > 0 && zone->shifts[i].at > at)
        i--;
    return zone->shifts[i].offset;
}

static int64_t
floor_day(int64_t seconds)
{
    return (seconds >= 0 ? seconds : seconds - DAY + 1) / DAY;
}

/* A time that clocks skip is the one that many seconds later; 0: it is not skipped. */
static int64_t
zone_gap(const Zone *zone, int64_t local, bool at_its_start)
{
    for (int i = 1; i < zone->count; i++)
    {
        int64_t gap = zone->shifts[i].offset - zone->shifts[i - 1].offset;
        int64_t begins = zone->shifts[i].at + zone->shifts[i - 1].offset;

        if (gap > 0 && local < begins + gap &&
            (local > begins || (local == begins && at_its_start)))
            return gap;
    }
    return 0;
}

/* --- openings -------------------------------------------------------------------- */

typedef struct Gathering
{
    Mem *mem;
    const WindowPart *part;
    int64_t after;
    int64_t before;
    LIST(Opening) found;
} Gathering;

static void
gathering_add(Gathering *gathering, int64_t opens, int64_t closes)
{
    if (opens >= closes || closes <= gathering->after || opens >= gathering->before)
        return;
    *list_add(gathering->mem, &gathering->found) =
        (Opening){.opens = opens, .closes = closes, .part = gathering->part};
}

/*
 * From `from` to `to` by the clock on the wall: in every stretch of time that the clock
 * runs evenly, what it shows then. So an hour shown twice is open twice.
 */
static void
gather_local(Gathering *gathering, int64_t from, int64_t to)
{
    const Zone *zone = gathering->part->zone;
    int64_t opens = from + zone_gap(zone, from, true);
    int64_t closes = to + zone_gap(zone, to, false);

    if (closes <= opens) /* all of it was skipped: it keeps its length */
        closes = opens + (to - from);
    for (int i = 0; i < zone->count; i++)
    {
        const ZoneShift *shift = &zone->shifts[i];
        int64_t begins = i == 0 ? INT64_MIN : shift->at;
        int64_t ends = i + 1 == zone->count ? INT64_MAX : shift[1].at;
        int64_t first = opens - shift->offset;
        int64_t last = closes - shift->offset;

        gathering_add(gathering, first > begins ? first : begins,
                      last < ends ? last : ends);
    }
}

static void
gather_part(Gathering *gathering)
{
    const WindowPart *part = gathering->part;
    int64_t first =
        floor_day(gathering->after + zone_offset(part->zone, gathering->after));
    int64_t last =
        floor_day(gathering->before + zone_offset(part->zone, gathering->before));

    for (int64_t day = first - BEFORE_DAYS; day <= last + 1; day++)
        if (part->days & 1U << ((day % 7 + 7 + 4) % 7)) /* 1970 began on a Thursday */
            gather_local(gathering, day * DAY + part->from, day * DAY + part->to);
}

static int
opening_order(const void *left, const void *right)
{
    const Opening *a = left;
    const Opening *b = right;

    return a->opens != b->opens ? (a->opens > b->opens) - (a->opens < b->opens)
                                : (a->closes > b->closes) - (a->closes < b->closes);
}

Openings
window_openings(Mem *mem, const Window *window, int64_t now, int64_t until)
{
    Gathering gathering = {.mem = mem, .after = now, .before = until};
    Openings openings = {0};

    for (int i = 0; i < window->count; i++)
    {
        gathering.part = &window->parts[i];
        gather_part(&gathering);
    }
    if (gathering.found.count == 0)
        return openings;
    openings.items = gathering.found.items;
    qsort(openings.items, (size_t)gathering.found.count, sizeof(Opening),
          opening_order);
    for (int i = 0; i < gathering.found.count; i++)
    {
        Opening *last =
            openings.count == 0 ? NULL : &openings.items[openings.count - 1];
        Opening next = openings.items[i];

        if (last == NULL || next.opens > last->closes)
            openings.items[openings.count++] = next;
        else if (next.closes > last->closes)
            last->closes = next.closes;
    }
    return openings;
}

WindowNow
window_now(const Window *window, int64_t now)
{
    MEM_SCOPE(scope, NULL);
    Openings openings = window_openings(scope, window, now, now + AHEAD_DAYS * DAY);
    const Opening *first = &openings.items[0];
    bool open = first->opens <= now;

    return (WindowNow){.open = open,
                       .until = open ? first->closes : first->opens,
                       .part = first->part};
}

/* --- shown ----------------------------------------------------------------------- */

/* The civil date of a day since 1970, by eras of 400 years that begin in March. */
static void
date_of(int64_t day, int64_t *year, int64_t *month, int64_t *date)
{
    int64_t shifted = day + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t of_era = shifted - era * 146097;
    int64_t year_of_era =
        (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year =
        of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * of_year + 2) / 153;

    *date = of_year - (153 * march_month + 2) / 5 + 1;
    *month = march_month < 10 ? march_month + 3 : march_month - 9;
    *year = year_of_era + era * 400 + (*month <= 2);
}

char *
window_time(Mem *mem, const Zone *zone, int64_t at)
{
    int64_t local = at + zone_offset(zone, at);
    int64_t day = floor_day(local);
    int64_t second = local - day * DAY;

    return mem_text(mem, "%s %02d:%02d", day_names[(day % 7 + 7 + 4) % 7],
                    (int)(second / HOUR), (int)(second % HOUR / 60));
}

char *
window_date(Mem *mem, const Zone *zone, int64_t at)
{
    MEM_SCOPE(scope, mem);
    const char *time = window_time(scope, zone, at);
    int64_t year, month, date;

    date_of(floor_day(at + zone_offset(zone, at)), &year, &month, &date);
    return mem_text(mem, "%.3s %04d-%02d-%02d %s", time, (int)year, (int)month,
                    (int)date, time + 4);
}
