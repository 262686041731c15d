/*
 * Options: one row each, read by the parser, by --help, by the environment and by
 * configuration files alike.
 *
 * Flags stand anywhere on the command line; what is no flag is a word. A flag beats the
 * environment, the environment the files, a later file an earlier one, and all of them
 * the default.
 */
#ifndef PGSTRIDE_CLI_OPTIONS_H
#define PGSTRIDE_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "core/config/config.h"
#include "run/run.h"

typedef enum Format
{
    FORMAT_TEXT,
    FORMAT_TABLE,
    FORMAT_JSON, /* from here on: the one object, for a program */
    FORMAT_JSON_PRETTY,
    FORMAT_YAML
} Format;

typedef enum OptionType
{
    OPTION_FLAG,     /* bool; also --name=true and --name=false */
    OPTION_TALLY,    /* int: how often */
    OPTION_COUNT,    /* int, at least 1 */
    OPTION_TEXT,     /* const char * */
    OPTION_PATH,     /* const char *; in a file it is relative to that file */
    OPTION_FOLDERS,  /* const char *; the same, several with commas between them */
    OPTION_LIST,     /* Texts: it may be given again */
    OPTION_DURATION, /* Millis */
    OPTION_SIZE,     /* int64_t, bytes */
    OPTION_PERCENT,  /* int, 1 to 100 */
    OPTION_PATIENCE, /* Millis; the value may be left out: 10 min */
    OPTION_CHOICE,   /* int: index into `choices` */
    OPTION_BLOCKER   /* OnBlocker */
} OptionType;

typedef LIST(const char *) Texts;

typedef struct Option
{
    const char *name;
    char letter; /* 0: none */
    OptionType type;
    size_t offset;        /* in Options */
    const char *fallback; /* read like a value; NULL: zero */
    const char *env;      /* or NULL */
    const char *metavar;
    unsigned commands; /* CommandSet: where it applies */
    const char *help;  /* NULL: not listed */
    const char *const *choices;
} Option;

#define OPTION_MAX 64

typedef struct Options
{
    const char *database;
    bool read_from_env;
    Texts config;
    const char *dir;
    const char *layout;
    int engine;  /* as cli/files.c has them */
    int history; /* 0 shared, 1 own */
    const char *history_table;
    int mode; /* 0 shared, 1 import */
    const char *component;
    bool all;
    const char *plugins;
    const char *role;
    bool yes;
    bool dry_run;
    int steps;
    const char *to;
    int through; /* Phase, counted from PHASE_EXPAND */
    int safe;    /* Safe */
    Millis max_stall;
    Millis lock_patience;
    OnBlocker on_blocker;
    Texts standby;
    Millis batch_time;
    int workers;
    int64_t free_space;
    Millis max_lag;
    int64_t max_slot_wal;
    int64_t max_wal_rate;
    int max_active;
    int max_history;
    Millis max_latency;
    int max_share; /* percent */
    const char *window;
    bool once;
    const char *throttle_query;
    const char *throttle_file;
    Millis wait;
    bool no_wait;
    bool no_backup;
    bool allow_overlap;
    bool writable_replica;
    bool out_of_order;
    const char *ignore_patterns;
    bool exit_code;
    int wait_for; /* 0 migrations, 1 database */
    Millis timeout;
    bool applied;
    bool pending;
    int to_state; /* State */
    bool phases;
    bool split;
    bool up_only;
    int format; /* Format */
    bool quiet;
    int verbose;
    int log_level; /* LogLevel */
    bool internal_log;
    bool no_color;
    bool help;
    bool version;
    bool list_faults;

    const char **words; /* what was no flag, in order */
    int word_count;
    bool flagged[OPTION_MAX]; /* by row: given on the command line */
    bool said[OPTION_MAX];    /* ... or anywhere else: it is no default */
    LIST(Config) configs;     /* the files of config, read */
} Options;

extern const Option options_table[];
extern const int options_count;

/*
 * Defaults, then the files that --config names, the environment, argv[1..]. The first
 * error is the one told, but all flags are read, so that --format decides how it is
 * told. ERR_USAGE.
 */
bool options_read(Mem *mem, int argc, char *const *argv, Options *options, Err *err);

/* By long name, by letter; NULL: there is none. */
const Option *option_named(const char *name, size_t length);
const Option *option_lettered(char letter);

/* The name that was meant, or NULL. */
const char *option_nearest(const char *wrong);

/* No configuration file may hold it: it is about the one call. */
bool option_typed_only(const char *name);

/* Relative to the folder that the file is in, unless it begins with a slash. */
const char *path_beside(Mem *mem, const char *file, const char *path);
/* Each of them, with commas between; what has another prefix than "filesystem:" stays,
 * and with `here` what there is in the folder that we are in. */
const char *folders_beside(Mem *mem, const char *file, const char *folders, bool here);

/* Given on the command line, by its long name. */
bool option_given(const Options *options, const char *name);

/* Given anywhere: there, in the environment, in a file. */
bool option_said(const Options *options, const char *name);

/* Every flag that was given applies to that command; else ERR_USAGE. */
bool options_apply_to(const Options *options, unsigned command,
                      const char *command_name, Err *err);

/* A word of the command line as an error may quote it: never a connection string. */
const char *word_shown(const char *word);

bool options_json(const Options *options);

/* What is logged: -l, and one level more for every -v. */
LogLevel options_log_level(const Options *options);

#endif
