#include "core/files/version.h"

#include <string.h>

#include "base/buf.h"
#include "base/nearest.h"

enum
{
    DATE_DIGITS = 14,     /* YYYYMMDDHHMMSS */
    PREFIX_DIGITS = 4,    /* the least that may stand for a longer version */
    PREFIX_OF_DIGITS = 8, /* and the least that a version so found has */
    CANDIDATES_SHOWN = 5
};

static const char digits[] = "0123456789";

bool
version_valid(const char *text)
{
    return text[0] != '\0' && text[strspn(text, digits)] == '\0';
}

static bool
looks_like_a_date(const char *version)
{
    size_t length = strlen(version);

    return (length == 8 || length == 12 || length == DATE_DIGITS) &&
           (strncmp(version, "19", 2) == 0 || strncmp(version, "20", 2) == 0);
}

/* The number of digits stands before them, so that strcmp orders as numbers do. */
char *
version_sort_key(Mem *mem, const char *version)
{
    const char *first = version + strspn(version, "0");
    int length = (int)strlen(first);
    int padding = looks_like_a_date(version) ? DATE_DIGITS - length : 0;

    return mem_text(mem, "%05d.%s%.*s", length + padding, first, padding,
                    "00000000000000");
}

int
version_compare(const char *a, const char *b)
{
    MEM_SCOPE(scope, NULL);

    return strcmp(version_sort_key(scope, a), version_sort_key(scope, b));
}

static const Migration *
find_exact(const Migrations *migrations, const char *typed)
{
    MEM_SCOPE(scope, NULL);
    const char *key = version_valid(typed) ? version_sort_key(scope, typed) : "";

    for (int i = 0; i < migrations->count; i++)
    {
        const Migration *migration = &migrations->items[i];

        if (strcmp(typed, migration->version) == 0 ||
            strcmp(key, migration->sort_key) == 0 ||
            strcmp(typed, migration->label) == 0 || strcmp(typed, migration->file) == 0)
            return migration;
    }
    return NULL;
}

/* A beginning may stand only for a long version: `1` must never mean 10. */
static bool
is_beginning_of(const char *typed, const Migration *migration)
{
    return version_valid(typed) && strlen(typed) >= PREFIX_DIGITS &&
           strlen(migration->version) >= PREFIX_OF_DIGITS &&
           strncmp(typed, migration->version, strlen(typed)) == 0;
}

static bool
ambiguous(const Migrations *migrations, const char *typed, int matches, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Buf names = buf_begin(scope);
    int shown = 0;

    for (int i = 0; i < migrations->count && shown < CANDIDATES_SHOWN; i++)
    {
        if (!is_beginning_of(typed, &migrations->items[i]))
            continue;
        buf_format(&names, "%s%s", shown == 0 ? "" : ", ", migrations->items[i].label);
        shown++;
    }
    if (matches > shown)
        buf_format(&names, " and %d more", matches - shown);
    return err_set(err, ERR_USAGE, "\"%s\" may mean any of %d migrations: %s", typed,
                   matches, names.text);
}

static bool
unknown(const Migrations *migrations, const char *typed, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const char **names = mem_array(scope, const char *, 2 * migrations->count);

    for (int i = 0; i < migrations->count; i++)
    {
        names[2 * i] = migrations->items[i].version;
        names[2 * i + 1] = migrations->items[i].label;
    }
    const char *nearest = nearest_name(typed, names, 2 * migrations->count);

    err_set(err, ERR_USAGE, "no migration has the version \"%s\"", typed);
    if (nearest != NULL && strlen(typed) >= PREFIX_DIGITS)
        err_hint(err, "Did you mean %s?", nearest);
    return false;
}

bool
version_find(const Migrations *migrations, const char *typed, const Migration **found,
             Err *err)
{
    int matches = 0;

    *found = find_exact(migrations, typed);
    if (*found != NULL)
        return true;
    for (int i = 0; i < migrations->count; i++)
    {
        if (!is_beginning_of(typed, &migrations->items[i]))
            continue;
        *found = &migrations->items[i];
        matches++;
    }
    if (matches == 1)
        return true;
    *found = NULL;
    return matches > 1 ? ambiguous(migrations, typed, matches, err)
                       : unknown(migrations, typed, err);
}
