/*
 * Which database is meant: a URL, a keyword string, a database's name, or libpq's own
 * environment, in all the spellings that the runners people come from accept.
 *
 * Pure but for one thing: passwords found are registered with secret_register, so that
 * nobody who reads a target can forget it.
 */
#ifndef PGSTRIDE_CORE_TARGET_H
#define PGSTRIDE_CORE_TARGET_H

#include "base/err.h"
#include "model/target.h"

/* Where environment variables come from: getenv, or a test's table. */
typedef struct Environment Environment;
struct Environment
{
    const char *(*get)(const Environment *environment, const char *name);
    /* The file that says it; nothing is filled where none does. NULL: there is none. */
    void (*where)(const Environment *environment, const char *name, const char **file,
                  int *line);
};

/* The variables that may name a database, ended by NULL. */
extern const char *const target_variables[];

/* Is one of them set, and not empty? */
bool target_in_environment(const Environment *environment);

/* A database address as a configuration file holds it. */
typedef struct Address
{
    const char *value;
    const char *key; /* "db.dsn" */
    const char *file;
    int line;
} Address;

/* Is that a database's address by its form, whether or not it can be read? A database's
 * bare name is none. */
bool target_is_address(const char *word);

/* Errors: ERR_USAGE, for what cannot be read and for engines we do not speak. */
bool target_read(Mem *mem, const char *given, Target *target, Err *err);

/* What another program calls "memory" is no database of that name: ERR_USAGE. */
bool target_from_file(Mem *mem, const Address *filed, Target *target, Err *err);

/*
 * Where none is given on the command line: PGSTRIDE_DATABASE, DSN, DB_DSN,
 * TALOS_DB_DSN, DATABASE_URL, refused when several are set and differ; else what a
 * configuration file holds (NULL: nothing); else libpq's PGHOST, PGDATABASE,
 * PGSERVICE... Without these either ERR_USAGE: there is no silent local default.
 */
bool target_find(Mem *mem, const Environment *environment, const Address *filed,
                 Target *target, Err *err);

#endif
