#include "run/hold/zones.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DAY 86400LL
#define PROBE (DAY / 2)
#define DAYS_BEFORE 10
#define DAYS_AFTER 400

static const char zone_folder[] = "/usr/share/zoneinfo";

/* --- is there such a zone? ------------------------------------------------------- */

static const char *
folder_of_zones(void)
{
    const char *folder = getenv("TZDIR");

    return folder != NULL && folder[0] != '\0' ? folder : zone_folder;
}

/* Letters as in Etc/GMT+3; nothing that leads out of the folder, no leap seconds. */
static bool
name_is_plain(const char *name)
{
    return name[0] != '/' && strstr(name, "..") == NULL &&
           strncmp(name, "right/", 6) != 0 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                        "0123456789_+-/") == strlen(name);
}

static bool
file_is_zone(const char *path)
{
    char magic[4] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, magic, sizeof(magic));

    if (fd >= 0)
        close(fd);
    return got == (ssize_t)sizeof(magic) && memcmp(magic, "TZif", 4) == 0;
}

static bool
zone_check(const char *name, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const char *folder = folder_of_zones();

    if (strcmp(name, "UTC") == 0 ||
        (name_is_plain(name) && file_is_zone(mem_text(scope, "%s/%s", folder, name))))
        return true;
    err_set(err, ERR_USAGE, "there is no time zone \"%s\"", name);
    if (access(folder, R_OK) != 0)
        return err_hint(err,
                        "This machine knows UTC alone: install the package tzdata.");
    return err_hint(err,
                    "It is a name such as Europe/Berlin or UTC: one of the files "
                    "below %s.",
                    folder);
}

/* --- what its clocks do ---------------------------------------------------------- */

static int64_t
offset_at(int64_t at)
{
    time_t moment = (time_t)at;
    struct tm local = {0};

    localtime_r(&moment, &local);
    return local.tm_gmtoff;
}

/* The first second of (from, to] that has another offset than `from`. */
static int64_t
shift_between(int64_t from, int64_t to)
{
    int64_t before = offset_at(from);

    while (to - from > 1)
    {
        int64_t middle = from + (to - from) / 2;

        if (offset_at(middle) == before)
            from = middle;
        else
            to = middle;
    }
    return to;
}

static void
zone_probe(Mem *mem, Zone *zone, int64_t now)
{
    LIST(ZoneShift) shifts = {0};
    int64_t at = now - DAYS_BEFORE * DAY;

    *list_add(mem, &shifts) = (ZoneShift){at, offset_at(at)};
    for (; at < now + DAYS_AFTER * DAY; at += PROBE)
    {
        if (offset_at(at) == offset_at(at + PROBE))
            continue;

        int64_t shift = shift_between(at, at + PROBE);

        *list_add(mem, &shifts) = (ZoneShift){shift, offset_at(shift)};
    }
    zone->shifts = shifts.items;
    zone->count = shifts.count;
}

/* libc knows one zone at a time, the process's: it is borrowed and given back. */
static const Zone *
zone_load(Mem *mem, const char *name, int64_t now)
{
    MEM_SCOPE(scope, mem);
    Zone *zone = mem_new(mem, Zone);
    const char *was = mem_copy(scope, getenv("TZ"));

    zone->name = mem_copy(mem, name);
    setenv("TZ", strcmp(name, "UTC") == 0 ? "UTC0" : mem_text(scope, ":%s", name), 1);
    tzset();
    zone_probe(mem, zone, now);
    if (was == NULL)
        unsetenv("TZ");
    else
        setenv("TZ", was, 1);
    tzset();
    return zone;
}

bool
window_zones(Mem *mem, Window *window, int64_t now, Err *err)
{
    for (int i = 0; i < window->count; i++)
    {
        WindowPart *part = &window->parts[i];

        if (!zone_check(part->zone_name, err))
            return err_in(err, "window \"%s\"", window->text);
        part->zone = zone_load(mem, part->zone_name, now);
    }
    return true;
}
