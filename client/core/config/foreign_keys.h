/*
 * What is read of the parts of a configuration file that other programs read: where
 * their database is, where their migrations are, and how their runner treats them.
 */
#ifndef PGSTRIDE_CORE_FOREIGN_KEYS_H
#define PGSTRIDE_CORE_FOREIGN_KEYS_H

#include "core/config/config.h"
#include "core/config/yaml.h"

/* Adds addresses, settings and variables; what nobody here asks for is passed over. */
void foreign_keys_read(Mem *mem, const Yaml *root, Config *config);

#endif
