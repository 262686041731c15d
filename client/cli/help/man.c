#include "cli/help/man.h"

#include <string.h>

#include "base/buf.h"
#include "base/version.h"
#include "cli/commands.h"
#include "cli/help/reference.h"
#include "cli/help/topics.h"
#include "cli/text.h"
#include "core/config/target.h"

/* Text that roff takes for text: no escapes, no requests, minus signs to be pasted. */
static char *
roff(Mem *mem, const char *text)
{
    Buf plain = buf_begin(mem);

    for (const char *at = text; *at != '\0'; at++)
    {
        bool first = at == text || at[-1] == '\n';

        if (first && (*at == '.' || *at == '\''))
            buf_add(&plain, "\\&");
        if (*at == '\\')
            buf_add(&plain, "\\e");
        else if (*at == '-')
            buf_add(&plain, "\\-");
        else if (*at == '~')
            buf_add(&plain, "\\(ti");
        else
            buf_bytes(&plain, at, 1);
    }
    return plain.text;
}

static void
man_section(Out *out, const char *title)
{
    out_print(out, ".SH %s\n", title);
}

/* Lines of source are kept short: people read them in diffs. */
static void
man_text(Out *out, const char *text)
{
    MEM_SCOPE(scope, NULL);
    TextLines lines = text_wrap(scope, text, 72);

    for (int i = 0; i < lines.count; i++)
        out_print(out, "%s\n", roff(scope, lines.items[i]));
}

/* A term in bold, and what it means below it. */
static void
man_term(Out *out, const char *term, const char *means)
{
    MEM_SCOPE(scope, NULL);

    out_print(out, ".TP\n\\fB%s\\fR\n", roff(scope, term));
    man_text(out, means);
}

static void
man_rows(Out *out, const PageRow *rows, int count)
{
    for (int i = 0; i < count; i++)
        man_term(out, rows[i].left, rows[i].right);
}

static const char *
skip_blanks(const char *text)
{
    return text + strspn(text, " ");
}

static void
man_flags(Out *out, FlagGroup group, unsigned command)
{
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < options_count; i++)
    {
        const Option *option = &options_table[i];

        if (option->help != NULL && flag_group(option) == group &&
            (option->commands & command) != 0)
            man_term(out, skip_blanks(flag_left(scope, option)),
                     flag_right(scope, option));
    }
}

static void
man_commands(Out *out)
{
    man_section(out, "COMMANDS");
    for (int i = 0; i < commands_count; i++)
    {
        MEM_SCOPE(scope, NULL);
        const Command *command = &commands_table[i];

        out_print(out, ".SS pgstride %s%s%s\n", command->name,
                  command->arguments[0] == '\0' ? "" : " ",
                  roff(scope, command->arguments));
        man_text(out, command->about);
        man_flags(out, FLAGS_OWN, command->bit);
    }
    man_section(out, "FLAGS OF ALL COMMANDS");
    for (FlagGroup group = FLAGS_TARGET; group < FLAGS_GROUPS; group++)
        man_flags(out, group, CMD_ALL);
}

static void
man_environment(Out *out)
{
    MEM_SCOPE(scope, NULL);

    man_section(out, "ENVIRONMENT");
    for (int i = 0; target_variables[i] != NULL; i++)
        man_term(
            out, target_variables[i],
            "the database, unless a flag or an argument names it; several that are "
            "set and differ are refused");
    for (int i = 0; i < options_count; i++)
        if (options_table[i].env != NULL)
            man_term(out, options_table[i].env,
                     mem_text(scope, "stands for --%s", options_table[i].name));
    man_rows(out, other_variables, other_variables_count);
}

static void
man_config(Out *out)
{
    MEM_SCOPE(scope, NULL);

    man_section(out, "CONFIGURATION FILES");
    man_text(
        out,
        "A file named by --config is YAML. Under \"pgstride:\" it holds flags by "
        "their long names, and components: folders with a history of their own. A "
        "flag beats its variable, a variable beats a file, a later file an earlier "
        "one. Of what other programs read, these keys are understood:");
    man_rows(out, foreign_keys, foreign_keys_count);
    out_print(out, ".PP\nFor example:\n.PP\n.EX\n%s.EE\n", roff(scope, config_sample));
}

static void
man_examples(Out *out)
{
    MEM_SCOPE(scope, NULL);

    man_section(out, "EXAMPLES");
    for (int i = 0; i < examples_count; i++)
        man_term(out, mem_text(scope, "pgstride %s", examples[i].line),
                 examples[i].means);
}

void
tell_man(Out *out)
{
    MEM_SCOPE(scope, NULL);

    out_print(out,
              ".TH PGSTRIDE 1 %s \"pgstride %s\" \"User Commands\"\n"
              ".SH NAME\npgstride \\- zero\\-downtime schema changes on a live "
              "database\n"
              ".SH SYNOPSIS\n.B pgstride\n\\fICOMMAND\\fR [\\fIarguments\\fR] "
              "[\\fIflags\\fR]\n",
              PGSTRIDE_DATE, PGSTRIDE_VERSION);
    man_section(out, "DESCRIPTION");
    man_text(
        out,
        "Takes a change of schema, written as plain SQL, through expand, backfill and "
        "contract while the application keeps reading and writing. The same commands "
        "exist as \"pgstride migrate COMMAND\", \"pgstride migrate sql COMMAND\" and "
        "\"pgstride sys database migrate\" (which is up).");
    man_commands(out);
    man_section(out, "EXIT STATUS");
    man_rows(out, exit_codes, exit_codes_count);
    man_environment(out);
    man_config(out);
    man_section(out, "FILES");
    man_rows(out, known_files, known_files_count);
    man_examples(out);
    man_section(out, "SEE ALSO");
    for (int i = 0; i < topics_count; i++)
        man_term(out, mem_text(scope, "pgstride help %s", topics_table[i].name),
                 topics_table[i].help);
    out_print(out, ".PP\n.BR psql (1),\n.BR pg_dump (1)\n");
}
