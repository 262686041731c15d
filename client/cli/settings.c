#include "cli/settings.h"

#include <stdlib.h>
#include <string.h>

#include "cli/component.h"
#include "core/config/target.h"
#include "core/sql/sql.h"
#include "run/hold/window.h"

/* How long a server may take to answer before the host counts as gone. */
#define CONNECT_TIMEOUT 10000

/* Two pipelines that start together: the second finds all done. */
#define RUNNER_PATIENCE 600000

/* What a killed run left going ends by itself: a batch soon, an index build later. */
#define ORPHAN_PATIENCE 600000

static const char *
environment_get(const Environment *environment, const char *name)
{
    (void)environment;
    return getenv(name);
}

const Environment settings_environment = {environment_get, NULL};

typedef struct FiledEnvironment
{
    Environment environment;
    const Options *options;
} FiledEnvironment;

static const char *
filed_get(const Environment *environment, const char *name)
{
    const Options *options = ((const FiledEnvironment *)environment)->options;
    const char *value = getenv(name);

    for (int i = options->configs.count - 1; i >= 0 && value == NULL; i--)
    {
        const ConfigVariable *found = config_variable(&options->configs.items[i], name);

        value = found == NULL ? NULL : found->value;
    }
    return value;
}

static void
filed_where(const Environment *environment, const char *name, const char **file,
            int *line)
{
    const Options *options = ((const FiledEnvironment *)environment)->options;

    for (int i = options->configs.count - 1; i >= 0 && getenv(name) == NULL; i--)
    {
        const ConfigVariable *found = config_variable(&options->configs.items[i], name);

        if (found == NULL)
            continue;
        *file = options->configs.items[i].file;
        *line = found->line;
        return;
    }
}

const Environment *
settings_filed_environment(Mem *mem, const Options *options)
{
    FiledEnvironment *filed = mem_new(mem, FiledEnvironment);

    *filed = (FiledEnvironment){{filed_get, filed_where}, options};
    return &filed->environment;
}

/* Kestra starts its runner so, and says it in no file of the operator's. */
static bool
starts_as_kestra(const Invocation *call, const char *flag)
{
    return call->line.road == ROAD_SYS && !option_said(&call->options, flag);
}

/* The component's own database, else that of the last file that names one. */
static bool
filed_address(const Invocation *call, const Config **config, const Address **address,
              Err *err)
{
    const Options *options = &call->options;

    *address = component_address(call);
    *config = component_config(call);
    for (int i = options->configs.count - 1; i >= 0 && *address == NULL; i--)
    {
        *config = &options->configs.items[i];
        if (!config_address(*config, address, err))
            return false;
    }
    return true;
}

/* What `shown` leaves out is a secret. */
static void
exposed_warn(Invocation *call, const Config *config)
{
    const Target *target = &call->settings.target;
    bool secret = strcmp(target->given, target->shown) != 0;

    if (config->exposed && secret && !call->warned)
        out_print(&call->log,
                  "warning: \"%s\" holds a password and everybody can read it: chmod "
                  "600 %s\n",
                  config->file, config->file);
    call->warned |= config->exposed && secret;
}

bool
settings_has_target(const Invocation *call)
{
    const Config *config;
    const Address *filed;
    Err err = {0};

    if (call->line.database != NULL || call->options.database != NULL ||
        call->options.read_from_env || call->component->database != NULL ||
        target_in_environment(&settings_environment))
        return true;
    if (filed_address(call, &config, &filed, &err))
        return filed != NULL;
    err_clear(&err);
    return true; /* two that differ: who connects is told so */
}

static bool
target_unsaid(Invocation *call, Err *err)
{
    Target *target = &call->settings.target;
    bool own = call->component->database != NULL;
    const Config *config = NULL;
    const Address *filed;

    if (!own && target_in_environment(&settings_environment))
        return target_find(call->mem, &settings_environment, NULL, target, err);
    if (!filed_address(call, &config, &filed, err))
        return false;
    if (own ? target_from_file(call->mem, filed, target, err)
            : target_find(call->mem, &settings_environment, filed, target, err))
    {
        if (filed != NULL)
            exposed_warn(call, config);
        return true;
    }
    if (call->options.read_from_env && filed == NULL)
        err_detail(err, "When using flag -e, environment variable DSN must be set");
    return false;
}

static bool
target_fill(Invocation *call, Err *err)
{
    const char *flag = call->options.database;
    const char *word = call->line.database;
    Target *target = &call->settings.target;

    if (flag != NULL && word != NULL)
        return err_set(err, ERR_USAGE,
                       "two database addresses are given: --database "
                       "and an argument");
    if (call->options.all && call->component->database != NULL &&
        (flag != NULL || word != NULL))
        return err_set(err, ERR_USAGE,
                       "component \"%s\" has a database of its own, and one for all is "
                       "given",
                       call->component->name);
    if (call->options.read_from_env && (flag != NULL || word != NULL))
        return err_set(err, ERR_USAGE,
                       "a database address is given together with "
                       "--read-from-env");
    if (flag != NULL || word != NULL)
        return target_read(call->mem, flag != NULL ? flag : word, target, err);
    return target_unsaid(call, err);
}

