#include "cli/options.h"

#include <string.h>

#include "base/nearest.h"
#include "cli/commands.h"

static const char *const through_choices[] = {"expand", "backfill", "contract", NULL};
static const char *const history_choices[] = {"shared", "own", NULL};
static const char *const mode_choices[] = {"shared", "import", NULL};
static const char *const safe_choices[] = {"rewrite", "warn", "off", NULL};
static const char *const engine_choices[] = {"postgres", "mysql",     "mariadb",
                                             "sqlite",   "cockroach", NULL};
static const char *const wait_choices[] = {"migrations", "db", NULL};
static const char *const state_choices[] = {"pending", "expanded", "backfilled",
                                            "contracted", NULL};
static const char *const format_choices[] = {"text",        "table", "json",
                                             "json-pretty", "yaml",  NULL};
static const char *const level_choices[] = {"TRACE", "DEBUG", "INFO",
                                            "WARN",  "ERROR", NULL};

#define AT(member) offsetof(Options, member)

/* clang-format off */
const Option options_table[] = {
    {"database", 'd', OPTION_TEXT, AT(database), NULL, NULL, "URL", CMD_CONNECT,
     "where to connect: a URL, a keyword string, or a positional URL", NULL},
    {"read-from-env", 'e', OPTION_FLAG, AT(read_from_env), NULL, NULL, NULL, CMD_CONNECT,
     "take the URL from the environment or the configuration file", NULL},
    {"config", 'c', OPTION_LIST, AT(config), NULL, "PGSTRIDE_CONFIG", "FILE", CMD_ALL,
     "a YAML file with flags and the database; given again, the later file wins", NULL},
    {"dir", 0, OPTION_FOLDERS, AT(dir), NULL, "PGSTRIDE_DIR", "DIR[,DIR]", CMD_CONNECT | CMD_NEW,
     "the folder of migrations (default: migrations, else db/migrations); several of Flyway, "
     "popx and dbmate are read as one", NULL},
    {"layout", 0, OPTION_TEXT, AT(layout), NULL, "PGSTRIDE_LAYOUT", "LAYOUT", CMD_CONNECT,
     "whose folder it is (default: auto, found out): native, popx, pair, dbmate, goose, flyway, "
     "drizzle, drizzle-folders, atlas, sqitch or plain", NULL},
    {"engine", 0, OPTION_CHOICE, AT(engine), "postgres", NULL, "ENGINE", CMD_VALIDATE,
     "postgres, mysql, mariadb, sqlite or cockroach: whose SQL the files hold, where no database "
     "is named", engine_choices},
    {"from", 0, OPTION_TEXT, AT(layout), NULL, NULL, "LAYOUT", CMD_ADOPT,
     "whose history it is; auto, the default: found by the folder and by the tables", NULL},
    {"mode", 0, OPTION_CHOICE, AT(mode), "shared", NULL, "MODE", CMD_ADOPT,
     "shared: both histories are kept from then on; import: the runner's rows are copied, and its "
     "table is left alone for good", mode_choices},
    {"history", 0, OPTION_CHOICE, AT(history), "shared", "PGSTRIDE_HISTORY", "WHOSE", CMD_CONNECT,
     "shared: also the table of the folder's own runner is read and written; own: only "
     "pgstride's", history_choices},
    {"history-table", 0, OPTION_TEXT, AT(history_table), NULL, "PGSTRIDE_HISTORY_TABLE", "NAME",
     CMD_CONNECT,
     "what the folder's own runner calls its table, where it has another name than usual; "
     "FLYWAY_TABLE, GOOSE_TABLE, DBMATE_MIGRATIONS_TABLE and golang-migrate's "
     "x-migrations-table in the URL say it, too", NULL},
    {"component", 0, OPTION_TEXT, AT(component), NULL, "PGSTRIDE_COMPONENT", "NAME",
     CMD_CONNECT | CMD_NEW,
     "which folder of several is meant: its history, its lock, its database", NULL},
    {"all", 0, OPTION_FLAG, AT(all), NULL, NULL, NULL, CMD_UP | CMD_STATUS | CMD_PLAN,
     "every component of the configuration file, in its order", NULL},
    {"plugins", 'p', OPTION_PATH, AT(plugins), NULL, NULL, "DIR", CMD_UP,
     "taken for the sake of Kestra's command lines; there are none here", NULL},
    {"role", 0, OPTION_TEXT, AT(role), NULL, "PGSTRIDE_ROLE", "ROLE", CMD_WRITE | CMD_PLAN,
     "act as this role: what is made belongs to it", NULL},

    {"yes", 'y', OPTION_FLAG, AT(yes), NULL, NULL, NULL, CMD_WRITE,
     "do not ask", NULL},
    {"dry-run", 0, OPTION_FLAG, AT(dry_run), NULL, NULL, NULL, CMD_MOVE,
     "print what would be run, and run nothing", NULL},
    {"steps", 0, OPTION_COUNT, AT(steps), NULL, NULL, "N", CMD_UP | CMD_DOWN | CMD_PLAN,
     "only this many migrations (down: 1)", NULL},
    {"to", 0, OPTION_TEXT, AT(to), NULL, NULL, "VERSION", CMD_UP | CMD_PLAN,
     "up to this version and including it", NULL},
    {"through", 0, OPTION_CHOICE, AT(through), "backfill", NULL, "PHASE", CMD_UP | CMD_PLAN,
     "how far to go: expand, backfill or contract", through_choices},
    {"safe", 0, OPTION_CHOICE, AT(safe), "rewrite", "PGSTRIDE_SAFE", "MODE",
     CMD_UP | CMD_GOTO | CMD_CONTRACT | CMD_PLAN,
     "what to do with hazardous statements: rewrite, warn or off", safe_choices},
    {"allow-overlap", 0, OPTION_FLAG, AT(allow_overlap), NULL, NULL, NULL, CMD_UP | CMD_GOTO | CMD_PLAN,
     "also touch tables that an earlier migration has not contracted yet", NULL},
    {"out-of-order", 0, OPTION_FLAG, AT(out_of_order), NULL, NULL, NULL, CMD_UP | CMD_GOTO | CMD_PLAN,
     "also run pending migrations older than the newest applied one", NULL},

    {"ignore-migration-patterns", 0, OPTION_TEXT, AT(ignore_patterns), NULL,
     "FLYWAY_IGNORE_MIGRATION_PATTERNS", "PATTERNS", CMD_MOVE | CMD_PLAN | CMD_STATUS | CMD_VALIDATE,
     "what may be wrong, as Flyway says it: \"*:missing,*:future\"", NULL},

    {"max-stall", 0, OPTION_DURATION, AT(max_stall), "100ms", "PGSTRIDE_MAX_STALL", "TIME",
     CMD_MOVE | CMD_REPAIR | CMD_PLAN,
     "the longest an application statement may wait because of us", NULL},
    {"lock-patience", 0, OPTION_DURATION, AT(lock_patience), "10min", "PGSTRIDE_LOCK_PATIENCE",
     "TIME", CMD_MOVE | CMD_REPAIR,
     "give up on a lock after this long, naming who holds it", NULL},
    {"on-blocker", 0, OPTION_BLOCKER, AT(on_blocker), "wait", "PGSTRIDE_ON_BLOCKER", "RULE",
     CMD_MOVE,
     "what to do with a transaction that idles in the way: wait, cancel-idle:TIME (end "
     "it after TIME if it has changed nothing) or terminate-idle:TIME (end it, its "
     "changes are rolled back); both close its session, running statements are never "
     "touched", NULL},
    {"standby", 0, OPTION_LIST, AT(standby), NULL, "PGSTRIDE_STANDBY", "URL",
     CMD_MOVE | CMD_PLAN | CMD_DOCTOR,
     "a standby whose readers count before a strong lock, as if they were readers of the "
     "primary; on MySQL and MariaDB a replica whose readers a change of a table waits for, and "
     "for which a backfill rests while it is behind; doctor says how far; may be given again",
     NULL},
    {"batch-time", 0, OPTION_DURATION, AT(batch_time), "100ms", "PGSTRIDE_BATCH_TIME", "TIME",
     CMD_UP | CMD_GOTO | CMD_PLAN | CMD_RESUME,
     "how long one batch of a backfill should take", NULL},
    {"workers", 0, OPTION_COUNT, AT(workers), "1", "PGSTRIDE_WORKERS", "N", CMD_UP | CMD_GOTO | CMD_PLAN | CMD_RESUME,
     "sweep a table with so many connections at once, each its own part", NULL},
    {"free-space", 0, OPTION_SIZE, AT(free_space), NULL, "PGSTRIDE_FREE_SPACE", "SIZE",
     CMD_UP | CMD_GOTO | CMD_PLAN,
     "what is free on the server's disk, where it cannot be seen from here; a backfill that "
     "needs more is refused", NULL},
    {"max-lag", 0, OPTION_DURATION, AT(max_lag), "1s", "PGSTRIDE_MAX_LAG", "TIME", CMD_UP | CMD_GOTO | CMD_RESUME,
     "rest while a replica is further behind than this", NULL},
    {"max-slot-wal", 0, OPTION_SIZE, AT(max_slot_wal), "10GB", "PGSTRIDE_MAX_SLOT_WAL", "SIZE", CMD_UP | CMD_GOTO | CMD_RESUME,
     "rest while a replication slot keeps more WAL than this", NULL},
    {"max-wal-rate", 0, OPTION_SIZE, AT(max_wal_rate), NULL, "PGSTRIDE_MAX_WAL_RATE", "SIZE", CMD_UP | CMD_GOTO | CMD_RESUME,
     "go slower while the whole server writes more WAL than this in a second", NULL},
    {"max-active", 0, OPTION_COUNT, AT(max_active), NULL, "PGSTRIDE_MAX_ACTIVE", "N", CMD_UP | CMD_GOTO | CMD_RESUME,
     "go slower while more other sessions than this are active: twice the server's cores, say", NULL},
    {"max-history", 0, OPTION_COUNT, AT(max_history), "1000000", "PGSTRIDE_MAX_HISTORY", "N", CMD_UP | CMD_GOTO | CMD_RESUME,
     "MySQL, MariaDB: go slower while the history list, what awaits its purge, is longer than this", NULL},
    {"max-latency", 0, OPTION_DURATION, AT(max_latency), NULL, "PGSTRIDE_MAX_LATENCY", "TIME", CMD_UP | CMD_GOTO | CMD_RESUME,
     "go slower while a commit of one row, made between two batches, takes longer than this", NULL},
    {"max-share", 0, OPTION_PERCENT, AT(max_share), NULL, "PGSTRIDE_MAX_SHARE", "PERCENT", CMD_UP | CMD_GOTO | CMD_RESUME,
     "let batches take no more than this share of the time, in short ones: 10 is hardly felt", NULL},
    {"throttle-query", 0, OPTION_TEXT, AT(throttle_query), NULL, "PGSTRIDE_THROTTLE_QUERY", "SQL", CMD_UP | CMD_GOTO,
     "rest while this query gives true, or a number above 0; asked once a second", NULL},
    {"throttle-file", 0, OPTION_PATH, AT(throttle_file), NULL, "PGSTRIDE_THROTTLE_FILE", "PATH", CMD_UP | CMD_GOTO,
     "rest while this file exists", NULL},
    {"window", 0, OPTION_TEXT, AT(window), NULL, "PGSTRIDE_WINDOW", "WINDOW", CMD_MOVE | CMD_PLAN,
     "work only in these hours, and rest between: \"sat,sun 02:00-05:00 Europe/Berlin\"", NULL},
    {"wait", 0, OPTION_PATIENCE, AT(wait), NULL, NULL, "[=TIME]", CMD_WRITE | CMD_STATUS,
     "how long to wait for another run (10min); status: until all is applied", NULL},
    {"block", 0, OPTION_PATIENCE, AT(wait), NULL, NULL, "[=TIME]", CMD_WRITE | CMD_STATUS,
     "the same as --wait", NULL},
    {"no-wait", 0, OPTION_FLAG, AT(no_wait), NULL, NULL, NULL, CMD_WRITE,
     "give up at once where another run is at work, where it is paused, or outside its window", NULL},
    {"writable-replica", 0, OPTION_FLAG, AT(writable_replica), NULL, NULL, NULL, CMD_WRITE,
     "also write to a MySQL or MariaDB server that copies from another", NULL},
    {"no-backup", 0, OPTION_FLAG, AT(no_backup), NULL, NULL, NULL, CMD_MOVE,
     "SQLite: no copy of the file before something is taken away from it", NULL},

    {"once", 0, OPTION_FLAG, AT(once), NULL, NULL, NULL, CMD_WATCH,
     "look once, and end", NULL},
    {"exit-code", 0, OPTION_FLAG, AT(exit_code), NULL, NULL, NULL, CMD_STATUS,
     "exit with 8 when something is pending", NULL},
    {"for", 0, OPTION_CHOICE, AT(wait_for), "migrations", NULL, "WHAT", CMD_WAIT,
     "what to wait for: migrations, or db (until it answers)", wait_choices},
    {"timeout", 0, OPTION_DURATION, AT(timeout), "10min", NULL, "TIME", CMD_WAIT,
     "how long to wait", NULL},
    {"applied", 0, OPTION_FLAG, AT(applied), NULL, NULL, NULL, CMD_MARK,
     "record the versions as applied (the default)", NULL},
    {"pending", 0, OPTION_FLAG, AT(pending), NULL, NULL, NULL, CMD_MARK,
     "record the versions as pending", NULL},
    {"to-state", 0, OPTION_CHOICE, AT(to_state), "contracted", NULL, "STATE", CMD_MARK,
     "record them as pending, expanded, backfilled or contracted", state_choices},
    {"phases", 0, OPTION_FLAG, AT(phases), NULL, NULL, NULL, CMD_NEW,
     "with expand, backfill and contract instead of up", NULL},
    {"split", 0, OPTION_FLAG, AT(split), NULL, NULL, NULL, CMD_NEW,
     "one file for every section", NULL},
    {"up-only", 0, OPTION_FLAG, AT(up_only), NULL, NULL, NULL, CMD_NEW,
     "without a way back", NULL},

    {"format", 0, OPTION_CHOICE, AT(format), "text", "PGSTRIDE_FORMAT", "FORMAT", CMD_ALL,
     "text, table, json, json-pretty or yaml", format_choices},
    {"quiet", 'q', OPTION_FLAG, AT(quiet), NULL, NULL, NULL, CMD_ALL,
     "no progress, only results and errors", NULL},
    {"verbose", 'v', OPTION_TALLY, AT(verbose), NULL, NULL, NULL, CMD_ALL,
     "tell more; again: still more", NULL},
    {"log-level", 'l', OPTION_CHOICE, AT(log_level), "WARN", "PGSTRIDE_LOG_LEVEL", "LEVEL",
     CMD_ALL, "what is logged: TRACE, DEBUG, INFO, WARN or ERROR", level_choices},
    {"internal-log", 0, OPTION_FLAG, AT(internal_log), NULL, NULL, NULL, CMD_ALL,
     "also log what the client library of the database says", NULL},
    {"no-color", 0, OPTION_FLAG, AT(no_color), NULL, NULL, NULL, CMD_ALL,
     "no colours (also: NO_COLOR=1)", NULL},
    {"help", 'h', OPTION_FLAG, AT(help), NULL, NULL, NULL, CMD_ALL,
     "show this help", NULL},
    {"version", 'V', OPTION_FLAG, AT(version), NULL, NULL, NULL, CMD_ALL,
     "show the version", NULL},
#ifdef PGSTRIDE_FAULTS
    {"list-faults", 0, OPTION_FLAG, AT(list_faults), NULL, NULL, NULL, CMD_ALL, NULL, NULL},
#endif
};
/* clang-format on */

