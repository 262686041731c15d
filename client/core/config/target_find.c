/* Where an address is found that the command line does not give: in the environment, in
 * a configuration file. */
#include <string.h>

#include "core/config/target.h"

const char *const target_variables[] = {
    "PGSTRIDE_DATABASE", "DSN", "DB_DSN", "TALOS_DB_DSN", "DATABASE_URL", NULL,
};

static const char *const libpq_variables[] = {
    "PGSERVICE",
    "PGHOST",
    "PGHOSTADDR",
    "PGDATABASE",
};

static const char *
env_get(const Environment *environment, const char *name)
{
    const char *value = environment->get(environment, name);

    return value == NULL || value[0] == '\0' ? NULL : value;
}

static bool
env_names_libpq(const Environment *environment)
{
    for (int i = 0; i < LENGTH(libpq_variables); i++)
        if (env_get(environment, libpq_variables[i]) != NULL)
            return true;
    return false;
}

bool
target_in_environment(const Environment *environment)
{
    for (int i = 0; target_variables[i] != NULL; i++)
        if (env_get(environment, target_variables[i]) != NULL)
            return true;
    return false;
}

/* The one variable that names a database, or NULL; false when two differ. */
static bool
env_find(const Environment *environment, const char **found, Err *err)
{
    const char *value = NULL;

    *found = NULL;
    for (int i = 0; target_variables[i] != NULL; i++)
    {
        const char *other = env_get(environment, target_variables[i]);

        if (other == NULL || (value != NULL && strcmp(value, other) == 0))
            continue;
        if (value != NULL)
        {
            err_set(err, ERR_USAGE, "%s and %s are both set and differ", *found,
                    target_variables[i]);
            return err_hint(err, "Unset one of them, or say which with --database.");
        }
        *found = target_variables[i];
        value = other;
    }
    return true;
}

bool
target_from_file(Mem *mem, const Address *filed, Target *target, Err *err)
{
    const char *value = filed->value;
    Err why = {0};

    if (strstr(value, "${") != NULL)
        return err_at(err, ERR_USAGE, filed->file, filed->line,
                      "\"%s\" has a \"${\" in it, and variables are not filled in",
                      filed->key) ||
               err_hint(err, "Give the address in PGSTRIDE_DATABASE instead.");
    if (strstr(value, "://") == NULL && strchr(value, '=') == NULL &&
        strncmp(value, "jdbc:", 5) != 0)
        return err_at(err, ERR_USAGE, filed->file, filed->line,
                      "\"%s\" is no database address", filed->key) ||
               err_hint(err, "Give a URL like postgres://user@host:5432/database.");
    if (target_read(mem, value, target, &why))
        return true;
    err_at(err, why.kind, filed->file, filed->line, "in \"%s\": %s", filed->key,
           why.text);
    if (why.hint != NULL)
        err_hint(err, "%s", why.hint);
    err_clear(&why);
    return false;
}

bool
target_find(Mem *mem, const Environment *environment, const Address *filed,
            Target *target, Err *err)
{
    const char *found;

    if (!env_find(environment, &found, err))
        return false;
    if (found != NULL)
        return target_read(mem, env_get(environment, found), target, err) ||
               err_in(err, "in %s", found);
    if (filed != NULL)
        return target_from_file(mem, filed, target, err);
    if (env_names_libpq(environment))
        return target_read(mem, "", target, err);
    err_set(err, ERR_USAGE, "no database is given");
    return err_hint(err, "Give a URL (postgres://user@host/database) or --database, "
                         "set PGSTRIDE_DATABASE or libpq's PGHOST and PGDATABASE, or "
                         "name a configuration file with --config.");
}
