/* Values from four places: the weakest first, so that the last wins. */
#include "cli/given.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "run/folder/config_file.h"

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

/* --- layers ---------------------------------------------------------------------- */

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
    {
        reading->options->said[layer->items[i].option - options_table] = true;
        reading_note(reading, given_set(reading->mem, &layer->items[i],
                                        reading->options, reading_err(reading)));
    }
}

static void
layer_defaults(Mem *mem, Layer *layer)
{
    for (int i = 0; i < options_count; i++)
        if (options_table[i].fallback != NULL)
            *list_add(mem, layer) = (Given){.option = &options_table[i],
                                            .value = options_table[i].fallback};
}

/* Where other runners are told the same, and ours says nothing. */
static const char *const variables_elsewhere[][2] = {
    {"dir", "FLYWAY_LOCATIONS"},    {"dir", "DBMATE_MIGRATIONS_DIR"},
    {"dir", "GOOSE_MIGRATION_DIR"}, {"out-of-order", "FLYWAY_OUT_OF_ORDER"},
    {"to", "FLYWAY_TARGET"},
};

static void
layer_elsewhere(Mem *mem, Layer *layer)
{
    for (int i = 0; i < LENGTH(variables_elsewhere); i++)
    {
        const char *name = variables_elsewhere[i][0];
        const char *env = variables_elsewhere[i][1];
        const char *value = getenv(env);

        /* The newest there is, as here without a word. */
        if (value != NULL && value[0] != '\0' && strcasecmp(value, "latest") != 0)
            *list_add(mem, layer) = (Given){
                .option = option_named(name, strlen(name)), .value = value, .env = env};
    }
}

static const Given *
layer_said(const Layer *layer, const Option *option, bool ours)
{
    for (int i = 0; i < layer->count; i++)
    {
        const Given *given = &layer->items[i];
        bool own = given->env == NULL || given->env == option->env;

        if (given->option == option && (own || !ours))
            return given;
    }
    return NULL;
}

/* Two runners share a machine: which folder is meant only whoever calls us knows. */
static bool
check_elsewhere(const Layer *environment, const Layer *typed, Err *err)
{
    const Option *dir = option_named("dir", 3);
    const Given *first = layer_said(environment, dir, false);

    if (layer_said(typed, dir, true) != NULL ||
        layer_said(environment, dir, true) != NULL)
        return true;
    for (int i = 0; i < environment->count; i++)
    {
        const Given *given = &environment->items[i];

        if (given->option != dir || strcmp(given->value, first->value) == 0)
            continue;
        err_set(err, ERR_USAGE, "%s and %s are both set and differ", first->env,
                given->env);
        return err_hint(err, "Unset one of them, or say which folder with --dir.");
    }
    return true;
}

static void
layer_environment(Mem *mem, Layer *layer)
{
    layer_elsewhere(mem, layer);
    for (int i = 0; i < options_count; i++)
    {
        const char *env = options_table[i].env;
        const char *value = env == NULL ? NULL : getenv(env);

        if (value != NULL && value[0] != '\0')
            *list_add(mem, layer) =
                (Given){.option = &options_table[i], .value = value, .env = env};
    }
}

/* --- files ----------------------------------------------------------------------- */

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
                                    .foreign = setting->foreign,
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
static bool
wants_files(const Options *options, const Options *typed)
{
    static const char *const without[] = {"help", "version", "completion"};

    for (int i = 0; i < LENGTH(without); i++)
        if (options->word_count > 0 && strcmp(options->words[0], without[i]) == 0)
            return false;
    return !typed->help && !typed->version;
}

static void
read_files(Reading *reading, const Layer *environment, const Layer *typed)
{
    Options named = {0};
    Reading naming = {.mem = reading->mem, .options = &named, .good = true};

    naming.err = &naming.later;
    layer_apply(&naming, environment);
    layer_apply(&naming, typed);
    err_clear(&naming.later);
    if (!wants_files(reading->options, &named))
        return;
    reading_note(reading, check_elsewhere(environment, typed, reading_err(reading)));
    for (int i = 0; i < named.config.count; i++)
        read_file(reading, named.config.items[i]);
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
    reading_note(&reading,
                 words_read(mem, argc, argv, options, &typed, reading_err(&reading)));
    layer_apply(&reading, &defaults);
    memset(options->said, 0, sizeof(options->said));
    read_files(&reading, &environment, &typed);
    layer_apply(&reading, &environment);
    layer_apply(&reading, &typed);
    err_clear(&reading.later);
    return reading.good;
}
