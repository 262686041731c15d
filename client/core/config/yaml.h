/*
 * YAML as a tree of maps, lists and texts, each with its line. What a text means (a
 * number, a time, true) is decided by who asks for it.
 *
 * Aliases lead to the very node they name, so that a file that repeats itself grows no
 * larger here. One document a file; a key given twice in a map is an error.
 */
#ifndef PGSTRIDE_CORE_YAML_H
#define PGSTRIDE_CORE_YAML_H

#include "base/err.h"

typedef enum YamlKind
{
    YAML_TEXT,
    YAML_LIST,
    YAML_MAP
} YamlKind;

typedef struct Yaml Yaml;

typedef struct YamlEntry
{
    const char *key; /* NULL in a list */
    int line;
    const Yaml *value;
} YamlEntry;

struct Yaml
{
    YamlKind kind;
    const char *text; /* of a text; NULL where nothing stands, or null */
    int line;
    YamlEntry *entries; /* of a list or map, in order */
    int count;
};

/* The root, or NULL in *root when the file has no document. ERR_USAGE:
 * file:line:column. */
bool yaml_read(Mem *mem, const char *file, const char *text, size_t length,
               const Yaml **root, Err *err);

/* The value of a key, or NULL. */
const Yaml *yaml_at(const Yaml *map, const char *key);

/* A list of texts as one, with commas, as it would be in a variable; NULL of a map. */
const char *yaml_joined(Mem *mem, const Yaml *value);

#endif
