/*
 * Configuration files that are keys and values, as the tree that a YAML file would be:
 * flyway.conf, which is Java's properties, and of TOML what flyway.toml is made of.
 *
 *     flyway.placeholders.owner = shop        [flyway]
 *     flyway.locations=filesystem:sql         locations = ["filesystem:sql"]
 */
#ifndef PGSTRIDE_CORE_KEYED_H
#define PGSTRIDE_CORE_KEYED_H

#include "core/config/yaml.h"

/* Is a file of that name read here? */
bool keyed_named(const char *file);

/* The root is a map. ERR_USAGE with the line of what cannot be read. */
bool keyed_read(Mem *mem, const char *file, const char *text, size_t length,
                const Yaml **root, Err *err);

#endif
