#include "core/config/keyed.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"

typedef struct Keyed
{
    Mem *mem;
    const char *file;
    const char *at; /* what is not read yet; ends with a zero byte */
    int line;
    bool toml;
    Yaml *root;
    Yaml *section; /* [flyway]: what keys are below */
} Keyed;

static bool
name_has_ending(const char *name, const char *ending)
{
    size_t length = strlen(name);

    return length >= strlen(ending) &&
           strcmp(name + length - strlen(ending), ending) == 0;
}

bool
keyed_named(const char *file)
{
    return name_has_ending(file, ".conf") || name_has_ending(file, ".properties") ||
           name_has_ending(file, ".toml");
}

static bool
refuse(const Keyed *keyed, const char *what, Err *err)
{
    return err_at(err, ERR_USAGE, keyed->file, keyed->line, "%s", what);
}

/* --- the tree -------------------------------------------------------------------- */

static Yaml *
node_new(const Keyed *keyed, YamlKind kind)
{
    Yaml *node = mem_new(keyed->mem, Yaml);

    *node = (Yaml){.kind = kind, .line = keyed->line};
    return node;
}

static void
entry_add(const Keyed *keyed, Yaml *into, const char *key, const Yaml *value)
{
    YamlEntry *entries = mem_array(keyed->mem, YamlEntry, into->count + 1);

    for (int i = 0; i < into->count; i++)
        entries[i] = into->entries[i];
    entries[into->count++] = (YamlEntry){key, keyed->line, value};
    into->entries = entries;
}

/* The map of that key, made where there is none; NULL: something else is there. */
static Yaml *
map_below(const Keyed *keyed, Yaml *map, const char *key)
{
    Yaml *below = (Yaml *)(uintptr_t)yaml_at(map, key);

    if (below == NULL)
    {
        below = node_new(keyed, YAML_MAP);
        entry_add(keyed, map, key, below);
    }
    return below->kind == YAML_MAP ? below : NULL;
}

/* A dotted key: the map that its last part belongs into, and that part. */
static Yaml *
key_walk(const Keyed *keyed, Yaml *map, char *key, char **last)
{
    for (char *dot; map != NULL && (dot = strchr(key, '.')) != NULL; key = dot + 1)
    {
        *dot = '\0';
        map = map_below(keyed, map, key);
    }
    *last = key;
    return map;
}

/* --- characters ------------------------------------------------------------------ */

static void
blanks_skip(Keyed *keyed)
{
    keyed->at += strspn(keyed->at, " \t");
}

static void
line_skip(Keyed *keyed)
{
    keyed->at += strcspn(keyed->at, "\r\n");
}

/* Line ends, blanks and comments. */
static void
nothing_skip(Keyed *keyed)
{
    for (;; keyed->at++)
    {
        bool comment = *keyed->at == '#' || (*keyed->at == '!' && !keyed->toml);

        if (comment)
            line_skip(keyed);
        keyed->line += *keyed->at == '\n';
        if (*keyed->at == '\0' || strchr(" \t\r\n", *keyed->at) == NULL)
            return;
    }
}

/* Cut off up to one of these, blanks around it gone. */
static char *
text_cut(Keyed *keyed, const char *ends)
{
    size_t length = strcspn(keyed->at, ends);
    const char *from = keyed->at;

    keyed->at += length;
    while (length > 0 && strchr(" \t", from[length - 1]) != NULL)
        length--;
    return mem_slice(keyed->mem, from, length);
}

/* --- values ---------------------------------------------------------------------- */

/* To the end of the line, and further where a backslash is the last of it. */
static Yaml *
property_read(Keyed *keyed)
{
    Yaml *value = node_new(keyed, YAML_TEXT);
    Buf text = buf_begin(keyed->mem);

    for (; *keyed->at != '\0' && strchr("\r\n", *keyed->at) == NULL; keyed->at++)
    {
        if (*keyed->at == '\\' && keyed->at[1] != '\0')
        {
            keyed->at++;
            if (strchr("\r\n", *keyed->at) != NULL)
            {
                nothing_skip(keyed);
                keyed->at--;
                continue;
            }
        }
        buf_bytes(&text, keyed->at, 1);
    }
    while (text.length > 0 && strchr(" \t", text.text[text.length - 1]) != NULL)
        text.length--;
    value->text =
        text.length == 0 ? NULL : mem_slice(keyed->mem, text.text, text.length);
    return value;
}

