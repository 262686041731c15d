#include "cli/commands.h"

#include <ctype.h>
#include <string.h>

#include "base/nearest.h"
#include "cli/invocation.h"
#include "core/config/target.h"

/* clang-format off */
const Command commands_table[] = {
    {"up", CMD_UP, command_up, TAKES_VERSION, "[VERSION] [URL]", 0, 1,
     "run pending migrations: expand and backfill, stopping before contract",
     "Runs every pending migration until its new shape stands beside the old one and every "
     "row is filled, then says what to deploy and what to type next. A migration that has "
     "only an up section runs whole. What was interrupted goes on where it stopped."},
    {"contract", CMD_CONTRACT, command_contract, TAKES_VERSION, "[VERSION] [URL]", 0, 1,
     "finish a backfilled migration: only the new shape is left",
     "Proves that nothing is left unfilled, then takes the old shape away in one short "
     "transaction. Refuses while anything could still need it, and says who or what. Without "
     "a VERSION, exactly one migration must be waiting for it."},
    {"down", CMD_DOWN, command_down, TAKES_VERSION, "[VERSION] [URL]", 0, 1,
     "undo the migration applied last (or --steps N of them)",
     "Takes whole migrations back, newest first, by their down sections or by the undo that "
     "each step carries. All of it is checked before the first statement runs."},
    {"goto", CMD_GOTO, command_goto, TAKES_VERSION, "VERSION [URL]", 1, 1,
     "up to that version, then down what is above it",
     "Runs what is pending up to VERSION, as \"up\" does, and then takes back what was applied "
     "above it, as \"down\" does; nothing is contracted. All of it is shown, and every way back "
     "is found, before the first statement runs. -1 means before the first migration."},
    {"status", CMD_STATUS, command_status, TAKES_NOTHING, "[URL]", 0, 0,
     "what is applied, what is pending, what waits for contract",
     "Compares the folder with the history in the database. Creates and locks nothing."},
    {"plan", CMD_PLAN, command_plan, TAKES_VERSION, "[VERSION] [URL]", 0, 1,
     "the steps that up would run, with their locks and costs",
     "Plans against the live catalog what \"up\" would do, statement by statement, and changes "
     "nothing. With -v it shows every statement exactly as it would be sent."},
    {"force", CMD_FORCE, command_force, TAKES_VERSION, "VERSION [URL]", 1, 1,
     "declare the database to be at a version, running nothing",
     "Records every migration up to VERSION as applied and all later ones as pending, "
     "whatever the history says. For after a repair by hand. -1 means none."},
    {"baseline", CMD_BASELINE, command_baseline, TAKES_VERSION, "VERSION [URL]", 1, 1,
     "start with a database that already is at a version",
     "Records every migration up to VERSION as applied before pgstride came; only for a "
     "database whose history is empty."},
    {"mark", CMD_MARK, command_mark, TAKES_VERSION, "VERSION... [URL]", 1, 64,
     "record single versions as applied or pending, running nothing",
     "Touches the history of the named versions and of no other."},
    {"adopt", CMD_ADOPT, command_adopt, TAKES_NOTHING, "[URL]", 0, 0,
     "take over what the folder's own runner has applied, running nothing",
     "Records what the table of that runner says was applied, and writes that table from "
     "then on; up does the same by itself. What its runner left half done is asked about "
     "first."},
    {"new", CMD_NEW, command_new, TAKES_NAME, "NAME", 1, 1,
     "make an empty migration file with the next version",
     "Writes VERSION_NAME.sql into the folder of migrations, with the sections to fill in."},
    {"validate", CMD_VALIDATE, command_validate, TAKES_NOTHING, "[URL]", 0, 0,
     "read and parse every file; with a URL, compare with the history too",
     "Finds wrong names, duplicate versions, misspelled directives and SQL that does not "
     "parse. It needs no database; given one, it also finds migrations that were changed or "
     "lost since they ran."},
    {"wait", CMD_WAIT, command_wait, TAKES_NOTHING, "[URL]", 0, 0,
     "block until nothing is pending, or until the database answers",
     "For init containers: exits with 0 when the wait is over, with 8 when the time is."},
    {"history", CMD_HISTORY, command_history, TAKES_NOTHING, "[URL]", 0, 0,
     "what ran when, by whom, and what it cost",
     "Prints the audit trail kept in the database, oldest first."},
    {"watch", CMD_WATCH, command_watch, TAKES_NOTHING, "[URL]", 0, 0,
     "look on: the run, why it rests, who waits for whom, replicas",
     "Shows once a second, from any machine, what runs and how far it is, why it rests, who "
     "waits for whom, long transactions, the server's own progress, replicas and slots, and the "
     "oldest snapshot. It reads only, creates nothing, and waits for a server that goes away. "
     "What this account may not see is named with the grant that shows it."},
    {"pause", CMD_PAUSE, command_pause, TAKES_VERSION, "[VERSION] [URL]", 0, 1,
     "let whatever runs rest after its current batch, until resume",
     "From any terminal or machine: the run rests before its next batch or step, keeps its "
     "process and gives the runner lock back. A run that starts while it is paused waits too; "
     "with --no-wait it exits with 75. With a VERSION only that migration rests."},
    {"resume", CMD_RESUME, command_resume, TAKES_NOTHING, "[URL]", 0, 0,
     "let what is paused go on, or give a run new limits",
     "The run takes the runner lock again and goes on, unless another one has taken over. Limits "
     "given here reach the run that is at work within a second, paused or not, and are kept "
     "in its history."},
    {"window", CMD_WINDOW, command_window, TAKES_NAME, "\"WINDOW\"", 1, 1,
     "when a window opens next",
     "Prints the next openings of a window as --window and the option window: take it: "
     "DAYS HH:MM-HH:MM ZONE, several joined by \";\". The end is exclusive and may lie past "
     "midnight. A time in the hour that is skipped in spring shifts forward, the hour that is "
     "repeated in autumn counts twice."},
    {"completion", CMD_COMPLETION, command_completion, TAKES_NAME, "bash|zsh|fish", 1, 1,
     "print what makes a shell complete commands and flags",
     "Printed from the tables that read the command line: commands, flags, their values, and "
     "the versions of the folder in which the shell is."},
    {"doctor", CMD_DOCTOR, command_doctor, TAKES_NOTHING, "[URL]", 0, 0,
     "everything half done in the database, with what mends it",
     "Lists invalid indexes, constraints that were never validated, pending detaches, sync "
     "triggers that nobody needs, migrations and backfills that stand still: what each costs, and "
     "the statement that mends it. Notes say what is in the way of migrations besides: what the "
     "account lacks or is not shown, and on other engines what tables, settings or the file are "
     "like; and whether the server extension is in use. Creates and locks nothing. Exits with 0 when nothing is half done, with 8 when something is, with 3 when "
     "a migration is dirty."},
    {"repair", CMD_REPAIR, command_repair, TAKES_VERSION, "[VERSION] [URL]", 0, 1,
     "mend what doctor lists, or settle a dirty migration",
     "Shows what is half done, asks, and runs each mending statement under the stall budget, as "
     "any step, and exits as doctor then would. With the VERSION of a dirty migration it shows what "
     "is in the database beside what the file says, and asks whether the file is right."},
    {"version", CMD_VERSION, command_version, TAKES_NOTHING, "", 0, 0,
     "show the version", "Shows the version of pgstride."},
    {"help", CMD_HELP, command_help, TAKES_NAME, "[COMMAND]", 0, 4,
     "show help about a command", "Shows what a command does and the flags it takes."},
};
/* clang-format on */

