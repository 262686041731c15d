#include "cli/given.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/nearest.h"
#include "base/units.h"
#include "core/locks/on_blocker.h"
#include "run/folder/locations.h"

static bool
value_refuse(const Given *given, const char *wanted, Err *err)
{
    const char *name = given->option->name;
    const char *shown = word_shown(given->value);

    if (given->file != NULL)
        return err_at(err, ERR_USAGE, given->file, given->line,
                      "\"%s\" takes %s, not \"%s\"", name, wanted, shown);
    err_set(err, ERR_USAGE, "--%s takes %s, not \"%s\"", name, wanted, shown);
    if (given->env != NULL)
        err_in(err, "in the environment variable %s", given->env);
    return false;
}

static bool
choice_read(const Given *given, int *index, Err *err)
{
    const char *const *choices = given->option->choices;
    int count = 0;

    for (; choices[count] != NULL; count++)
        if (strcasecmp(choices[count], given->value) == 0)
        {
            *index = count;
            return true;
        }

    const char *meant = nearest_name(given->value, choices, count);

    value_refuse(given, given->option->help, err);
    if (meant != NULL)
        err_hint(err, "Did you mean \"%s\"?", meant);
    return false;
}

static bool
count_read(const char *value, int *count)
{
    char *end;
    long number = strtol(value, &end, 10);

    *count = (int)number;
    return end != value && *end == '\0' && number >= 1 && number <= 1000000;
}

/* "10" or "10%" */
static bool
percent_read(const char *value, int *percent)
{
    char *end;
    long number = strtol(value, &end, 10);

    *percent = (int)number;
    return end != value && strcmp(end, *end == '%' ? "%" : "") == 0 && number >= 1 &&
           number <= 100;
}

static bool
flag_read(const char *value, bool *flag)
{
    *flag = strcmp(value, "true") == 0;
    return *flag || strcmp(value, "false") == 0;
}

const char *
path_beside(Mem *mem, const char *file, const char *path)
{
    const char *slash = file == NULL ? NULL : strrchr(file, '/');

    if (slash == NULL || path[0] == '/')
        return mem_copy(mem, path);
    return mem_text(mem, "%.*s/%s", (int)(slash - file), file, path);
}

/* Of a pattern the part before it. */
static bool
folder_is_here(const char *folder)
{
    MEM_SCOPE(scope, NULL);
    size_t plain = location_plain(folder);

    return plain == 0 || is_folder(mem_slice(scope, folder, plain));
}

const char *
folders_beside(Mem *mem, const char *file, const char *folders, bool here)
{
    static const char prefix[] = "filesystem:";
    Buf beside = buf_begin(mem);

    for (const char *at = folders;; at++)
    {
        size_t length = strcspn(at, ",");
        char *folder = mem_slice(mem, at, length);

        folder += strspn(folder, " \t");
        if (strncmp(folder, prefix, LENGTH(prefix) - 1) == 0)
            folder += LENGTH(prefix) - 1;

        bool stays = strchr(folder, ':') != NULL || (here && folder_is_here(folder));

        buf_format(&beside, "%s%s", at == folders ? "" : ",",
                   stays ? folder : path_beside(mem, file, folder));
        at += length;
        if (*at == '\0')
            return beside.text;
    }
}

bool
given_set(Mem *mem, const Given *given, Options *options, Err *err)
{
    const Option *option = given->option;
    const char *value = given->value;
    void *place = (char *)options + option->offset;

    switch (option->type)
    {
    case OPTION_FLAG:
        return flag_read(value, place) || value_refuse(given, "true or false", err);
    case OPTION_TALLY:
        ++*(int *)place;
        return true;
    case OPTION_COUNT:
        return count_read(value, place) ||
               value_refuse(given, "a number of at least 1", err);
    case OPTION_PERCENT:
        return percent_read(value, place) ||
               value_refuse(given, "a share of the time, from 1 to 100 percent", err);
    case OPTION_TEXT:
        *(const char **)place = mem_copy(mem, value);
        return true;
    case OPTION_PATH:
        *(const char **)place = path_beside(mem, given->file, value);
        return true;
    case OPTION_FOLDERS:
        *(const char **)place = folders_beside(mem, given->file, value, given->foreign);
        return true;
    case OPTION_LIST:
        *list_add(mem, (Texts *)place) = mem_copy(mem, value);
        return true;
    case OPTION_DURATION:
    case OPTION_PATIENCE:
        return duration_read(value, place) ||
               value_refuse(given, "a time such as 100ms, 5s or 10min", err);
    case OPTION_SIZE:
        return size_read(value, place) ||
               value_refuse(given, "a size such as 64MB or 10GB", err);
    case OPTION_BLOCKER:
        return on_blocker_read(value, place) ||
               value_refuse(
                   given, "wait, cancel-idle:TIME or terminate-idle:TIME (1s or more)",
                   err);
    case OPTION_CHOICE:
        return choice_read(given, place, err);
    }
    return err_set(err, ERR_INTERNAL, "--%s has no type", option->name);
}