/* "with \\ and \"", or 'as it is'. */
static bool
quoted_read(Keyed *keyed, Yaml *value, Err *err)
{
    char quote = *keyed->at++;
    Buf text = buf_begin(keyed->mem);

    buf_add(&text, "");
    for (; *keyed->at != quote; keyed->at++)
    {
        if (*keyed->at == '\\' && quote == '"')
            keyed->at++;
        if (*keyed->at == '\0' || *keyed->at == '\n')
            return refuse(keyed, "a text is never closed", err);
        buf_bytes(&text, keyed->at, 1);
    }
    keyed->at++;
    value->text = text.text;
    return true;
}

static bool value_read(Keyed *keyed, const Yaml **value, Err *err);

static bool
list_read(Keyed *keyed, Yaml *list, Err *err)
{
    list->kind = YAML_LIST;
    keyed->at++;
    for (nothing_skip(keyed); *keyed->at != ']'; nothing_skip(keyed))
    {
        const Yaml *item;

        if (!value_read(keyed, &item, err))
            return false;
        entry_add(keyed, list, NULL, item);
        nothing_skip(keyed);
        if (*keyed->at == ',')
            keyed->at++;
        else if (*keyed->at != ']')
            return refuse(keyed, "a list is never closed", err);
    }
    keyed->at++;
    return true;
}

static bool
value_read(Keyed *keyed, const Yaml **value, Err *err)
{
    Yaml *made = node_new(keyed, YAML_TEXT);

    *value = made;
    if (*keyed->at == '[')
        return list_read(keyed, made, err);
    if (strncmp(keyed->at, "\"\"\"", 3) == 0 || strncmp(keyed->at, "'''", 3) == 0 ||
        *keyed->at == '{')
        return refuse(keyed, "texts of several lines and tables in one are not read",
                      err);
    if (*keyed->at == '"' || *keyed->at == '\'')
        return quoted_read(keyed, made, err);
    made->text = text_cut(keyed, ",]#\r\n");
    return made->text[0] != '\0' || refuse(keyed, "a key has no value", err);
}

/* --- lines ----------------------------------------------------------------------- */

static bool
section_read(Keyed *keyed, Err *err)
{
    char *last;

    keyed->at += 1 + (keyed->at[1] == '[');

    Yaml *map = key_walk(keyed, keyed->root, text_cut(keyed, "]\r\n"), &last);

    keyed->section = map == NULL ? NULL : map_below(keyed, map, last);
    if (*keyed->at != ']' || keyed->section == NULL)
        return refuse(keyed, "this is no section", err);
    line_skip(keyed);
    return true;
}

/* What is given again counts as it stands last, as it does for Java. */
static bool
pair_read(Keyed *keyed, Err *err)
{
    char *key = text_cut(keyed, keyed->toml ? "=\r\n" : "=: \t\r\n");
    const Yaml *value;
    char *last;

    blanks_skip(keyed);
    if (*keyed->at == '=' || (*keyed->at == ':' && !keyed->toml))
        keyed->at++;
    else if (keyed->toml)
        return refuse(keyed, "this is no key with a value", err);
    blanks_skip(keyed);
    if (!keyed->toml)
        value = property_read(keyed);
    else if (!value_read(keyed, &value, err))
        return false;

    Yaml *map = key_walk(keyed, keyed->section, key, &last);

    if (map == NULL)
        return refuse(keyed, "a value stands where others have keys below it", err);
    for (int i = 0; i < map->count; i++)
        if (strcmp(map->entries[i].key, last) == 0)
        {
            map->entries[i].value = value;
            return true;
        }
    entry_add(keyed, map, last, value);
    return true;
}

bool
keyed_read(Mem *mem, const char *file, const char *text, size_t length,
           const Yaml **root, Err *err)
{
    Keyed keyed = {.mem = mem,
                   .file = file,
                   .at = mem_slice(mem, text, length),
                   .line = 1,
                   .toml = name_has_ending(file, ".toml")};

    keyed.root = keyed.section = node_new(&keyed, YAML_MAP);
    *root = keyed.root;
    for (nothing_skip(&keyed); *keyed.at != '\0'; nothing_skip(&keyed))
        if (*keyed.at == '[' && keyed.toml ? !section_read(&keyed, err)
                                           : !pair_read(&keyed, err))
            return false;
    return true;
}
