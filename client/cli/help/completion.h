/*
 * Shell completion, printed as a script from the tables that read the command line: one
 * file a shell, and what the three of them share.
 */
#ifndef PGSTRIDE_CLI_COMPLETION_H
#define PGSTRIDE_CLI_COMPLETION_H

#include "base/buf.h"
#include "cli/commands.h"
#include "cli/out.h"

/* What a flag's value can be completed with. */
typedef enum ValueKind
{
    VALUE_NONE,   /* the flag takes none, or it may be left out */
    VALUE_FREE,   /* anything: nothing to offer */
    VALUE_CHOICE, /* one of option->choices */
    VALUE_PATH
} ValueKind;

ValueKind value_kind(const Option *option);

/* Words apart by blanks: all commands, those of an option, the choices of an option,
 * what may follow a command. */
char *words_of_commands(Mem *mem);
char *words_of_option_commands(Mem *mem, const Option *option);
char *words_of_choices(Mem *mem, const Option *option);
char *words_of_arguments(Mem *mem, const Command *command);

/* In single quotes, with `quote` for a quote within and a backslash before `special`.
 */
char *shell_quoted(Mem *mem, const char *text, const char *quote, const char *special);

/* Flags that help lists, of that command or (0) of any. */
bool option_completes(const Option *option, unsigned command);

void completion_bash(Out *out);
void completion_zsh(Out *out);
void completion_fish(Out *out);

#endif
