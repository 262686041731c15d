#include "cli/settings.h"

#include <stdlib.h>

#include "core/target.h"

/* How long a server may take to answer before the host counts as gone. */
#define CONNECT_TIMEOUT 10000

/* Two pipelines that start together: the second finds all done. */
#define RUNNER_PATIENCE 600000

/* What a killed run left going ends by itself: a batch soon, an index build later. */
#define ORPHAN_PATIENCE 600000

/* clang-format off */
static const char *const address_names[] = {
    "PGSTRIDE_DATABASE", "DSN", "DB_DSN", "TALOS_DB_DSN", "DATABASE_URL",
};
/* clang-format on */

static const char *
environment_get(const Environment *environment, const char *name)
{
    (void)environment;
    return getenv(name);
}

static const Environment environment = {environment_get};

static bool
environment_has_address(void)
{
    for (int i = 0; i < LENGTH(address_names); i++)
        if (getenv(address_names[i]) != NULL)
            return true;
    return false;
}

bool
settings_has_target(const Invocation *call)
{
    return call->line.database != NULL || call->options.database != NULL ||
           call->options.read_from_env || environment_has_address();
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
    if (call->options.read_from_env && (flag != NULL || word != NULL))
        return err_set(err, ERR_USAGE,
                       "a database address is given together with "
                       "--read-from-env");
    if (flag != NULL || word != NULL)
        return target_read(call->mem, flag != NULL ? flag : word, target, err);
    if (target_from_env(call->mem, &environment, target, err))
        return true;
    if (call->options.read_from_env && !environment_has_address())
        err_detail(err, "When using flag -e, environment variable DSN must be set");
    return false;
}

bool
settings_fill(Invocation *call, Err *err)
{
    const Options *options = &call->options;
    bool one_step = call->line.command->bit == CMD_DOWN && options->steps == 0 &&
                    call->line.argument_count == 0;

    call->settings = (Settings){
        .dir = options->dir,
        .component = "main",
        .verb = call->line.command->name,
        .role = options->role,
        .safe = (Safe)options->safe,
        .max_stall = options->max_stall,
        .lock_patience = options->lock_patience,
        .batch_time = options->batch_time,
        .max_stall_flag = option_given(options, "max-stall"),
        .batch_time_flag = option_given(options, "batch-time"),
        .max_lag = options->max_lag,
        .connect_timeout = CONNECT_TIMEOUT,
        .runner_patience = options->wait > 0 ? options->wait : RUNNER_PATIENCE,
        .orphan_patience = ORPHAN_PATIENCE,
        .to = options->to,
        .steps = one_step ? 1 : options->steps,
        .through = (Phase)(PHASE_EXPAND + options->through),
        .allow_overlap = options->allow_overlap,
        .out_of_order = options->out_of_order,
        .no_wait = options->no_wait,
        .versions = call->line.arguments,
        .version_count = call->line.argument_count,
    };
    return target_fill(call, err);
}
