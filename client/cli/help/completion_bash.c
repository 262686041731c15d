/* bash, without the package bash-completion: "=" stands as a word of its own there. */
#include "cli/help/completion.h"

static const char begin[] =
    "# bash completion of pgstride, printed by: pgstride completion bash\n"
    "_pgstride_versions() {\n"
    "\tlocal file\n"
    "\tfor file in \"$1\"/[0-9]*.sql; do\n"
    "\t\t[ ! -e \"$file\" ] || { file=${file##*/}; echo \"${file%%[!0-9]*}\"; }\n"
    "\tdone\n"
    "}\n"
    "_pgstride() {\n"
    "\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "\tlocal command='' dir=migrations words='' i\n"
    "\tCOMPREPLY=()\n"
    "\tif [ \"$word\" = = ]; then\n"
    "\t\tword=''\n"
    "\telif [ \"$before\" = = ]; then\n"
    "\t\tbefore=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "\tfi\n"
    "\t[ -d \"$dir\" ] || dir=db/migrations\n"
    "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
    "\t\tcase ${COMP_WORDS[i]} in\n"
    "\t\t--dir)\n"
    "\t\t\tdir=${COMP_WORDS[i + 1]}\n"
    "\t\t\t[ \"$dir\" != = ] || dir=${COMP_WORDS[i + 2]}\n"
    "\t\t\t;;\n";

static const char end[] =
    "\tesac\n"
    "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
    "}\n"
    "complete -F _pgstride pgstride\n";

/* "--dir" or "-d | --database", as a pattern of case. */
static char *
flag_pattern(Mem *mem, const Option *option)
{
    return option->letter == 0
               ? mem_text(mem, "--%s", option->name)
               : mem_text(mem, "-%c | --%s", option->letter, option->name);
}

static void
bash_values(Out *out)
{
    MEM_SCOPE(scope, NULL);

    out_print(out, "\tcase $before in\n");
    for (int i = 0; i < options_count; i++)
    {
        const Option *option = &options_table[i];
        ValueKind kind = value_kind(option);

        if (!option_completes(option, 0) || kind == VALUE_NONE)
            continue;
        out_print(out, "\t%s)\n", flag_pattern(scope, option));
        if (kind == VALUE_CHOICE)
            out_print(out,
                      "\t\tmapfile -t COMPREPLY < <(compgen -W '%s' -- \"$word\")\n",
                      words_of_choices(scope, option));
        if (kind == VALUE_PATH)
            out_print(out, "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n");
        out_print(out, "\t\treturn\n\t\t;;\n");
    }
    out_print(out, "\tesac\n");
}

static void
bash_command(Out *out, const Command *command)
{
    MEM_SCOPE(scope, NULL);
    Buf flags = buf_begin(scope);

    for (int i = 0; i < options_count; i++)
        if (option_completes(&options_table[i], command->bit))
            buf_format(&flags, " --%s", options_table[i].name);
    out_print(out, "\t%s)\n\t\twords='%s'\n", command->name, flags.text + 1);
    if (command->takes == TAKES_VERSION)
        out_print(out,
                  "\t\t[[ $word == -* ]] || words=$(_pgstride_versions \"$dir\")\n");
    else if (command->most > 0)
        out_print(out, "\t\t[[ $word == -* ]] || words='%s'\n",
                  words_of_arguments(scope, command));
    else
        out_print(out, "\t\t[[ $word == -* ]] || words=''\n");
    out_print(out, "\t\t;;\n");
}

void
completion_bash(Out *out)
{
    MEM_SCOPE(scope, NULL);
    Buf flags = buf_begin(scope);

    out_print(out, "%s", begin);
    for (int i = 0; i < commands_count; i++)
        out_print(out, "%s%s", i == 0 ? "\t\t" : " | ", commands_table[i].name);
    out_print(out, ")\n\t\t\t: \"${command:=${COMP_WORDS[i]}}\"\n\t\t\t;;\n\t\tesac\n"
                   "\tdone\n");
    bash_values(out);
    for (int i = 0; i < options_count; i++)
        if (option_completes(&options_table[i], CMD_ALL))
            buf_format(&flags, " --%s", options_table[i].name);
    out_print(out,
              "\tcase $command in\n\t'')\n\t\twords='%s migrate sql sys database'\n"
              "\t\t[[ $word != -* ]] || words='%s'\n\t\t;;\n",
              words_of_commands(scope), flags.text + 1);
    for (int i = 0; i < commands_count; i++)
        bash_command(out, &commands_table[i]);
    out_print(out, "%s", end);
}