const int commands_count = LENGTH(commands_table);

/* The words that may stand before a command, longest first. */
typedef struct RoadRow
{
    const char *words[4];
    Road road;
    const char *bare; /* the command meant when none follows, or NULL */
} RoadRow;

/* clang-format off */
static const RoadRow roads[] = {
    {{"sys", "database", "migrate", NULL}, ROAD_SYS,     "up"},
    {{"migrate", "sql", NULL},             ROAD_SQL,     "up"},
    {{"migrate", NULL},                    ROAD_MIGRATE, NULL},
    {{NULL},                               ROAD_TOP,     NULL},
};
/* clang-format on */

const Command *
command_named(const char *name)
{
    for (int i = 0; i < commands_count; i++)
        if (strcmp(commands_table[i].name, name) == 0)
            return &commands_table[i];
    return NULL;
}

/* Digits, whatever follows them ("20260515_split_email.sql"), or "-1"; as Flyway names
 * what is no version, R__views and B3; with sqitch any name. */
static bool
is_version(const char *word, const char *layout)
{
    if (isdigit((unsigned char)word[0]) || strcmp(word, "-1") == 0)
        return true;
    if (strncmp(word, "R__", 3) == 0)
        return true;
    return (word[0] == 'B' && isdigit((unsigned char)word[1])) ||
           (layout != NULL && strcmp(layout, "sqitch") == 0);
}