const int options_count = LENGTH(options_table);
_Static_assert(LENGTH(options_table) <= OPTION_MAX, "Options.flagged has a row each");

const char *
word_shown(const char *word)
{
    return strstr(word, "://") != NULL || strchr(word, '=') != NULL
               ? "(a connection string)"
               : word;
}

const Option *
option_named(const char *name, size_t length)
{
    for (int i = 0; i < options_count; i++)
        if (strlen(options_table[i].name) == length &&
            strncmp(options_table[i].name, name, length) == 0)
            return &options_table[i];
    return NULL;
}

const Option *
option_lettered(char letter)
{
    for (int i = 0; i < options_count; i++)
        if (options_table[i].letter == letter)
            return &options_table[i];
    return NULL;
}

/* Flags that hands know from other runners, and what they are called here. */
static const char *const known_elsewhere[][2] = {
    {"url", "database"},        {"dsn", "database"},
    {"connection", "database"}, {"path", "dir"},
    {"source", "dir"},          {"locations", "dir"},
    {"migrations-dir", "dir"},  {"timeout", "lock-patience"},
};

const char *
option_nearest(const char *wrong)
{
    const char *names[OPTION_MAX];

    for (int i = 0; i < LENGTH(known_elsewhere); i++)
        if (strcmp(wrong, known_elsewhere[i][0]) == 0)
            return known_elsewhere[i][1];
    for (int i = 0; i < options_count; i++)
        names[i] = options_table[i].name;
    return nearest_name(wrong, names, options_count);
}

