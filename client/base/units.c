#include "base/units.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Unit
{
    const char *name;
    Millis millis;
} Unit;

static const Unit units[] = {
    {"d", 86400000}, {"h", 3600000}, {"min", 60000}, {"s", 1000}, {"ms", 1},
};

bool
duration_read(const char *text, Millis *millis)
{
    char *end;

    if (!isdigit((unsigned char)text[0]))
        return false;
    errno = 0;
    long long number = strtoll(text, &end, 10);

    for (int i = 0; i < LENGTH(units); i++)
        if (errno == 0 && strcmp(end, units[i].name) == 0)
            return !__builtin_mul_overflow((Millis)number, units[i].millis, millis);
    return false;
}

char *
duration_exact(Mem *mem, Millis millis)
{
    for (int i = 0; i < LENGTH(units); i++)
        if (millis != 0 && millis % units[i].millis == 0)
            return mem_text(mem, "%lld%s", (long long)(millis / units[i].millis),
                            units[i].name);
    return mem_text(mem, "%lldms", (long long)millis);
}

char *
duration_show(Mem *mem, double millis)
{
    long long seconds = (long long)(millis / 1000.0 + 0.5);

    if (millis < 10 && millis > 0)
        return mem_text(mem, "%.1f ms", millis);
    if (millis < 999.5)
        return mem_text(mem, "%.0f ms", millis);
    if (millis < 59950)
        return mem_text(mem, "%.1f s", millis / 1000.0);
    if (seconds < 3600)
        return mem_text(mem, "%lld min %02lld s", seconds / 60, seconds % 60);
    if (seconds < 86400)
        return mem_text(mem, "%lld h %02lld min", seconds / 3600, seconds / 60 % 60);
    return mem_text(mem, "%lld d %lld h", seconds / 86400, seconds / 3600 % 24);
}

static const char *const size_names[] = {"B", "kB", "MB", "GB", "TB"};

bool
size_read(const char *text, int64_t *bytes)
{
    int64_t factor = 1;
    char *end;

    if (!isdigit((unsigned char)text[0]))
        return false;
    errno = 0;
    long long number = strtoll(text, &end, 10);

    for (int i = 0; i < LENGTH(size_names); i++, factor *= 1024)
        if (errno == 0 && strcmp(end, size_names[i]) == 0)
            return !__builtin_mul_overflow((int64_t)number, factor, bytes);
    return false;
}

char *
size_exact(Mem *mem, int64_t bytes)
{
    int unit = 0;

    for (; bytes != 0 && bytes % 1024 == 0 && unit < LENGTH(size_names) - 1; unit++)
        bytes /= 1024;
    return mem_text(mem, "%lld%s", (long long)bytes, size_names[unit]);
}

char *
bytes_show(Mem *mem, int64_t bytes)
{
    static const char *const names[] = {"kB", "MB", "GB", "TB", "PB"};
    double amount = (double)bytes / 1024.0;
    int unit = 0;

    if (bytes < 1024)
        return mem_text(mem, "%lld bytes", (long long)bytes);
    while (amount >= 1000 && unit < LENGTH(names) - 1)
    {
        amount /= 1024.0;
        unit++;
    }
    return mem_text(mem, amount < 10 ? "%.1f %s" : "%.0f %s", amount, names[unit]);
}

char *
count_show(Mem *mem, int64_t count)
{
    char digits[32];
    int length = snprintf(digits, sizeof(digits), "%lld", (long long)llabs(count));
    char *text = mem_text(mem, "%s", count < 0 ? "-" : "");

    for (int i = 0; i < length; i++)
    {
        bool comma = i > 0 && (length - i) % 3 == 0;

        text = talloc_asprintf_append_buffer(text, "%s%c", comma ? "," : "", digits[i]);
    }
    return text;
}

char *
count_short(Mem *mem, int64_t count)
{
    if (count < 1000000)
        return count_show(mem, count);
    if (count < 1000000000)
        return mem_text(mem, "%.1f M", (double)count / 1e6);
    return mem_text(mem, "%.1f G", (double)count / 1e9);
}
