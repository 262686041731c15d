#include <string.h>

#include "base/fault.h"
#include "base/version.h"
#include "cli/invocation.h"
#include "cli/json.h"
#include "cli/text.h"
#include "core/phase.h"

/* Pages are read on terminals of every width; beyond this lines tire the eye. */
#define HELP_WIDTH 88

static int
help_width(const Out *out)
{
    return out->width > 0 && out->width < HELP_WIDTH ? out->width : HELP_WIDTH;
}

/* Two columns: what it is called, what it means. */
static void
help_row(Out *out, const char *left, int left_width, const char *right)
{
    MEM_SCOPE(scope, NULL);
    TextLines lines = text_wrap(scope, right, help_width(out) - left_width - 4);

    for (int i = 0; i < lines.count; i++)
        out_print(out, "  %s  %s\n", text_pad(scope, i == 0 ? left : "", left_width),
                  lines.items[i]);
}

static void
help_paragraph(Out *out, const char *text)
{
    MEM_SCOPE(scope, NULL);
    TextLines lines = text_wrap(scope, text, help_width(out));

    for (int i = 0; i < lines.count; i++)
        out_print(out, "%s\n", lines.items[i]);
}

/* "-d, --database URL" */
static char *
option_left(Mem *mem, const Option *option)
{
    bool optional = option->type == OPTION_PATIENCE;
    char *letter = option->letter != 0 ? mem_text(mem, "-%c, ", option->letter)
                                       : mem_copy(mem, "    ");

    return mem_text(mem, "%s--%s%s%s", letter, option->name,
                    option->metavar == NULL || optional ? "" : " ",
                    option->metavar == NULL ? "" : option->metavar);
}

static char *
option_right(Mem *mem, const Option *option)
{
    char *fallback = option->fallback == NULL
                         ? mem_copy(mem, "")
                         : mem_text(mem, " (default: %s)", option->fallback);
    char *env =
        option->env == NULL ? mem_copy(mem, "") : mem_text(mem, " [%s]", option->env);

    return mem_text(mem, "%s%s%s", option->help, fallback, env);
}

static void
help_options(Out *out, unsigned commands)
{
    MEM_SCOPE(scope, NULL);

    out_print(out, "\nFlags:\n");
    for (int i = 0; i < options_count; i++)
        if (options_table[i].help != NULL &&
            (options_table[i].commands & commands) == commands)
            help_row(out, option_left(scope, &options_table[i]), 28,
                     option_right(scope, &options_table[i]));
}

static void
help_command(Out *out, const Command *command)
{
    out_print(out, "Usage: pgstride %s%s%s [flags]\n\n", command->name,
              command->arguments[0] == '\0' ? "" : " ", command->arguments);
    help_paragraph(out, command->about);
    help_options(out, command->bit);
}

/* clang-format off */
static const char *const exit_codes[][2] = {
    {"0", "done, or nothing to do"},
    {"1", "a statement failed"},
    {"2", "the command line or a file is wrong"},
    {"3", "the database is in dirty state"},
    {"4", "refused: checksum, missing file, order, wrong server, hazard"},
    {"5", "a lock could not be had"},
    {"6", "no connection, or no permission"},
    {"7", "not confirmed"},
    {"8", "something is pending (status --exit-code, wait)"},
    {"70", "a bug in pgstride"},
    {"75", "stopped cleanly: run again to go on"},
    {"130", "stopped at once, by a second Ctrl-C"},
};
/* clang-format on */

