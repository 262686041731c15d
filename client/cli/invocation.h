/*
 * One call of the program: what was typed, where answers go, what it is connected to.
 *
 * Every command is a function of it: command_NAME reads it, asks run, prints. The first
 * error is returned, never printed; main does that.
 */
#ifndef PGSTRIDE_CLI_INVOCATION_H
#define PGSTRIDE_CLI_INVOCATION_H

#include "cli/commands.h"
#include "cli/out.h"
#include "run/run.h"

struct Invocation
{
    Mem *mem;
    Options options;
    CommandLine line;
    Settings settings; /* filled by settings_fill */
    Out out;           /* results */
    Out log;           /* progress and diagnostics */
    FILE *in;
    bool person;          /* somebody sits at the terminal and can answer */
    bool seen;            /* and sees the results there: they are not piped away */
    const char *database; /* "shop on PostgreSQL 15.20"; NULL before it is known */
    bool warned;          /* of the configuration file that everybody can read */
    bool answered;        /* the one JSON object is out */
    struct json_t *moved; /* what was done before an error, for its object; or NULL */
    const Component
        *component;          /* whose folder, history and database; NULL: not chosen */
    struct json_t *gathered; /* with --all: the answers of components; else NULL */
};

/* Streams and terminal; nothing has been read yet. */
void invocation_begin(Mem *mem, Invocation *call);

/* argv understood: the command, its options, and what applies to what. */
bool invocation_read(Invocation *call, int argc, char **argv, Err *err);

bool command_up(Invocation *call, Err *err);
bool command_contract(Invocation *call, Err *err);
bool command_down(Invocation *call, Err *err);
bool command_goto(Invocation *call, Err *err);
bool command_status(Invocation *call, Err *err);
bool command_plan(Invocation *call, Err *err);
bool command_force(Invocation *call, Err *err);
bool command_baseline(Invocation *call, Err *err);
bool command_mark(Invocation *call, Err *err);
bool command_adopt(Invocation *call, Err *err);
bool command_new(Invocation *call, Err *err);
bool command_validate(Invocation *call, Err *err);
bool command_wait(Invocation *call, Err *err);
bool command_history(Invocation *call, Err *err);
bool command_pause(Invocation *call, Err *err);
bool command_resume(Invocation *call, Err *err);
bool command_watch(Invocation *call, Err *err);
bool command_window(Invocation *call, Err *err);
bool command_completion(Invocation *call, Err *err);
bool command_doctor(Invocation *call, Err *err);
bool command_repair(Invocation *call, Err *err);
bool command_version(Invocation *call, Err *err);
bool command_help(Invocation *call, Err *err);

#endif
