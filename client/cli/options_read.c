/* Values from four places into one Options: the weakest first, so that the last wins.
 */
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/units.h"
#include "core/on_blocker.h"
#include "run/config_file.h"

/* What a flag means that may stand without its value. */
#define PATIENCE_UNSAID "10min"

/* One value for one option, and who gave it. */
typedef struct Given
{
    const Option *option;
    const char *value;
    const char *env;  /* the variable it comes from, or NULL */
    const char *file; /* the file, or NULL */
    int line;
} Given;

typedef LIST(Given) Layer;

/* The first error is kept; what fails behind it goes to `later`. */
typedef struct Reading
{
    Mem *mem;
    Options *options;
    bool good;
    Err *err;
    Err later;
} Reading;

static Err *
reading_err(Reading *reading)
{
    return reading->good ? reading->err : &reading->later;
}

static void
reading_note(Reading *reading, bool good)
{
    reading->good = reading->good && good;
}

/* --- one value into its place ------------------------------------------------------
 */

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

static bool
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
    case OPTION_TEXT:
        *(const char **)place = mem_copy(mem, value);
        return true;
    case OPTION_PATH:
        *(const char **)place = path_beside(mem, given->file, value);
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

/* --- layers ------------------------------------------------------------------------
 */

/* A list that this layer gives replaces the one of the layers below it. */
static void
layer_clear_lists(const Layer *layer, Options *options)
{
    for (int i = 0; i < layer->count; i++)
        if (layer->items[i].option->type == OPTION_LIST)
            *(Texts *)((char *)options + layer->items[i].option->offset) = (Texts){0};
}

static void
layer_apply(Reading *reading, const Layer *layer)
{
    layer_clear_lists(layer, reading->options);
    for (int i = 0; i < layer->count; i++)
        reading_note(reading, given_set(reading->mem, &layer->items[i],
                                        reading->options, reading_err(reading)));
}

static void
layer_defaults(Mem *mem, Layer *layer)
{
    for (int i = 0; i < options_count; i++)
        if (options_table[i].fallback != NULL)
            *list_add(mem, layer) = (Given){.option = &options_table[i],
                                            .value = options_table[i].fallback};
}

static void
layer_environment(Mem *mem, Layer *layer)
{
    for (int i = 0; i < options_count; i++)
    {
        const char *env = options_table[i].env;
        const char *value = env == NULL ? NULL : getenv(env);

        if (value != NULL && value[0] != '\0')
            *list_add(mem, layer) =
                (Given){.option = &options_table[i], .value = value, .env = env};
    }
}

/* --- files -------------------------------------------------------------------------
 */

/* What says how this one call is made, and not how calls are made here. */
static const char *const typed_only[] = {"config", "help", "version", "read-from-env"};

bool
option_typed_only(const char *name)
{
    for (int i = 0; i < LENGTH(typed_only); i++)
        if (strcmp(typed_only[i], name) == 0)
            return true;
    return false;
}

static bool
setting_unknown(const Config *config, const ConfigSetting *setting, Err *err)
{
    const char *meant = option_nearest(setting->name);

    err_at(err, ERR_USAGE, config->file, setting->line,
           "there is no flag \"%s\" that \"pgstride:\" could set", setting->name);
    if (meant != NULL && !option_typed_only(meant))
        return err_hint(err, "Did you mean \"%s\"?", meant);
    return err_hint(err, "\"pgstride help config\" shows what a file may hold.");
}

static bool
setting_again(const Config *config, const ConfigSetting *setting)
{
    for (const ConfigSetting *other = config->settings.items; other < setting; other++)
        if (!other->foreign && strcmp(other->name, setting->name) == 0)
            return true;
    return false;
}

static bool
setting_take(Mem *mem, const Config *config, const ConfigSetting *setting, Layer *layer,
             Err *err)
{
    const Option *option = option_named(setting->name, strlen(setting->name));

    if (option == NULL || option->help == NULL || option_typed_only(setting->name))
        return setting_unknown(config, setting, err);
    if (option->type != OPTION_LIST && setting_again(config, setting))
        return err_at(err, ERR_USAGE, config->file, setting->line,
                      "\"%s\" takes one value, not several", setting->name);
    *list_add(mem, layer) = (Given){.option = option,
                                    .value = setting->value,
                                    .file = config->file,
                                    .line = setting->line};
    return true;
}

