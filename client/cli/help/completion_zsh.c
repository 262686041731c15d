/* zsh: every command and flag with what it means beside it. */
#include "cli/help/completion.h"

static const char begin[] =
    "#compdef pgstride\n"
    "# zsh completion of pgstride, printed by: pgstride completion zsh\n"
    "_pgstride() {\n"
    "\tlocal command='' dir=migrations before=${words[CURRENT-1]} i\n"
    "\tlocal -a commands flags versions\n"
    "\tif [[ $PREFIX == --*=* ]]; then\n"
    "\t\tbefore=${PREFIX%%=*}\n"
    "\t\tcompset -P '*='\n"
    "\tfi\n"
    "\t[[ -d $dir ]] || dir=db/migrations\n"
    "\tfor ((i = 2; i < CURRENT; i++)); do\n"
    "\t\tcase ${words[i]} in\n"
    "\t\t(--dir) dir=${words[i+1]} ;;\n"
    "\t\t(--dir=*) dir=${words[i]#--dir=} ;;\n";

static const char middle[] = "\t\t\t: ${command:=${words[i]}}\n"
                             "\t\t\t;;\n"
                             "\t\tesac\n"
                             "\tdone\n"
                             "\tversions=($dir/[0-9]*.sql(N:t))\n"
                             "\tversions=(${(u)versions%%[^0-9]*})\n"
                             "\tcase $before in\n";

static const char end[] = "\tesac\n"
                          "}\n"
                          "if [[ $funcstack[1] == _pgstride ]]; then\n"
                          "\t_pgstride \"$@\"\n"
                          "elif (( $+functions[compdef] )); then\n"
                          "\tcompdef _pgstride pgstride\n"
                          "fi\n";

/* 'name:what it means' */
static char *
described(Mem *mem, const char *name, const char *help)
{
    Buf text = buf_begin(mem);

    for (const char *at = help; *at != '\0'; at++)
        buf_format(&text, *at == ':' ? "\\%c" : "%c", *at);
    return shell_quoted(mem, mem_text(mem, "%s:%s", name, text.text), "'\\''", "");
}

static void
zsh_values(Out *out)
{
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < options_count; i++)
    {
        const Option *option = &options_table[i];
        ValueKind kind = value_kind(option);

        if (!option_completes(option, 0) || kind == VALUE_NONE)
            continue;
        if (option->letter == 0)
            out_print(out, "\t(--%s)", option->name);
        else
            out_print(out, "\t(-%c|--%s)", option->letter, option->name);
        if (kind == VALUE_CHOICE)
            out_print(out, " compadd -- %s;", words_of_choices(scope, option));
        else if (kind == VALUE_PATH)
            out_print(out, " _files;");
        else
            out_print(out, " _message %s;",
                      shell_quoted(scope, option->metavar, "'\\''", ""));
        out_print(out, " return ;;\n");
    }
    out_print(out, "\tesac\n");
}

static void
zsh_flags(Out *out, unsigned command)
{
    MEM_SCOPE(scope, NULL);

    out_print(out, "\t\tflags=(\n");
    for (int i = 0; i < options_count; i++)
        if (option_completes(&options_table[i], command))
            out_print(out, "\t\t\t%s\n",
                      described(scope, mem_text(scope, "--%s", options_table[i].name),
                                options_table[i].help));
    out_print(out, "\t\t)\n"
                   "\t\t[[ $PREFIX != -* ]] || _describe -o flag flags\n");
}

static void
zsh_command(Out *out, const Command *command)
{
    MEM_SCOPE(scope, NULL);

    out_print(out, "\t(%s)\n", command->name);
    zsh_flags(out, command->bit);
    if (command->takes == TAKES_VERSION)
        out_print(out, "\t\t[[ $PREFIX == -* ]] || compadd -- $versions\n");
    else if (words_of_arguments(scope, command)[0] != '\0')
        out_print(out, "\t\t[[ $PREFIX == -* ]] || compadd -- %s\n",
                  words_of_arguments(scope, command));
    out_print(out, "\t\t;;\n");
}

void
completion_zsh(Out *out)
{
    MEM_SCOPE(scope, NULL);

    out_print(out, "%s", begin);
    for (int i = 0; i < commands_count; i++)
        out_print(out, "%s%s", i == 0 ? "\t\t(" : "|", commands_table[i].name);
    out_print(out, ")\n%s", middle);
    zsh_values(out);
    out_print(out, "\tcase $command in\n\t('')\n\t\tcommands=(\n");
    for (int i = 0; i < commands_count; i++)
        out_print(out, "\t\t\t%s\n",
                  described(scope, commands_table[i].name, commands_table[i].help));
    out_print(out, "\t\t)\n\t\t[[ $PREFIX == -* ]] || _describe command commands\n");
    zsh_flags(out, CMD_ALL);
    out_print(out, "\t\t;;\n");
    for (int i = 0; i < commands_count; i++)
        zsh_command(out, &commands_table[i]);
    out_print(out, "%s", end);
}