static Limits
limits_of(const Options *options)
{
    Limits limits = limits_start();

    limits.most[SIGNAL_LAG] = (double)options->max_lag;
    limits.most[SIGNAL_SLOT] = (double)options->max_slot_wal;
    limits.most[SIGNAL_WAL_RATE] = (double)options->max_wal_rate;
    limits.most[SIGNAL_ACTIVE] = options->max_active;
    limits.most[SIGNAL_HISTORY] = options->max_history;
    limits.most[SIGNAL_COMMIT] = (double)options->max_latency;
    limits.share_most = options->max_share / 100.0;
    return limits;
}

/* What is sent once a second must be one statement: found out now, not at night. */
static bool
query_fill(Invocation *call, Err *err)
{
    const Section section = {.engine = call->settings.target.engine,
                             .phase = PHASE_UP,
                             .text = call->options.throttle_query,
                             .text_line = 1,
                             .file = "--throttle-query"};
    Statements statements;

    if (section.text == NULL)
        return true;
    if (!sql_parse(call->mem, &section, &statements, err))
        return false;
    if (statements.count != 1)
        return err_set(err, ERR_USAGE, "--throttle-query takes one query, not %d",
                       statements.count);
    call->settings.throttle_query = statements.items[0].sql.text;
    return true;
}

/* Better now than when the plan is agreed to. */
static bool
window_fill(Invocation *call, Err *err)
{
    MEM_SCOPE(scope, call->mem);
    Window window;

    return call->options.window == NULL ||
           window_load(scope, call->options.window, 0, &window, err);
}

static bool
standbys_fill(Invocation *call, Err *err)
{
    const Texts *given = &call->options.standby;
    Target *standbys = mem_array(call->mem, Target, given->count);

    for (int i = 0; i < given->count; i++)
        if (!target_read(call->mem, given->items[i], &standbys[i], err))
            return err_in(err, "in --standby");
    call->settings.standbys = standbys;
    call->settings.standby_count = given->count;
    return true;
}

bool
settings_fill(Invocation *call, Err *err)
{
    const Options *options = &call->options;

    if (!component_choose(call, err))
        return false;

    bool one_step = call->line.command->bit == CMD_DOWN && options->steps == 0 &&
                    call->line.argument_count == 0;

    call->settings = (Settings){
        .dir = component_dir(call),
        .layout = component_layout(call),
        .environment = settings_filed_environment(call->mem, options),
        .component = call->component->name,
        .verb = call->line.command->name,
        .role = options->role,
        .safe = (Safe)options->safe,
        .own_history = component_keeps_own(call),
        .history_table = options->history_table,
        .imports = call->line.command->bit == CMD_ADOPT && options->mode == 1,
        .safe_said = option_said(options, "safe"),
        .max_stall = options->max_stall,
        .lock_patience = options->lock_patience,
        .on_blocker = options->on_blocker,
        .batch_time = options->batch_time,
        .workers = options->workers,
        .free_space = options->free_space,
        .max_stall_flag = option_given(options, "max-stall"),
        .batch_time_flag = option_given(options, "batch-time"),
        .limits = limits_of(options),
        .throttle_file = options->throttle_file,
        .window = options->window,
        .window_flag = option_given(options, "window"),
        .connect_timeout = CONNECT_TIMEOUT,
        .runner_patience = options->wait > 0 ? options->wait : RUNNER_PATIENCE,
        .orphan_patience = ORPHAN_PATIENCE,
        .to = options->to,
        .steps = one_step ? 1 : options->steps,
        .through = call->line.command->bit == CMD_GOTO
                       ? PHASE_BACKFILL
                       : (Phase)(PHASE_EXPAND + options->through),
        .allow_overlap = options->allow_overlap,
        .writable_replica = options->writable_replica,
        .out_of_order = options->out_of_order || starts_as_kestra(call, "out-of-order"),
        .no_wait = options->no_wait,
        .ignore_missing = starts_as_kestra(call, "ignore-migration-patterns") ||
                          (options->ignore_patterns != NULL &&
                           strstr(options->ignore_patterns, ":missing") != NULL),
        .no_backup = options->no_backup,
        .versions = call->line.arguments,
        .version_count = call->line.argument_count,
    };
    return standbys_fill(call, err) && window_fill(call, err) &&
           target_fill(call, err) && query_fill(call, err);
}