/* A file is a layer of its own: the later one wins. */
static void
read_file(Reading *reading, const char *path)
{
    Mem *mem = reading->mem;
    Config *config = list_add(mem, &reading->options->configs);
    Layer layer = {0};

    reading_note(reading, config_file_read(mem, path, config, reading_err(reading)));
    for (int i = 0; i < config->settings.count; i++)
        reading_note(reading, setting_take(mem, config, &config->settings.items[i],
                                           &layer, reading_err(reading)));
    layer_apply(reading, &layer);
}

/* Who asks for help gets it, whatever is wrong with a file. */
static void
read_files(Reading *reading, const Layer *environment, const Layer *typed)
{
    Options named = {0};
    Reading naming = {.mem = reading->mem, .options = &named, .good = true};

    naming.err = &naming.later;
    layer_apply(&naming, environment);
    layer_apply(&naming, typed);
    err_clear(&naming.later);
    for (int i = 0; i < named.config.count && !named.help && !named.version; i++)
        read_file(reading, named.config.items[i]);
}

/* --- the command line --------------------------------------------------------------
 */

/* Where the reading of argv stands. */
typedef struct Words
{
    Mem *mem;
    char *const *argv;
    int argc;
    int at;
    Options *options;
    Layer *layer;
} Words;

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

static bool
words_take(Words *words, const Option *option, const char *value, Err *err)
{
    if (value == NULL)
        value = option_unsaid(option);
    if (value == NULL && words->at + 1 < words->argc)
        value = words->argv[++words->at];
    if (value == NULL)
        return err_set(err, ERR_USAGE, "--%s needs a value: %s", option->name,
                       option->metavar);
    words->options->flagged[option - options_table] = true;
    *list_add(words->mem, words->layer) = (Given){.option = option, .value = value};
    return true;
}

static bool
words_long(Words *words, const char *flag, Err *err)
{
    size_t length = strcspn(flag, "=");
    const Option *option = option_named(flag, length);

    if (option != NULL)
        return words_take(words, option, flag[length] == '=' ? flag + length + 1 : NULL,
                          err);

    const char *wrong = mem_slice(words->mem, flag, length);
    const char *meant = option_nearest(wrong);

    err_set(err, ERR_USAGE, "unknown flag \"--%s\"", wrong);
    return meant != NULL && err_hint(err, "Did you mean \"--%s\"?", meant);
}

/* -y, -vv, -ey, -dURL, -d=URL, -d URL */
static bool
words_short(Words *words, const char *letters, Err *err)
{
    for (; *letters != '\0'; letters++)
    {
        const Option *option = option_lettered(*letters);

        if (option == NULL)
            return err_set(err, ERR_USAGE, "unknown flag \"-%c\"", *letters) ||
                   err_hint(err, "\"pgstride help\" lists the flags.");
        if (option_unsaid(option) != NULL && letters[1] != '=')
        {
            if (!words_take(words, option, NULL, err))
                return false;
            continue;
        }
        letters += letters[1] == '=' ? 2 : 1;
        return words_take(words, option, *letters == '\0' ? NULL : letters, err);
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
words_next(Words *words, bool flags_over, Err *err)
{
    const char *argument = words->argv[words->at];

    if (flags_over || !is_flag(argument))
    {
        words->options->words[words->options->word_count++] =
            mem_copy(words->mem, argument);
        return true;
    }
    return argument[1] == '-' ? words_long(words, argument + 2, err)
                              : words_short(words, argument + 1, err);
}

static void
read_words(Reading *reading, int argc, char *const *argv, Layer *layer)
{
    Options *options = reading->options;
    Words words = {reading->mem, argv, argc, 1, options, layer};
    bool flags_over = false;

    options->words = mem_array(reading->mem, const char *, argc + 1);
    for (; words.at < argc; words.at++)
        if (!flags_over && strcmp(argv[words.at], "--") == 0)
            flags_over = true;
        else
            reading_note(reading, words_next(&words, flags_over, reading_err(reading)));
}

bool
options_read(Mem *mem, int argc, char *const *argv, Options *options, Err *err)
{
    Reading reading = {.mem = mem, .options = options, .good = true, .err = err};
    Layer defaults = {0};
    Layer environment = {0};
    Layer typed = {0};

    *options = (Options){0};
    layer_defaults(mem, &defaults);
    layer_environment(mem, &environment);
    read_words(&reading, argc, argv, &typed);
    layer_apply(&reading, &defaults);
    read_files(&reading, &environment, &typed);
    layer_apply(&reading, &environment);
    layer_apply(&reading, &typed);
    err_clear(&reading.later);
    return reading.good;
}
