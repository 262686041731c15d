#include "core/config/foreign_keys.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "core/config/dsn.h"

typedef struct Keys
{
    Mem *mem;
    Config *config;
    const Yaml *root;
} Keys;

/* "out-of-order", "outOfOrder", "out_of_order". */
static bool
key_is(const char *key, const char *wanted)
{
    for (;; key++, wanted++)
    {
        key += strspn(key, "-_");
        wanted += strspn(wanted, "-_");
        if (tolower((unsigned char)*key) != tolower((unsigned char)*wanted))
            return false;
        if (*key == '\0')
            return true;
    }
}

/* Below a map; NULL where no map is, or the key is not in it. */
static const Yaml *
below(const Yaml *map, const char *key)
{
    for (int i = 0; map != NULL && map->kind == YAML_MAP && i < map->count; i++)
        if (key_is(map->entries[i].key, key))
            return map->entries[i].value;
    return NULL;
}

static const char *
text_below(const Yaml *map, const char *key)
{
    const Yaml *value = below(map, key);

    return value == NULL || value->kind != YAML_TEXT ? NULL : value->text;
}

static void
address_add(const Keys *keys, const char *key, const char *value, const Yaml *from)
{
    if (value != NULL)
        *list_add(keys->mem, &keys->config->addresses) =
            (Address){value, key, keys->config->file, from->line};
}

/* A URL, and beside it who connects: as one URL. */
static const char *
address_joined(Mem *mem, const Yaml *map, const char *user_key, const char *schema)
{
    const char *url = text_below(map, "url");
    const char *const parts[] = {"user",          text_below(map, user_key),
                                 "password",      text_below(map, "password"),
                                 "currentSchema", schema};
    Buf joined = buf_begin(mem);
    char next = url != NULL && strchr(url, '?') != NULL ? '&' : '?';

    if (url == NULL)
        return NULL;
    buf_add(&joined, url);
    for (int i = 0; i < LENGTH(parts); i += 2)
        if (parts[i + 1] != NULL)
        {
            buf_format(&joined, "%c%s=", next, parts[i]);
            percent_encode(&joined, parts[i + 1], "");
            next = '&';
        }
    return joined.text;
}

/* --- Flyway ---------------------------------------------------------------------- */

/* Keys that are flags here; all others are what its variables would say. */
typedef struct FlywayKey
{
    const char *key;
    const char *setting;
} FlywayKey;

static const FlywayKey flyway_keys[] = {
    {"locations", "dir"},
    {"outOfOrder", "out-of-order"},
    {"ignoreMigrationPatterns", "ignore-migration-patterns"},
    {"target", "to"},
};

/* Those of the address, read elsewhere. */
static const char *const address_keys[] = {"url", "user", "password"};

static void
setting_add(const Keys *keys, const char *name, const char *value, const Yaml *from)
{
    if (value != NULL)
        *list_add(keys->mem, &keys->config->settings) =
            (ConfigSetting){name, value, from->line, .foreign = true};
}

static void
variable_add(const Keys *keys, const char *name, const char *value, const Yaml *from)
{
    if (value != NULL)
        *list_add(keys->mem, &keys->config->variables) =
            (ConfigVariable){name, value, from->line};
}

/* "baselineOnMigrate" or "baseline-on-migrate": FLYWAY_BASELINE_ON_MIGRATE. */
static char *
variable_name(Mem *mem, const char *key)
{
    Buf name = buf_begin(mem);

    buf_add(&name, "FLYWAY_");
    for (; *key != '\0'; key++)
        if (isupper((unsigned char)*key))
            buf_format(&name, "_%c", *key);
        else
            buf_format(&name, "%c", *key == '-' ? '_' : toupper((unsigned char)*key));
    return name.text;
}

static void
read_placeholders(const Keys *keys, const Yaml *map)
{
    for (int i = 0; map != NULL && map->kind == YAML_MAP && i < map->count; i++)
    {
        const YamlEntry *entry = &map->entries[i];

        /* One that is empty has a value. */
        if (entry->value->kind == YAML_TEXT)
            variable_add(
                keys, mem_text(keys->mem, "FLYWAY_PLACEHOLDERS_%s", entry->key),
                entry->value->text == NULL ? "" : entry->value->text, entry->value);
    }
}

/* The flag that the key is; NULL: none. */
static const char *
key_setting(const char *key)
{
    for (int i = 0; i < LENGTH(flyway_keys); i++)
        if (key_is(key, flyway_keys[i].key))
            return flyway_keys[i].setting;
    return NULL;
}

