#include "cli/help/completion.h"

#include <string.h>

#include "base/nearest.h"
#include "cli/help/topics.h"
#include "cli/invocation.h"

typedef struct Shell
{
    const char *name;
    void (*print)(Out *out);
} Shell;

static const Shell shells[] = {
    {"bash", completion_bash},
    {"zsh", completion_zsh},
    {"fish", completion_fish},
};

ValueKind
value_kind(const Option *option)
{
    switch (option->type)
    {
    case OPTION_FLAG:
    case OPTION_TALLY:
    case OPTION_PATIENCE:
        return VALUE_NONE;
    case OPTION_CHOICE:
        return VALUE_CHOICE;
    case OPTION_PATH:
    case OPTION_FOLDERS:
        return VALUE_PATH;
    case OPTION_LIST:
        return strcmp(option->metavar, "FILE") == 0 ? VALUE_PATH : VALUE_FREE;
    default:
        return VALUE_FREE;
    }
}

static void
word_add(Buf *words, const char *word)
{
    buf_format(words, "%s%s", words->length == 0 ? "" : " ", word);
}

char *
words_of_commands(Mem *mem)
{
    Buf words = buf_begin(mem);

    for (int i = 0; i < commands_count; i++)
        word_add(&words, commands_table[i].name);
    return words.text;
}

char *
words_of_option_commands(Mem *mem, const Option *option)
{
    Buf words = buf_begin(mem);

    for (int i = 0; i < commands_count; i++)
        if ((option->commands & commands_table[i].bit) != 0)
            word_add(&words, commands_table[i].name);
    return words.text;
}

char *
words_of_choices(Mem *mem, const Option *option)
{
    Buf words = buf_begin(mem);

    for (int i = 0; option->choices[i] != NULL; i++)
        word_add(&words, option->choices[i]);
    return words.text;
}

char *
words_of_arguments(Mem *mem, const Command *command)
{
    Buf words = buf_begin(mem);

    for (int i = 0; command->bit == CMD_COMPLETION && i < LENGTH(shells); i++)
        word_add(&words, shells[i].name);
    if (command->bit != CMD_HELP)
        return words.text;
    for (int i = 0; i < topics_count; i++)
        word_add(&words, topics_table[i].name);
    for (int i = 0; i < commands_count; i++)
        word_add(&words, commands_table[i].name);
    return words.text;
}

char *
shell_quoted(Mem *mem, const char *text, const char *quote, const char *special)
{
    Buf quoted = buf_begin(mem);

    buf_add(&quoted, "'");
    for (const char *at = text; *at != '\0'; at++)
    {
        if (strchr(special, *at) != NULL)
            buf_add(&quoted, "\\");
        if (*at == '\'')
            buf_add(&quoted, quote);
        else
            buf_bytes(&quoted, at, 1);
    }
    buf_add(&quoted, "'");
    return quoted.text;
}

bool
option_completes(const Option *option, unsigned command)
{
    return option->help != NULL && (option->commands & command) == command;
}

bool
command_completion(Invocation *call, Err *err)
{
    const char *name = call->line.arguments[0];
    const char *names[LENGTH(shells)];

    for (int i = 0; i < LENGTH(shells); i++)
    {
        names[i] = shells[i].name;
        if (strcmp(name, shells[i].name) == 0)
        {
            shells[i].print(&call->out);
            return true;
        }
    }

    const char *meant = nearest_name(name, names, LENGTH(names));

    err_set(err, ERR_USAGE, "there is no completion for \"%s\"", word_shown(name));
    if (meant != NULL)
        return err_hint(err, "Did you mean \"%s\"?", meant);
    return err_hint(err, "There is one for bash, zsh and fish.");
}
