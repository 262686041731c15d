#include "core/config/target_x.h"

#include <string.h>

#include "base/nearest.h"

/* Whom a row is about: engines as in Target, several of them apart by a blank. */
#define EVERYWHERE "postgres mysql sqlite3 cockroach"

typedef struct Habit
{
    const char *name;
    const char *engines;
    const char *usual;   /* what says nothing; NULL: whatever it says */
    const char *instead; /* what holds; NULL: it is honoured, or holds anyway */
} Habit;

#define GRAMMAR                                                                        \
    "where a statement ends is told by the server's grammar, and only one that "       \
    "refuses a transaction runs outside of it"
#define BY_A_TABLE                                                                     \
    "a golang-migrate that locks by that table does not see that pgstride is at "      \
    "work: let none run meanwhile"

/* clang-format off */
static const Habit habits[] = {
    {"x-migrations-table",         EVERYWHERE,           NULL,       NULL},
    {"x-migrations-table-quoted",  "postgres cockroach", NULL,       NULL},
    {"x-no-tx-wrap",               "sqlite3",            NULL,       NULL},
    {"x-tls-ca",                   "mysql",              NULL,       NULL},
    {"x-tls-cert",                 "mysql",              NULL,       NULL},
    {"x-tls-key",                  "mysql",              NULL,       NULL},
    {"x-tls-insecure-skip-verify", "mysql",              NULL,       NULL},
    {"x-use-transaction",          "postgres",           NULL,       NULL}, /* a file and its row are one */
    {"x-transaction-lock",         "postgres",           NULL,       NULL}, /* the same key */
    {"x-statement-timeout",        "postgres",           "0",        "a statement may take as long as it needs; --max-stall says how long others may wait for it"},
    {"x-statement-timeout",        "mysql",              "0",        "a statement may take as long as it needs"},
    {"x-multi-statement",          "postgres",           "false",    GRAMMAR},
    {"x-multi-statement",          "mysql",              NULL,       NULL}, /* always so */
    {"x-multi-statement-max-size", "postgres",           NULL,       "a statement may be as long as its file"},
    {"x-lock-strategy",            "postgres",           "advisory", BY_A_TABLE},
    {"x-lock-table",               "postgres",           NULL,       NULL}, /* of that strategy */
    {"x-lock-table",               "cockroach",          "schema_lock", BY_A_TABLE},
    {"x-force-lock",               "cockroach",          "false",    "a lock that somebody left behind is named, and waited for"},
    {"x-max-retries",              "cockroach",          NULL,       NULL}, /* what can be tried again is */
    {"x-max-retry-interval",       "cockroach",          NULL,       NULL},
    {"x-max-retry-elapsed-time",   "cockroach",          NULL,       NULL},
    {"x-no-lock",                  "mysql",              "false",    "pgstride takes golang-migrate's lock all the same"},
    {"x-try-lock-timeout",         "mysql",              NULL,       "--wait says how long its lock is waited for"},
};
/* clang-format on */

bool
truth_read(const char *text, bool *said)
{
    static const char *const words[] = {"0", "f", "F", "false", "FALSE", "False",
                                        "1", "t", "T", "true",  "TRUE",  "True"};

    for (int i = 0; i < LENGTH(words); i++)
        if (strcmp(words[i], text) == 0)
        {
            *said = i >= LENGTH(words) / 2;
            return true;
        }
    return false;
}

/* --- what is not honoured -------------------------------------------------------- */

static void
note_add(Mem *mem, Target *target, const char *note)
{
    const char **notes = mem_array(mem, const char *, target->note_count + 1);

    for (int i = 0; i < target->note_count; i++)
        notes[i] = target->notes[i];
    notes[target->note_count++] = note;
    target->notes = notes;
}

static bool
names_engine(const Habit *habit, const char *engine)
{
    return strstr(habit->engines, engine) != NULL;
}

static const Habit *
habit_of(const char *name, const char *engine)
{
    for (int i = 0; i < LENGTH(habits); i++)
        if (strcmp(habits[i].name, name) == 0 && names_engine(&habits[i], engine))
            return &habits[i];
    return NULL;
}

/* "false" may be spelled in six ways. */
static bool
says_nothing(const Habit *habit, const char *value)
{
    bool said = true;

    if (habit->usual == NULL)
        return false;
    return strcmp(habit->usual, value) == 0 ||
           (strcmp(habit->usual, "false") == 0 && truth_read(value, &said) && !said);
}

static void
stranger_tell(Mem *mem, const char *name, Target *target)
{
    const char *names[LENGTH(habits)];
    int count = 0;

    for (int i = 0; i < LENGTH(habits); i++)
        if (names_engine(&habits[i], target->engine))
            names[count++] = habits[i].name;

    const char *meant = nearest_name(name, names, count);

    note_add(mem, target,
             mem_text(mem,
                      "\"%s\" of the address is not known here and changes "
                      "nothing%s%s%s",
                      name, meant == NULL ? "" : ": did you mean \"",
                      meant == NULL ? "" : meant, meant == NULL ? "" : "\"?"));
}

static void
habit_tell(Mem *mem, const Parameter *given, Target *target)
{
    const Habit *habit = habit_of(given->name, target->engine);

    if (habit == NULL)
        stranger_tell(mem, given->name, target);
    else if (habit->instead != NULL && !says_nothing(habit, given->value))
        note_add(mem, target,
                 mem_text(mem, "\"%s\" of the address is not honoured: %s", given->name,
                          habit->instead));
}

/* --- what is --------------------------------------------------------------------- */

static bool
truth_of(const Parameters *given, const char *name, bool *said, Err *err)
{
    const char *value = parameter_value(given, name);

    *said = false;
    return value == NULL || value[0] == '\0' || truth_read(value, said) ||
           err_set(err, ERR_USAGE, "\"%s\" of the address is neither true nor false",
                   name);
}

/* "name" or "schema"."name", as golang-migrate tells them apart: by quotes alone. */
static bool
quoted_read(Mem *mem, const char *text, Target *target, Err *err)
{
    const char *parts[2] = {NULL, NULL};
    int count = 0;

    for (const char *at = strchr(text, '"'); at != NULL; at = strchr(at + 1, '"'))
    {
        size_t length = strcspn(at + 1, "\"");

        if (at[1 + length] == '\0')
            break;
        if (count < LENGTH(parts))
            parts[count] = mem_slice(mem, at + 1, length);
        count++;
        at += 1 + length;
    }
    if (text[0] != '"' || text[strlen(text) - 1] != '"' || count < 1 || count > 2)
        return err_set(err, ERR_USAGE,
                       "x-migrations-table must be quoted (for instance "
                       "\"migrate\".\"schema_migrations\") when "
                       "x-migrations-table-quoted is enabled");
    target->history_schema = count == 2 ? parts[0] : NULL;
    target->history_table = parts[count - 1];
    return true;
}

bool
target_x_read(Mem *mem, const Parameters *given, Target *target, Err *err)
{
    const char *table = parameter_value(given, "x-migrations-table");
    bool quoted = false;

    for (int i = 0; i < given->count; i++)
        if (strncmp(given->items[i].name, "x-", 2) == 0)
            habit_tell(mem, &given->items[i], target);
    if (!truth_of(given, "x-no-tx-wrap", &target->unwrapped, err) ||
        !truth_of(given, "x-migrations-table-quoted", &quoted, err))
        return false;
    if (table == NULL || table[0] == '\0')
        return true;
    if (quoted && habit_of("x-migrations-table-quoted", target->engine) != NULL)
        return quoted_read(mem, table, target, err);
    target->history_table = mem_copy(mem, table);
    return true;
}
