/*
 * A configuration file in YAML, or as Flyway has it (keyed.h): from its text to values
 * with their lines.
 *
 * Under `pgstride:` stand flags by their long names, and `components:`. Elsewhere, so
 * that the file of the application can be given as it is, only where its database and
 * its migrations are is read: `dsn`, `db.dsn`, `datasources.*`, `flyway.*`.
 *
 * Which flags there are and what they take is known to cli alone: values stay texts.
 */
#ifndef PGSTRIDE_CORE_CONFIG_H
#define PGSTRIDE_CORE_CONFIG_H

#include "base/err.h"
#include "core/config/target.h"

/* A flag as the file gives it; one that is given a list is there several times. */
typedef struct ConfigSetting
{
    const char *name;
    const char *value;
    int line;
    bool foreign; /* from the part that another program reads */
} ConfigSetting;

/* What a runner of others would take from a variable of that name: "FLYWAY_TABLE". */
typedef struct ConfigVariable
{
    const char *name;
    const char *value;
    int line;
} ConfigVariable;

/* A folder of migrations with a history of its own. What is NULL is not said. */
typedef struct Component
{
    const char *name;
    const char *dir;
    const char *database;
    const char *layout;
    const char *history;
    int line;
} Component;

typedef struct Config
{
    const char *file;
    LIST(ConfigSetting) settings; /* foreign ones first: ours win */
    LIST(Address) addresses;
    LIST(ConfigVariable) variables;
    LIST(Component) components; /* in the order given */
    bool exposed; /* everybody can read it; filled by who reads the file */
} Config;

/*
 * Reads one document. ERR_USAGE with file, line and, where YAML itself is broken,
 * column: what is misspelled, given twice, or has the wrong shape. No value is quoted
 * in an error: it may be a password.
 */
bool config_read(Mem *mem, const char *file, const char *text, size_t length,
                 Config *config, Err *err);

/* May a component be called so? It becomes a key of every row of its history, and a
 * part of the names of its sessions. */
bool component_name_good(const char *name);
#define COMPONENT_NAMES "A name has at most 40 of a-z, 0-9, _ and -."

/* What that variable would be; NULL: the file does not say. */
const ConfigVariable *config_variable(const Config *config, const char *name);

/* The database that the file names: `pgstride: database:` before all others, of which
 * two that differ are ERR_USAGE. NULL: it names none. */
bool config_address(const Config *config, const Address **address, Err *err);

#endif