static bool
key_is_of_address(const char *key)
{
    for (int i = 0; i < LENGTH(address_keys); i++)
        if (key_is(key, address_keys[i]))
            return true;
    return false;
}

static void
read_flyway_key(const Keys *keys, const YamlEntry *entry)
{
    const char *setting = key_setting(entry->key);
    const char *value = yaml_joined(keys->mem, entry->value);

    if (value == NULL || key_is_of_address(entry->key))
        return;
    if (setting == NULL)
        variable_add(keys, variable_name(keys->mem, entry->key), value, entry->value);
    else if (strcmp(setting, "to") != 0 || strcasecmp(value, "latest") != 0)
        setting_add(keys, setting, value, entry->value);
}

static void
read_flyway_settings(const Keys *keys, const Yaml *map)
{
    for (int i = 0; map->kind == YAML_MAP && i < map->count; i++)
        read_flyway_key(keys, &map->entries[i]);
    read_placeholders(keys, below(map, "placeholders"));
}

/* The schema that everything without one is made in; other servers have it in the URL.
 */
static const char *
schema_of(Mem *mem, const Yaml *flyway, const Yaml *address)
{
    const char *url = text_below(address, "url");
    const char *schema = text_below(flyway, "defaultSchema");
    const Yaml *schemas = below(flyway, "schemas");

    if (url == NULL || strncmp(url, "jdbc:postgresql:", 16) != 0)
        return NULL;
    if (schema != NULL || schemas == NULL || yaml_joined(mem, schemas) == NULL)
        return schema;
    schema = yaml_joined(mem, schemas);
    return mem_slice(mem, schema, strcspn(schema, ","));
}

/* [environments.NAME] beside it, from version 10 on: the one that is named, or the one
 * called "default". */
static void
read_environment(const Keys *keys, const Yaml *flyway)
{
    const char *name = text_below(flyway, "environment");
    const Yaml *environments = below(keys->root, "environments");
    const Yaml *map = below(environments, name == NULL ? "default" : name);
    const Yaml *url = below(map, "url");

    if (url != NULL)
        address_add(
            keys, "environments.url",
            address_joined(keys->mem, map, "user", schema_of(keys->mem, flyway, map)),
            url);
}

/* Of several databases the settings of the one that the file connects to. */
static void
read_flyway(const Keys *keys, const Yaml *flyway)
{
    const Yaml *url = below(flyway, "url");
    const Yaml *sources = below(flyway, "datasources");
    const Yaml *connected = below(keys->root, "datasources");

    if (url != NULL)
        address_add(keys, "flyway.url",
                    address_joined(keys->mem, flyway, "user",
                                   schema_of(keys->mem, flyway, flyway)),
                    url);
    read_flyway_settings(keys, flyway);
    for (int i = 0; sources != NULL && sources->kind == YAML_MAP && i < sources->count;
         i++)
        if (connected == NULL || below(connected, sources->entries[i].key) != NULL)
            read_flyway_settings(keys, sources->entries[i].value);
}

/* --- all of them ----------------------------------------------------------------- */

static void
read_datasource(const Keys *keys, const YamlEntry *source)
{
    const Yaml *url = below(source->value, "url");

    if (url != NULL)
        address_add(keys, mem_text(keys->mem, "datasources.%s.url", source->key),
                    address_joined(keys->mem, source->value, "username", NULL), url);
}

void
foreign_keys_read(Mem *mem, const Yaml *root, Config *config)
{
    const Keys keys = {mem, config, root};
    const Yaml *dsn = below(root, "dsn");
    const Yaml *db_dsn = below(below(root, "db"), "dsn");
    const Yaml *sources = below(root, "datasources");
    const Yaml *flyway = below(root, "flyway");

    if (dsn != NULL)
        address_add(&keys, "dsn", text_below(root, "dsn"), dsn);
    if (db_dsn != NULL)
        address_add(&keys, "db.dsn", text_below(below(root, "db"), "dsn"), db_dsn);
    for (int i = 0; sources != NULL && sources->kind == YAML_MAP && i < sources->count;
         i++)
        read_datasource(&keys, &sources->entries[i]);
    if (flyway != NULL)
        read_flyway(&keys, flyway);
    read_environment(&keys, flyway);
}

const ConfigVariable *
config_variable(const Config *config, const char *name)
{
    for (int i = config->variables.count - 1; i >= 0; i--)
        if (strcasecmp(config->variables.items[i].name, name) == 0)
            return &config->variables.items[i];
    return NULL;
}