/* How many of the words a road takes; -1: it is another road. */
static int
road_length(const RoadRow *row, const Options *options)
{
    int count = 0;

    for (; row->words[count] != NULL; count++)
        if (count >= options->word_count ||
            strcmp(options->words[count], row->words[count]) != 0)
            return -1;
    return count;
}

static bool
command_unknown(const char *word, Err *err)
{
    const char *names[LENGTH(commands_table)];

    for (int i = 0; i < commands_count; i++)
        names[i] = commands_table[i].name;

    const char *meant = nearest_name(word, names, commands_count);

    if (target_is_address(word))
        return err_set(err, ERR_USAGE, "no command before the database address") ||
               err_hint(err, "For example: pgstride status URL");
    err_set(err, ERR_USAGE, "unknown command \"%s\"", word);
    if (meant != NULL)
        return err_hint(err, "Did you mean \"%s\"?", meant);
    return err_hint(err, "\"pgstride help\" lists the commands.");
}

/* The command, and in *at the first word behind it. */
static bool
command_find(const Options *options, CommandLine *line, int *at, Err *err)
{
    const RoadRow *row = roads;

    while ((*at = road_length(row, options)) < 0)
        row++;
    line->road = row->road;

    const char *word = *at < options->word_count ? options->words[*at] : NULL;

    if (word != NULL && (line->command = command_named(word)) != NULL)
    {
        ++*at;
        return true;
    }
    if (row->bare != NULL && (word == NULL || target_is_address(word)))
    {
        line->command = command_named(row->bare);
        return true;
    }
    if (word != NULL)
        return command_unknown(word, err);
    return err_set(err, ERR_USAGE, "no command given") ||
           err_hint(err, "\"pgstride help\" lists the commands.");
}

static bool
line_take(Mem *mem, const Options *options, CommandLine *line, const char *word,
          Err *err)
{
    const Command *command = line->command;

    if (target_is_address(word) && (command->bit & CMD_CONNECT) != 0)
    {
        if (line->database != NULL)
            return err_set(err, ERR_USAGE, "two database addresses are given");
        line->database = mem_copy(mem, word);
        return true;
    }
    if (command->takes == TAKES_VERSION && !is_version(word, options->layout))
        return err_set(err, ERR_USAGE,
                       "\"%s\" is neither a version nor a database address",
                       word_shown(word)) ||
               err_hint(err, "A version is written in digits; an address has \"://\" "
                             "or \"=\" in it; the changes of sqitch have names: "
                             "--layout=sqitch.");
    if (line->argument_count == command->most)
        return err_set(err, ERR_USAGE, "\"%s\" is one argument too many for \"%s\"",
                       word_shown(word), command->name) ||
               err_hint(err, "Usage: pgstride %s %s", command->name,
                        command->arguments);
    line->arguments[line->argument_count++] = word;
    return true;
}

static bool
line_arguments(Mem *mem, const Options *options, int at, CommandLine *line, Err *err)
{
    line->arguments = mem_array(mem, const char *, options->word_count + 1);
    for (; at < options->word_count; at++)
        if (!line_take(mem, options, line, options->words[at], err))
            return false;
    if (line->argument_count < line->command->least)
        return err_set(err, ERR_USAGE, "\"%s\" needs a %s", line->command->name,
                       line->command->takes == TAKES_VERSION ? "version" : "name") ||
               err_hint(err, "Usage: pgstride %s %s", line->command->name,
                        line->command->arguments);
    return true;
}

/* --help anywhere asks about the command it stands with; --version asks for itself. */
static bool
line_ask(Mem *mem, const Options *options, CommandLine *line, Err *err)
{
    int at;

    line->arguments = mem_array(mem, const char *, 1);
    if (options->help && options->word_count > 0)
    {
        if (command_find(options, line, &at, err))
            line->arguments[line->argument_count++] = line->command->name;
        else if (line->road == ROAD_TOP)
            return false;
        err_clear(err); /* "migrate --help" names no command, and need not */
    }
    line->command = command_named(options->help ? "help" : "version");
    return true;
}

bool
command_read(Mem *mem, const Options *options, CommandLine *line, Err *err)
{
    int at;

    memset(line, 0, sizeof(*line));
    if (options->help || options->version || options->list_faults)
        return line_ask(mem, options, line, err);
    return command_find(options, line, &at, err) &&
           line_arguments(mem, options, at, line, err);
}