bool
option_given(const Options *options, const char *name)
{
    const Option *option = option_named(name, strlen(name));

    return option != NULL && options->flagged[option - options_table];
}

bool
option_said(const Options *options, const char *name)
{
    const Option *option = option_named(name, strlen(name));

    return option != NULL && options->said[option - options_table];
}

static bool
flag_refused(const char *flag, unsigned command, const char *command_name, Err *err)
{
    err_set(err, ERR_USAGE, "--%s does not apply to \"%s\"", flag, command_name);
    /* golang-migrate's: here it means all components of a configuration. */
    if (command == CMD_DOWN && strcmp(flag, "all") == 0)
        return err_hint(err,
                        "To undo everything, say how many: --steps 999; \"pgstride "
                        "down --dry-run --steps 999\" shows them first.");
    return err_hint(err, "\"pgstride help %s\" lists the flags that do.", command_name);
}

bool
options_apply_to(const Options *options, unsigned command, const char *command_name,
                 Err *err)
{
    for (int i = 0; i < options_count; i++)
        if (options->flagged[i] && (options_table[i].commands & command) == 0)
            return flag_refused(options_table[i].name, command, command_name, err);
    return true;
}

bool
options_json(const Options *options)
{
    return options->format >= FORMAT_JSON;
}

LogLevel
options_log_level(const Options *options)
{
    int level = options->log_level - options->verbose;

    return level < LOG_LEVEL_TRACE ? LOG_LEVEL_TRACE : (LogLevel)level;
}
