#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/units.h"
#include "cli/commands.h"

static const char *const through_choices[] = {"expand", "backfill", "contract", NULL};
static const char *const safe_choices[] = {"rewrite", "warn", "off", NULL};
static const char *const wait_choices[] = {"migrations", "db", NULL};
static const char *const state_choices[] = {"pending", "expanded", "backfilled",
                                            "contracted", NULL};
static const char *const format_choices[] = {"text", "table", "json", "json-pretty",
                                             NULL};
static const char *const level_choices[] = {"TRACE", "DEBUG", "INFO",
                                            "WARN",  "ERROR", NULL};

#define AT(member) offsetof(Options, member)

/* clang-format off */
const Option options_table[] = {
    {"database", 'd', OPTION_TEXT, AT(database), NULL, NULL, "URL", CMD_CONNECT,
     "where to connect: a URL, a keyword string, or a positional URL", NULL},
    {"read-from-env", 'e', OPTION_FLAG, AT(read_from_env), NULL, NULL, NULL, CMD_CONNECT,
     "take the URL from the environment and nowhere else", NULL},
    {"dir", 0, OPTION_TEXT, AT(dir), NULL, "PGSTRIDE_DIR", "DIR", CMD_CONNECT | CMD_NEW,
     "the folder of migrations (default: migrations, else db/migrations)", NULL},
    {"role", 0, OPTION_TEXT, AT(role), NULL, "PGSTRIDE_ROLE", "ROLE", CMD_WRITE | CMD_PLAN,
     "act as this role: what is made belongs to it", NULL},

    {"yes", 'y', OPTION_FLAG, AT(yes), NULL, NULL, NULL, CMD_WRITE,
     "do not ask", NULL},
    {"dry-run", 0, OPTION_FLAG, AT(dry_run), NULL, NULL, NULL, CMD_MOVE,
     "print what would be run, and run nothing", NULL},
    {"steps", 0, OPTION_COUNT, AT(steps), NULL, NULL, "N", CMD_UP | CMD_DOWN | CMD_PLAN,
     "only this many migrations (down: 1)", NULL},
    {"to", 0, OPTION_TEXT, AT(to), NULL, NULL, "VERSION", CMD_UP | CMD_PLAN,
     "up to this version and including it", NULL},
    {"through", 0, OPTION_CHOICE, AT(through), "backfill", NULL, "PHASE", CMD_UP | CMD_PLAN,
     "how far to go: expand, backfill or contract", through_choices},
    {"safe", 0, OPTION_CHOICE, AT(safe), "rewrite", "PGSTRIDE_SAFE", "MODE",
     CMD_UP | CMD_CONTRACT | CMD_PLAN,
     "what to do with hazardous statements: rewrite, warn or off", safe_choices},
    {"allow-overlap", 0, OPTION_FLAG, AT(allow_overlap), NULL, NULL, NULL, CMD_UP | CMD_PLAN,
     "also touch tables that an earlier migration has not contracted yet", NULL},
    {"out-of-order", 0, OPTION_FLAG, AT(out_of_order), NULL, NULL, NULL, CMD_UP | CMD_PLAN,
     "also run pending migrations older than the newest applied one", NULL},

    {"max-stall", 0, OPTION_DURATION, AT(max_stall), "100ms", "PGSTRIDE_MAX_STALL", "TIME",
     CMD_MOVE | CMD_PLAN,
     "the longest an application statement may wait because of us", NULL},
    {"lock-patience", 0, OPTION_DURATION, AT(lock_patience), "10min", "PGSTRIDE_LOCK_PATIENCE",
     "TIME", CMD_MOVE,
     "give up on a lock after this long, naming who holds it", NULL},
    {"batch-time", 0, OPTION_DURATION, AT(batch_time), "100ms", "PGSTRIDE_BATCH_TIME", "TIME",
     CMD_UP | CMD_PLAN,
     "how long one batch of a backfill should take", NULL},
    {"max-lag", 0, OPTION_DURATION, AT(max_lag), "1s", "PGSTRIDE_MAX_LAG", "TIME", CMD_UP,
     "rest while a replica is further behind than this", NULL},
    {"wait", 0, OPTION_PATIENCE, AT(wait), NULL, NULL, "[=TIME]", CMD_WRITE | CMD_STATUS,
     "how long to wait for another run (10min); status: until all is applied", NULL},
    {"block", 0, OPTION_PATIENCE, AT(wait), NULL, NULL, "[=TIME]", CMD_WRITE | CMD_STATUS,
     "the same as --wait", NULL},
    {"no-wait", 0, OPTION_FLAG, AT(no_wait), NULL, NULL, NULL, CMD_WRITE,
     "give up at once where another run is at work", NULL},

    {"exit-code", 0, OPTION_FLAG, AT(exit_code), NULL, NULL, NULL, CMD_STATUS,
     "exit with 8 when something is pending", NULL},
    {"for", 0, OPTION_CHOICE, AT(wait_for), "migrations", NULL, "WHAT", CMD_WAIT,
     "what to wait for: migrations, or db (until it answers)", wait_choices},
    {"timeout", 0, OPTION_DURATION, AT(timeout), "10min", NULL, "TIME", CMD_WAIT,
     "how long to wait", NULL},
    {"applied", 0, OPTION_FLAG, AT(applied), NULL, NULL, NULL, CMD_MARK,
     "record the versions as applied (the default)", NULL},
    {"pending", 0, OPTION_FLAG, AT(pending), NULL, NULL, NULL, CMD_MARK,
     "record the versions as pending", NULL},
    {"to-state", 0, OPTION_CHOICE, AT(to_state), "contracted", NULL, "STATE", CMD_MARK,
     "record them as pending, expanded, backfilled or contracted", state_choices},
    {"phases", 0, OPTION_FLAG, AT(phases), NULL, NULL, NULL, CMD_NEW,
     "with expand, backfill and contract instead of up", NULL},
    {"split", 0, OPTION_FLAG, AT(split), NULL, NULL, NULL, CMD_NEW,
     "one file for every section", NULL},
    {"up-only", 0, OPTION_FLAG, AT(up_only), NULL, NULL, NULL, CMD_NEW,
     "without a way back", NULL},

    {"format", 0, OPTION_CHOICE, AT(format), "text", "PGSTRIDE_FORMAT", "FORMAT", CMD_ALL,
     "text, table, json or json-pretty", format_choices},
    {"quiet", 'q', OPTION_FLAG, AT(quiet), NULL, NULL, NULL, CMD_ALL,
     "no progress, only results and errors", NULL},
    {"verbose", 'v', OPTION_TALLY, AT(verbose), NULL, NULL, NULL, CMD_ALL,
     "tell more; again: still more", NULL},
    {"log-level", 'l', OPTION_CHOICE, AT(log_level), "WARN", "PGSTRIDE_LOG_LEVEL", "LEVEL",
     CMD_ALL, "what is logged: TRACE, DEBUG, INFO, WARN or ERROR", level_choices},
    {"internal-log", 0, OPTION_FLAG, AT(internal_log), NULL, NULL, NULL, CMD_ALL,
     "also log what the client library of the database says", NULL},
    {"no-color", 0, OPTION_FLAG, AT(no_color), NULL, NULL, NULL, CMD_ALL,
     "no colours (also: NO_COLOR=1)", NULL},
    {"help", 'h', OPTION_FLAG, AT(help), NULL, NULL, NULL, CMD_ALL,
     "show this help", NULL},
    {"version", 'V', OPTION_FLAG, AT(version), NULL, NULL, NULL, CMD_ALL,
     "show the version", NULL},
#ifdef PGSTRIDE_FAULTS
    {"list-faults", 0, OPTION_FLAG, AT(list_faults), NULL, NULL, NULL, CMD_ALL, NULL, NULL},
#endif
};
/* clang-format on */

