#include "core/config/config.h"

#include <string.h>

#include "base/nearest.h"
#include "core/config/foreign_keys.h"
#include "core/config/keyed.h"
#include "core/layouts/layout.h"

/* Where the file's own way to name the database stands: it beats all others. */
#define OWN_ADDRESS "pgstride.database"

typedef struct Reading
{
    Mem *mem;
    Config *config;
} Reading;

static bool
refuse(const Reading *reading, int line, const char *key, const char *what, Err *err)
{
    return err_at(err, ERR_USAGE, reading->config->file, line, "\"%s\" %s", key, what);
}

static void
setting_add(const Reading *reading, const ConfigSetting *setting)
{
    *list_add(reading->mem, &reading->config->settings) = *setting;
}

static void
address_add(const Reading *reading, const char *key, const char *value, int line)
{
    if (value != NULL)
        *list_add(reading->mem, &reading->config->addresses) =
            (Address){value, key, reading->config->file, line};
}

/* --- components ------------------------------------------------------------------ */

#define FIELD(name)                                                                    \
    {                                                                                  \
#name, offsetof(Component, name)                                               \
    }
static const struct
{
    const char *key;
    size_t offset;
} component_fields[] = {FIELD(name), FIELD(dir), FIELD(layout), FIELD(database),
                        FIELD(history)};
#undef FIELD

/* Where the value of that key goes; NULL: there is no such key. */
static const char **
component_place(Component *component, const char *key)
{
    for (int i = 0; i < LENGTH(component_fields); i++)
        if (strcmp(component_fields[i].key, key) == 0)
            return (const char **)((char *)component + component_fields[i].offset);
    return NULL;
}

static bool
refuse_field(const Reading *reading, const YamlEntry *entry, Err *err)
{
    const char *keys[LENGTH(component_fields)];

    for (int i = 0; i < LENGTH(component_fields); i++)
        keys[i] = component_fields[i].key;

    const char *meant = nearest_name(entry->key, keys, LENGTH(keys));

    refuse(reading, entry->line, entry->key, "is nothing that a component has", err);
    if (meant != NULL)
        return err_hint(err, "Did you mean \"%s\"?", meant);
    return err_hint(err, "It has name, dir, layout, database and history.");
}

bool
component_name_good(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";

    return name[0] != '\0' && name[0] != '-' && strlen(name) <= 40 &&
           strspn(name, letters) == strlen(name);
}

static bool
component_check(const Reading *reading, const Component *component, Err *err)
{
    const Config *config = reading->config;

    if (component->name == NULL)
        return err_at(err, ERR_USAGE, config->file, component->line,
                      "a component has no name");
    if (!component_name_good(component->name))
        return refuse(reading, component->line, component->name,
                      "is no name of a component", err) ||
               err_hint(err, COMPONENT_NAMES);
    for (int i = 0; i < config->components.count; i++)
        if (strcmp(config->components.items[i].name, component->name) == 0)
            return refuse(reading, component->line, component->name,
                          "is the name of two components", err);
    if (component->dir == NULL)
        return err_at(err, ERR_USAGE, config->file, component->line,
                      "component \"%s\" has no dir", component->name);
    if (component->layout != NULL && layout_named(component->layout) == NULL &&
        strcmp(component->layout, "auto") != 0)
        return refuse(reading, component->line, component->layout,
                      "is a layout that pgstride does not know: see pgstride up --help",
                      err);
    if (component->history != NULL && strcmp(component->history, "pgstride") != 0 &&
        strcmp(component->history, "shared") != 0)
        return refuse(reading, component->line, component->history,
                      "is no history: pgstride, or shared with the folder's runner",
                      err);
    return true;
}

static bool
component_read(const Reading *reading, const Yaml *map, Err *err)
{
    Component component = {.line = map->line};

    if (map->kind != YAML_MAP)
        return refuse(reading, map->line, "components",
                      "holds maps of name, dir, layout, database and history", err);
    for (int i = 0; i < map->count; i++)
    {
        const YamlEntry *entry = &map->entries[i];
        const char **place = component_place(&component, entry->key);

        if (place == NULL)
            return refuse_field(reading, entry, err);
        if (strcmp(entry->key, "dir") == 0)
            *place = yaml_joined(reading->mem, entry->value);
        else if (entry->value->kind == YAML_TEXT)
            *place = entry->value->text;
        if (*place == NULL)
            return refuse(reading, entry->line, entry->key, "needs one text", err);
    }
    if (!component_check(reading, &component, err))
        return false;
    *list_add(reading->mem, &reading->config->components) = component;
    return true;
}