static void
help_overview(Out *out)
{
    out_print(out, "Usage: pgstride COMMAND [arguments] [flags]\n\n");
    help_paragraph(out, "Takes a change of schema through expand, backfill and "
                        "contract while the application keeps reading and writing.");
    out_print(out, "\nCommands:\n");
    for (int i = 0; i < commands_count; i++)
        help_row(out, commands_table[i].name, 10, commands_table[i].help);
    out_print(out, "\n");
    help_paragraph(out, "The same commands exist as \"pgstride migrate COMMAND\", "
                        "\"pgstride migrate sql COMMAND\" and \"pgstride sys database "
                        "migrate\" (which is up).");
    help_options(out, CMD_ALL);
    out_print(out,
              "\nThe database, unless a flag or a URL names it, is looked for in:\n"
              "  PGSTRIDE_DATABASE, DSN, DB_DSN, TALOS_DB_DSN, DATABASE_URL, "
              "PGHOST and its kin\n\nExit codes:\n");
    for (int i = 0; i < LENGTH(exit_codes); i++)
        help_row(out, exit_codes[i][0], 2, exit_codes[i][1]);
    out_print(out,
              "\n\"pgstride help COMMAND\" tells more, \"pgstride help states\" shows "
              "what may\nfollow what, \"pgstride help limits\" what makes a backfill "
              "rest.\n");
}

/* The same rows that decide about every move. */
static void
help_states(Invocation *call)
{
    out_print(&call->out, "What a migration may be, and what takes it where:\n\n%s",
              phase_diagram(call->mem));
}

/* The same rows that make a backfill rest. */
static void
help_limits(Out *out)
{
    MEM_SCOPE(scope, NULL);

    help_paragraph(out,
                   "What makes a backfill rest between two batches, and from where "
                   "on. Whatever the server does not say, or this role may not "
                   "see, is no reason to rest.");
    out_print(out, "\n");
    for (Signal i = 0; i < SIGNAL_COUNT; i++)
    {
        const LimitRow *row = limit_row(i);
        char *left = mem_text(scope, "%s  %s", text_pad(scope, row->name, 15),
                              limit_show(scope, i, row->fallback));
        char *flag = row->flag == NULL ? mem_copy(scope, "")
                                       : mem_text(scope, " (--%s)", row->flag);

        help_row(out, left, 24, mem_text(scope, "%s%s", row->sentence, flag));
    }
    out_print(out, "\n");
    help_paragraph(out,
                   "\"none\" is no limit until a flag gives one; \"any\" means that "
                   "anything at all is too much. The throttle query is sent once a "
                   "second, in a transaction that cannot write; an error of it is "
                   "named and stops nothing.");
}

/* Words that lead to commands and are none themselves. */
static bool
is_road_word(const char *word)
{
    return strcmp(word, "migrate") == 0 || strcmp(word, "sql") == 0;
}

/* "help migrate sql up" is asked about up. */
bool
command_help(Invocation *call, Err *err)
{
    const CommandLine *line = &call->line;
    int count = line->argument_count;
    const char *word = count == 0 ? NULL : line->arguments[count - 1];
    const Command *command = word == NULL ? NULL : command_named(word);

    if (word != NULL && strcmp(word, "states") == 0)
        help_states(call);
    else if (word != NULL && strcmp(word, "limits") == 0)
        help_limits(&call->out);
    else if (command != NULL)
        help_command(&call->out, command);
    else if (word == NULL || is_road_word(word))
        help_overview(&call->out);
    else
        return err_set(err, ERR_USAGE, "there is no command \"%s\"",
                       word_shown(word)) ||
               err_hint(err, "\"pgstride help\" lists the commands.");
    return true;
}

/* For the crash matrix: where a test build can be told to die. */
static void
list_faults(Out *out)
{
    const char *when;
    const char *name;

    for (int i = 0; (name = fault_name(i, &when)) != NULL; i++)
        out_print(out, "%-18s %s\n", name, when);
}

bool
command_version(Invocation *call, Err *err)
{
    (void)err;
    if (call->options.list_faults)
        list_faults(&call->out);
    else if (options_json(&call->options))
        json_give(call, json_pack("{s:s}", "version", PGSTRIDE_VERSION));
    else
        out_print(&call->out, "pgstride %s\n", PGSTRIDE_VERSION);
    return true;
}