const int options_count = LENGTH(options_table);
_Static_assert(LENGTH(options_table) <= OPTION_MAX, "Options.flagged has a row each");

#define PATIENCE_UNSAID "10min"

const char *
word_shown(const char *word)
{
    return strstr(word, "://") != NULL || strchr(word, '=') != NULL
               ? "(a connection string)"
               : word;
}

static bool
value_refuse(const Option *option, const char *value, const char *wanted, Err *err)
{
    return err_set(err, ERR_USAGE, "--%s takes %s, not \"%s\"", option->name, wanted,
                   word_shown(value));
}

static bool
choice_read(const Option *option, const char *value, int *index, Err *err)
{
    int count = 0;

    for (; option->choices[count] != NULL; count++)
        if (strcasecmp(option->choices[count], value) == 0)
        {
            *index = count;
            return true;
        }

    const char *meant = nearest_name(value, option->choices, count);

    value_refuse(option, value, option->help, err);
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

static bool
flag_read(const char *value, bool *flag)
{
    *flag = strcmp(value, "true") == 0;
    return *flag || strcmp(value, "false") == 0;
}

/* One value into its place, whoever gave it. */
static bool
option_set(Mem *mem, const Option *option, const char *value, Options *options,
           Err *err)
{
    void *place = (char *)options + option->offset;

    switch (option->type)
    {
    case OPTION_FLAG:
        return flag_read(value, place) ||
               value_refuse(option, value, "true or false", err);
    case OPTION_TALLY:
        ++*(int *)place;
        return true;
    case OPTION_COUNT:
        return count_read(value, place) ||
               value_refuse(option, value, "a number of at least 1", err);
    case OPTION_TEXT:
        *(const char **)place = mem_copy(mem, value);
        return true;
    case OPTION_DURATION:
    case OPTION_PATIENCE:
        return duration_read(value, place) ||
               value_refuse(option, value, "a time such as 100ms, 5s or 10min", err);
    case OPTION_CHOICE:
        return choice_read(option, value, place, err);
    }
    return err_set(err, ERR_INTERNAL, "--%s has no type", option->name);
}

/* The value that a flag has when none is written behind it; NULL: it needs one. */
static const char *
option_unsaid(const Option *option)
{
    switch (option->type)
    {
    case OPTION_FLAG:
    case OPTION_TALLY:
        return "true";
    case OPTION_PATIENCE:
        return PATIENCE_UNSAID;
    default:
        return NULL;
    }
}

static const Option *
option_by_name(const char *name, size_t length)
{
    for (int i = 0; i < options_count; i++)
        if (strlen(options_table[i].name) == length &&
            strncmp(options_table[i].name, name, length) == 0)
            return &options_table[i];
    return NULL;
}

static const Option *
option_by_letter(char letter)
{
    for (int i = 0; i < options_count; i++)
        if (options_table[i].letter == letter)
            return &options_table[i];
    return NULL;
}

static bool
option_unknown(const char *name, size_t length, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const char *names[OPTION_MAX];
    const char *wrong = mem_slice(scope, name, length);

    for (int i = 0; i < options_count; i++)
        names[i] = options_table[i].name;

    const char *meant = nearest_name(wrong, names, options_count);

    err_set(err, ERR_USAGE, "unknown flag \"--%s\"", wrong);
    if (meant != NULL)
        err_hint(err, "Did you mean \"--%s\"?", meant);
    return false;
}

/* Where the reading of argv stands. */
typedef struct Reader
{
    Mem *mem;
    char *const *argv;
    int argc;
    int at;
    Options *options;
} Reader;

static bool
reader_take(Reader *reader, const Option *option, const char *value, Err *err)
{
    if (value == NULL)
        value = option_unsaid(option);
    if (value == NULL && reader->at + 1 < reader->argc)
        value = reader->argv[++reader->at];
    if (value == NULL)
        return err_set(err, ERR_USAGE, "--%s needs a value: %s", option->name,
                       option->metavar);
    reader->options->flagged[option - options_table] = true;
    return option_set(reader->mem, option, value, reader->options, err);
}

static bool
reader_long(Reader *reader, const char *flag, Err *err)
{
    size_t length = strcspn(flag, "=");
    const Option *option = option_by_name(flag, length);

    if (option == NULL)
        return option_unknown(flag, length, err);
    return reader_take(reader, option, flag[length] == '=' ? flag + length + 1 : NULL,
                       err);
}

/* -y, -vv, -ey, -dURL, -d=URL, -d URL */
static bool
reader_short(Reader *reader, const char *letters, Err *err)
{
    for (; *letters != '\0'; letters++)
    {
        const Option *option = option_by_letter(*letters);

        if (option == NULL)
            return err_set(err, ERR_USAGE, "unknown flag \"-%c\"", *letters) ||
                   err_hint(err, "\"pgstride help\" lists the flags.");
        if (option_unsaid(option) != NULL && letters[1] != '=')
        {
            if (!reader_take(reader, option, NULL, err))
                return false;
            continue;
        }
        letters += letters[1] == '=' ? 2 : 1;
        return reader_take(reader, option, *letters == '\0' ? NULL : letters, err);
    }
    return true;
}

/* "-1" is a version ("none"), a lone "-" a word; neither is a flag. */
static bool
is_flag(const char *argument)
{
    return argument[0] == '-' && argument[1] != '\0' &&
           !(argument[1] >= '0' && argument[1] <= '9');
}

static bool
reader_next(Reader *reader, bool flags_over, Err *err)
{
    const char *argument = reader->argv[reader->at];

    if (flags_over || !is_flag(argument))
    {
        reader->options->words[reader->options->word_count++] =
            mem_copy(reader->mem, argument);
        return true;
    }
    return argument[1] == '-' ? reader_long(reader, argument + 2, err)
                              : reader_short(reader, argument + 1, err);
}

static bool
options_defaults(Mem *mem, Options *options, Err *err)
{
    for (int i = 0; i < options_count; i++)
        if (options_table[i].fallback != NULL &&
            !option_set(mem, &options_table[i], options_table[i].fallback, options,
                        err))
            return false;
    return true;
}

static bool
options_environment(Mem *mem, Options *options, Err *err)
{
    for (int i = 0; i < options_count; i++)
    {
        const char *env = options_table[i].env;
        const char *value = env == NULL ? NULL : getenv(env);

        if (value != NULL && value[0] != '\0' &&
            !option_set(mem, &options_table[i], value, options, err))
            return err_in(err, "in the environment variable %s", env);
    }
    return true;
}

bool
options_read(Mem *mem, int argc, char *const *argv, Options *options, Err *err)
{
    Reader reader = {mem, argv, argc, 1, options};
    bool flags_over = false;
    bool good;

    memset(options, 0, sizeof(*options));
    options->words = mem_array(mem, const char *, argc + 1);
    good =
        options_defaults(mem, options, err) && options_environment(mem, options, err);
    for (; reader.at < argc; reader.at++)
    {
        Err later = {0};

        if (!flags_over && strcmp(argv[reader.at], "--") == 0)
            flags_over = true;
        else if (!reader_next(&reader, flags_over, good ? err : &later))
            good = false;
        err_clear(&later);
    }
    return good;
}

bool
option_given(const Options *options, const char *name)
{
    const Option *option = option_by_name(name, strlen(name));

    return option != NULL && options->flagged[option - options_table];
}

bool
options_apply_to(const Options *options, unsigned command, const char *command_name,
                 Err *err)
{
    for (int i = 0; i < options_count; i++)
        if (options->flagged[i] && (options_table[i].commands & command) == 0)
            return err_set(err, ERR_USAGE, "--%s does not apply to \"%s\"",
                           options_table[i].name, command_name) ||
                   err_hint(err, "\"pgstride help %s\" lists the flags that do.",
                            command_name);
    return true;
}

bool
options_json(const Options *options)
{
    return options->format == FORMAT_JSON || options->format == FORMAT_JSON_PRETTY;
}

LogLevel
options_log_level(const Options *options)
{
    int level = options->log_level - options->verbose;

    return level < LOG_LEVEL_TRACE ? LOG_LEVEL_TRACE : (LogLevel)level;
}
