#include <string.h>

#include "base/fault.h"
#include "base/nearest.h"
#include "base/version.h"
#include "cli/help/reference.h"
#include "cli/help/topics.h"
#include "cli/invocation.h"
#include "cli/json.h"
#include "cli/text.h"

static void
help_flags(Out *out, unsigned commands, FlagGroup group)
{
    MEM_SCOPE(scope, NULL);
    bool headed = false;

    for (int i = 0; i < options_count; i++)
    {
        const Option *option = &options_table[i];

        if (option->help == NULL || (option->commands & commands) != commands ||
            flag_group(option) != group)
            continue;
        if (!headed)
            page_head(out, flag_group_title(group));
        headed = true;
        page_row(out, flag_left(scope, option), 26, flag_right(scope, option));
    }
}

static void
help_examples(Out *out, const char *command)
{
    MEM_SCOPE(scope, NULL);
    int width = 0;

    for (int i = 0; i < examples_count; i++)
        if (strcmp(examples[i].command, command) == 0)
            width = utf8_width(examples[i].line) > width ? utf8_width(examples[i].line)
                                                         : width;
    page_head(out, "Examples");
    for (int i = 0; i < examples_count; i++)
        if (strcmp(examples[i].command, command) == 0)
            page_row(out, mem_text(scope, "pgstride %s", examples[i].line),
                     (width < 42 ? width : 42) + 9, examples[i].means);
}

static void
help_command(Out *out, const Command *command)
{
    out_print(out, "Usage: pgstride %s%s%s [flags]\n\n", command->name,
              command->arguments[0] == '\0' ? "" : " ", command->arguments);
    page_paragraph(out, command->about);
    help_examples(out, command->name);
    for (FlagGroup group = 0; group < FLAGS_GROUPS; group++)
        help_flags(out, command->bit, group);
}

/* In the order of a migration's day; what no other row names stands in the last. */
/* clang-format off */
static const struct { const char *title; unsigned commands; } command_groups[] = {
    {"Run migrations",                 CMD_MOVE},
    {"See what is and what would be",  CMD_PLAN | CMD_STATUS | CMD_HISTORY | CMD_VALIDATE | CMD_WAIT},
    {"While one runs",                 CMD_WATCH | CMD_PAUSE | CMD_RESUME | CMD_WINDOW},
    {"Tell the history what is true",  CMD_RECORD},
    {"Mend what is half done",         CMD_DOCTOR | CMD_REPAIR},
    {"Besides",                        0},
};
/* clang-format on */

static bool
is_grouped(const Command *command, int group)
{
    bool named = false;

    for (int i = 0; i < LENGTH(command_groups); i++)
        named |= (command_groups[i].commands & command->bit) != 0;
    return (command_groups[group].commands & command->bit) != 0 ||
           (!named && group == LENGTH(command_groups) - 1);
}

static void
help_commands(Out *out, int group)
{
    page_head(out, command_groups[group].title);
    for (int i = 0; i < commands_count; i++)
        if (is_grouped(&commands_table[i], group))
            page_row(out, commands_table[i].name, 11, commands_table[i].help);
}

static void
help_overview(Out *out)
{
    out_print(out, "Usage: pgstride COMMAND [arguments] [flags]\n\n");
    page_paragraph(
        out, "Takes a change of schema through expand, backfill and contract while "
             "the application keeps reading and writing.");
    for (int i = 0; i < LENGTH(command_groups); i++)
        help_commands(out, i);
    page_head(out, "Subjects (pgstride help SUBJECT)");
    for (int i = 0; i < topics_count; i++)
        page_row(out, topics_table[i].name, 11, topics_table[i].help);
    help_flags(out, CMD_CONNECT, FLAGS_TARGET);
    help_flags(out, CMD_ALL, FLAGS_COMMON);
    page_head(out, "Exit codes");
    page_rows(out, exit_codes, exit_codes_count, 3);
    out_print(out, "\n");
    page_paragraph(out,
                   "\"pgstride help COMMAND\" tells more. The same commands exist as "
                   "\"pgstride migrate COMMAND\", \"pgstride migrate sql COMMAND\" and "
                   "\"pgstride sys database migrate\" (which is up).");
}

/* Words that lead to commands and are none themselves. */
static bool
is_road_word(const char *word)
{
    return strcmp(word, "migrate") == 0 || strcmp(word, "sql") == 0;
}

static bool
help_unknown(const char *word, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const char **names = mem_array(scope, const char *, commands_count + topics_count);
    int count = 0;

    for (int i = 0; i < commands_count; i++)
        names[count++] = commands_table[i].name;
    for (int i = 0; i < topics_count; i++)
        names[count++] = topics_table[i].name;

    const char *meant = nearest_name(word, names, count);

    err_set(err, ERR_USAGE, "there is no command \"%s\"", word_shown(word));
    if (meant != NULL)
        return err_hint(err, "Did you mean \"%s\"?", meant);
    return err_hint(err, "\"pgstride help\" lists the commands.");
}

/* "help migrate sql up" is asked about up. */
bool
command_help(Invocation *call, Err *err)
{
    const CommandLine *line = &call->line;
    int count = line->argument_count;
    const char *word = count == 0 ? NULL : line->arguments[count - 1];
    const Command *command = word == NULL ? NULL : command_named(word);
    const Topic *topic = word == NULL ? NULL : topic_named(word);

    if (topic != NULL)
        topic->tell(&call->out);
    else if (command != NULL)
        help_command(&call->out, command);
    else if (word == NULL || is_road_word(word))
        help_overview(&call->out);
    else
        return help_unknown(word, err);
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
        json_give(call, json_pack("{s:s, s:i}", "version", PGSTRIDE_VERSION,
                                  "extension_protocol", PGSTRIDE_PROTOCOL));
    else
        out_print(&call->out, "pgstride %s\n", PGSTRIDE_VERSION);
    return true;
}