static bool
components_read(const Reading *reading, const YamlEntry *entry, Err *err)
{
    const Yaml *list = entry->value;

    if (list->kind != YAML_LIST || list->count == 0)
        return refuse(reading, entry->line, entry->key,
                      "is a list of maps of name, dir, layout, database and history",
                      err);
    for (int i = 0; i < list->count; i++)
        if (!component_read(reading, list->entries[i].value, err))
            return false;
    return true;
}

/* --- ours ------------------------------------------------------------------------ */

static bool
setting_read(const Reading *reading, const char *name, const Yaml *value, Err *err)
{
    if (value->kind != YAML_TEXT)
        return refuse(reading, value->line, name, "takes a value, not a map or list",
                      err);
    if (value->text == NULL)
        return refuse(reading, value->line, name, "has no value", err);
    if (strcmp(name, "database") == 0)
        address_add(reading, OWN_ADDRESS, value->text, value->line);
    else
        setting_add(reading, &(ConfigSetting){name, value->text, value->line, false});
    return true;
}

static bool
entry_read(const Reading *reading, const YamlEntry *entry, Err *err)
{
    const Yaml *value = entry->value;
    Yaml joined = {.kind = YAML_TEXT, .line = value->line};

    if (strcmp(entry->key, "components") == 0)
        return components_read(reading, entry, err);
    if (strcmp(entry->key, "dir") == 0)
        joined.text = yaml_joined(reading->mem, value);
    if (joined.text != NULL)
        return setting_read(reading, entry->key, &joined, err);
    if (value->kind != YAML_LIST)
        return setting_read(reading, entry->key, value, err);
    for (int i = 0; i < value->count; i++)
        if (!setting_read(reading, entry->key, value->entries[i].value, err))
            return false;
    return true;
}

static bool
read_ours(const Reading *reading, const Yaml *ours, Err *err)
{
    if (ours->kind != YAML_MAP)
        return (ours->kind == YAML_TEXT && ours->text == NULL) ||
               refuse(reading, ours->line, "pgstride",
                      "holds flags by their long names, as max-stall: 100ms", err);
    for (int i = 0; i < ours->count; i++)
        if (!entry_read(reading, &ours->entries[i], err))
            return false;
    return true;
}

bool
config_read(Mem *mem, const char *file, const char *text, size_t length, Config *config,
            Err *err)
{
    Reading reading = {mem, config};
    const Yaml *root;

    *config = (Config){.file = file};
    if (!(keyed_named(file) ? keyed_read : yaml_read)(mem, file, text, length, &root,
                                                      err))
        return false;
    if (root == NULL || (root->kind == YAML_TEXT && root->text == NULL))
        return true;
    if (root->kind != YAML_MAP)
        return err_at(err, ERR_USAGE, file, root->line,
                      "this is no configuration: keys and values are expected");
    foreign_keys_read(mem, root, config);

    const Yaml *ours = yaml_at(root, "pgstride");

    return ours == NULL || read_ours(&reading, ours, err);
}

bool
config_address(const Config *config, const Address **address, Err *err)
{
    *address = NULL;
    for (int i = 0; i < config->addresses.count; i++)
        if (strcmp(config->addresses.items[i].key, OWN_ADDRESS) == 0)
            *address = &config->addresses.items[i];
    for (int i = 0; *address == NULL && i < config->addresses.count; i++)
    {
        const Address *first = &config->addresses.items[0];
        const Address *other = &config->addresses.items[i];

        if (strcmp(first->value, other->value) != 0)
            return err_at(err, ERR_USAGE, config->file, other->line,
                          "\"%s\" and \"%s\" (line %d) name different databases",
                          other->key, first->key, first->line) ||
                   err_hint(err, "Say which under \"pgstride:\" as \"database:\", or "
                                 "with --database.");
    }
    if (*address == NULL && config->addresses.count > 0)
        *address = &config->addresses.items[0];
    return true;
}
