#include "cli/component.h"

#include <string.h>

#include "base/nearest.h"
#include "cli/json.h"

/* Without a file that names some, there is one, and it has this name. */
#define ONLY_COMPONENT "main"

const Config *
component_config(const Invocation *call)
{
    const Options *options = &call->options;

    for (int i = options->configs.count - 1; i >= 0; i--)
        if (options->configs.items[i].components.count > 0)
            return &options->configs.items[i];
    return NULL;
}

/* "kratos, hydra" */
static char *
names_shown(Mem *mem, const Config *config)
{
    Buf names = buf_begin(mem);

    for (int i = 0; i < config->components.count; i++)
        buf_format(&names, "%s%s", i == 0 ? "" : ", ",
                   config->components.items[i].name);
    return names.text;
}

static bool
refuse_unnamed(const Invocation *call, const Config *config, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const Option *all = option_named("all", strlen("all"));
    bool each = (all->commands & call->line.command->bit) != 0;

    err_at(err, ERR_USAGE, config->file, config->components.items[0].line,
           "there are several components, and none is named: %s",
           names_shown(scope, config));
    return err_hint(err, "Say which with --component NAME%s.",
                    each ? ", or --all for one after the other" : "");
}

static bool
refuse_unknown(const Config *config, const char *name, Err *err)
{
    MEM_SCOPE(scope, NULL);
    int count = config->components.count;
    const char **names = mem_array(scope, const char *, count);

    for (int i = 0; i < count; i++)
        names[i] = config->components.items[i].name;

    const char *meant = nearest_name(name, names, count);

    err_at(err, ERR_USAGE, config->file, config->components.items[0].line,
           "there is no component \"%s\", only %s", name, names_shown(scope, config));
    return meant != NULL && err_hint(err, "Did you mean \"%s\"?", meant);
}

/* No file has to say so: a history of that name is enough. */
static bool
choose_alone(Invocation *call, const char *name, Err *err)
{
    Component *component = mem_new(call->mem, Component);

    if (!component_name_good(name))
        return err_set(err, ERR_USAGE, "\"%s\" is no name of a component", name) ||
               err_hint(err, COMPONENT_NAMES);
    component->name = name;
    call->component = component;
    return true;
}

bool
component_choose(Invocation *call, Err *err)
{
    const char *name = call->options.component;
    const Config *config = component_config(call);

    if (call->component != NULL)
        return true;
    if (config == NULL)
        return choose_alone(call, name == NULL ? ONLY_COMPONENT : name, err);
    if (name == NULL && config->components.count > 1)
        return refuse_unnamed(call, config, err);
    for (int i = 0; i < config->components.count && call->component == NULL; i++)
        if (name == NULL || strcmp(config->components.items[i].name, name) == 0)
            call->component = &config->components.items[i];
    return call->component != NULL || refuse_unknown(config, name, err);
}

const char *
component_dir(const Invocation *call)
{
    const char *dir = call->component->dir;
    const Config *config = component_config(call);

    if (dir == NULL || option_given(&call->options, "dir"))
        return call->options.dir;
    return folders_beside(call->mem, config->file, dir, false);
}

const char *
component_layout(const Invocation *call)
{
    const char *layout = call->component->layout;

    return layout == NULL || option_given(&call->options, "layout")
               ? call->options.layout
               : layout;
}

bool
component_keeps_own(const Invocation *call)
{
    const char *history = call->component->history;

    return history == NULL || option_given(&call->options, "history")
               ? call->options.history == 1
               : strcmp(history, "pgstride") == 0;
}

const Address *
component_address(const Invocation *call)
{
    const Component *component = call->component;
    Address *address;

    if (component->database == NULL)
        return NULL;
    address = mem_new(call->mem, Address);
    *address = (Address){
        .value = component->database,
        .key = mem_text(call->mem, "database of %s", component->name),
        .file = component_config(call)->file,
        .line = component->line,
    };
    return address;
}

/* --- all of them ----------------------------------------------------------------- */

/* What is said of one cannot be said of all. */
static bool
all_fits(const Invocation *call, const Config *config, Err *err)
{
    const Options *options = &call->options;

    if (config == NULL)
        return err_set(err, ERR_USAGE,
                       "--all is about the components of a "
                       "configuration file, and none is given") ||
               err_hint(err, "Name one with --config; \"pgstride help config\" shows "
                             "what it may hold.");
    if (option_given(options, "dir"))
        return err_set(err, ERR_USAGE, "--all and --dir exclude each other");
    if (options->to != NULL || call->line.argument_count > 0)
        return err_set(err, ERR_USAGE,
                       "a version belongs to one component: --component NAME "
                       "instead of --all");
    return true;
}

static void
component_head(Invocation *call, bool first)
{
    if (!options_json(&call->options))
        out_print(&call->out, "%sComponent %s (%s):\n", first ? "" : "\n",
                  call->component->name, component_dir(call));
}

/* Whether the next one is to be tried. */
static bool
each_try(Invocation *call, const Each *each, Err *err)
{
    Err next = {0};

    if (each->run(call, each->what, &next))
        return true;
    err_detail(&next, "component \"%s\"", call->component->name);
    if (err->kind == ERR_NONE)
        *err = next;
    else
        err_clear(&next);
    return each->reads;
}

/* Those behind the one that failed. */
static json_t *
remaining_tell(const Config *config, int tried, Err *err)
{
    MEM_SCOPE(scope, NULL);
    json_t *remaining = json_array();
    Buf names = buf_begin(scope);

    for (int i = tried; i < config->components.count; i++)
    {
        const char *name = config->components.items[i].name;

        json_array_append_new(remaining, json_string(name));
        buf_format(&names, "%s%s", i == tried ? "" : ", ", name);
    }
    if (tried < config->components.count)
        err_detail(err, "not tried after it: %s", names.text);
    return remaining;
}

/* Takes `remaining` over. */
static void
each_tell(Invocation *call, bool good, json_t *remaining)
{
    json_t *gathered = call->gathered;

    call->gathered = NULL;
    if (options_json(&call->options) && !good)
    {
        call->moved = json_pack("{s:o, s:o, s:o}", "components", gathered, "unfinished",
                                call->moved == NULL ? json_null() : call->moved,
                                "remaining", remaining);
        return;
    }
    json_decref(remaining);
    if (options_json(&call->options))
        json_give(call, json_pack("{s:o}", "components", gathered));
    else
        json_decref(gathered);
}

bool
component_each(Invocation *call, const Each *each, Err *err)
{
    const Config *config = component_config(call);
    bool go_on = true;
    int tried = 0;

    if (option_given(&call->options, "all") &&
        option_given(&call->options, "component"))
        return err_set(err, ERR_USAGE, "--all and --component exclude each other");
    if (!call->options.all || option_given(&call->options, "component"))
        return each->run(call, each->what, err);
    if (!all_fits(call, config, err))
        return false;
    call->gathered = json_array();
    for (; tried < config->components.count && go_on; tried++)
    {
        call->component = &config->components.items[tried];
        component_head(call, tried == 0);
        go_on = each_try(call, each, err);
    }
    each_tell(call, err->kind == ERR_NONE || err->kind == ERR_PENDING,
              remaining_tell(config, tried, err));
    return err->kind == ERR_NONE;
}
