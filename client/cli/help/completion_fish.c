/* fish: one line a command, flag or value. */
#include "cli/help/completion.h"

static const char begin[] =
    "# fish completion of pgstride, printed by: pgstride completion fish\n"
    "function __pgstride_command\n"
    "    for word in (commandline -opc)[2..-1]\n"
    "        if contains -- $word %s\n"
    "            echo $word\n"
    "            return\n"
    "        end\n"
    "    end\n"
    "end\n"
    "function __pgstride_in\n"
    "    set -l command (__pgstride_command)\n"
    "    contains -- \"$command\" $argv\n"
    "end\n"
    "function __pgstride_versions\n"
    "    set -l words (commandline -opc)\n"
    "    set -l dir migrations\n"
    "    test -d $dir; or set dir db/migrations\n"
    "    for at in (seq (count $words))\n"
    "        if string match -q -- '--dir=*' $words[$at]\n"
    "            set dir (string replace -- '--dir=' '' $words[$at])\n"
    "        else if test \"$words[$at]\" = --dir -a $at -lt (count $words)\n"
    "            set dir $words[(math $at + 1)]\n"
    "        end\n"
    "    end\n"
    "    for file in $dir/*.sql\n"
    "        string match -r -- '^[0-9]+' (string replace -r -- '.*/' '' $file)\n"
    "    end | sort -u\n"
    "end\n"
    "complete -c pgstride -f\n";

static void
fish_commands(Out *out)
{
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < commands_count; i++)
    {
        const Command *command = &commands_table[i];

        out_print(out, "complete -c pgstride -n '__pgstride_in \"\"' -a %s -d %s\n",
                  command->name, shell_quoted(scope, command->help, "\\'", "\\"));
        if (command->takes == TAKES_VERSION)
            out_print(out,
                      "complete -c pgstride -n '__pgstride_in %s' -a "
                      "'(__pgstride_versions)'\n",
                      command->name);
        else if (words_of_arguments(scope, command)[0] != '\0')
            out_print(out, "complete -c pgstride -n '__pgstride_in %s' -a '%s'\n",
                      command->name, words_of_arguments(scope, command));
    }
}

static void
fish_option(Out *out, const Option *option)
{
    MEM_SCOPE(scope, NULL);
    ValueKind kind = value_kind(option);

    out_print(out, "complete -c pgstride");
    if ((option->commands & CMD_ALL) != CMD_ALL)
        out_print(out, " -n '__pgstride_in %s'",
                  words_of_option_commands(scope, option));
    if (option->letter != 0)
        out_print(out, " -s %c", option->letter);
    out_print(out, " -l %s", option->name);
    if (kind == VALUE_CHOICE)
        out_print(out, " -x -a '%s'", words_of_choices(scope, option));
    else if (kind != VALUE_NONE)
        out_print(out, kind == VALUE_PATH ? " -r -F" : " -x");
    out_print(out, " -d %s\n", shell_quoted(scope, option->help, "\\'", "\\"));
}

void
completion_fish(Out *out)
{
    MEM_SCOPE(scope, NULL);

    out_print(out, begin, words_of_commands(scope));
    fish_commands(out);
    for (int i = 0; i < options_count; i++)
        if (option_completes(&options_table[i], 0))
            fish_option(out, &options_table[i]);
}
