/*
 * Commands: one row each; the same rows under `migrate`, `migrate sql` and `sys
 * database migrate`, so that command lines written for other runners keep working.
 */
#ifndef PGSTRIDE_CLI_COMMANDS_H
#define PGSTRIDE_CLI_COMMANDS_H

#include "cli/options.h"

typedef struct Invocation Invocation;

/* As a set: an option says in which commands it means something. */
typedef enum CommandSet
{
    CMD_UP = 1 << 0,
    CMD_CONTRACT = 1 << 1,
    CMD_DOWN = 1 << 2,
    CMD_STATUS = 1 << 3,
    CMD_PLAN = 1 << 4,
    CMD_FORCE = 1 << 5,
    CMD_BASELINE = 1 << 6,
    CMD_MARK = 1 << 7,
    CMD_NEW = 1 << 8,
    CMD_VALIDATE = 1 << 9,
    CMD_WAIT = 1 << 10,
    CMD_HISTORY = 1 << 11,
    CMD_VERSION = 1 << 12,
    CMD_HELP = 1 << 13,
    CMD_PAUSE = 1 << 14,
    CMD_RESUME = 1 << 15,
    CMD_WINDOW = 1 << 16,
    CMD_WATCH = 1 << 19,
    CMD_COMPLETION = 1 << 24,
    CMD_GOTO = 1 << 20,
    CMD_ADOPT = 1 << 21,
    CMD_DOCTOR = 1 << 17,
    CMD_REPAIR = 1 << 18,

    CMD_MOVE = CMD_UP | CMD_CONTRACT | CMD_DOWN | CMD_GOTO, /* runs migrations */
    CMD_RECORD =
        CMD_FORCE | CMD_BASELINE | CMD_MARK | CMD_ADOPT, /* writes history only */
    CMD_WRITE = CMD_MOVE | CMD_RECORD | CMD_REPAIR,      /* takes the runner lock */
    CMD_READ = CMD_STATUS | CMD_PLAN | CMD_HISTORY | CMD_WAIT | CMD_VALIDATE |
               CMD_DOCTOR | CMD_PAUSE | CMD_RESUME |
               CMD_WATCH, /* or changes what needs no runner lock */
    CMD_CONNECT = CMD_WRITE | CMD_READ,
    CMD_ALL =
        CMD_CONNECT | CMD_NEW | CMD_WINDOW | CMD_COMPLETION | CMD_VERSION | CMD_HELP
} CommandSet;

/* How the command was reached: it decides whether an unanswered question is a no. */
typedef enum Road
{
    ROAD_TOP,     /* pgstride up */
    ROAD_MIGRATE, /* pgstride migrate up */
    ROAD_SQL,     /* pgstride migrate sql up */
    ROAD_SYS      /* pgstride sys database migrate */
} Road;

/* What the words behind a command are, when they are no database address. */
typedef enum Takes
{
    TAKES_NOTHING,
    TAKES_VERSION,
    TAKES_NAME
} Takes;

typedef struct Command
{
    const char *name;
    CommandSet bit;
    bool (*run)(Invocation *call, Err *err);
    Takes takes;
    const char *arguments; /* for the usage line */
    int least;             /* arguments it takes, a database address not counted */
    int most;
    const char *help;  /* one line */
    const char *about; /* a paragraph for `help COMMAND` */
} Command;

/* A command line understood. */
typedef struct CommandLine
{
    const Command *command;
    Road road;
    const char *database;   /* positional URL or keyword string, or NULL */
    const char **arguments; /* the other words: versions, a name */
    int argument_count;
} CommandLine;

extern const Command commands_table[];
extern const int commands_count;

const Command *command_named(const char *name);

/*
 * From options->words. ERR_USAGE names what is wrong and what was probably meant; with
 * --help or --version the words need not be complete.
 */
bool command_read(Mem *mem, const Options *options, CommandLine *line, Err *err);

#endif
