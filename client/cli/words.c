/* The command line taken apart: flags anywhere, and what is no flag is a word. */
#include "cli/given.h"

#include <string.h>

/* What a flag means that may stand without its value. */
#define PATIENCE_UNSAID "10min"

/* Where the reading of argv stands. */
typedef struct Words
{
    Mem *mem;
    char *const *argv;
    int argc;
    int at;
    Options *options;
    Layer *layer;
} Words;

/* The value that a flag has when none is written behind it; NULL: it needs one. */
static const char *
option_unsaid(const Option *option)
{
    switch (option->type)
    {
    case OPTION_FLAG:
    case OPTION_TALLY:
        return "true";
    case OPTION_PATIENCE:
        return PATIENCE_UNSAID;
    default:
        return NULL;
    }
}

static bool
words_take(Words *words, const Option *option, const char *value, Err *err)
{
    if (value == NULL)
        value = option_unsaid(option);
    if (value == NULL && words->at + 1 < words->argc)
        value = words->argv[++words->at];
    if (value == NULL)
        return err_set(err, ERR_USAGE, "--%s needs a value: %s", option->name,
                       option->metavar);
    words->options->flagged[option - options_table] = true;
    *list_add(words->mem, words->layer) = (Given){.option = option, .value = value};
    return true;
}

static bool
words_long(Words *words, const char *flag, Err *err)
{
    size_t length = strcspn(flag, "=");
    const Option *option = option_named(flag, length);

    if (option != NULL)
        return words_take(words, option, flag[length] == '=' ? flag + length + 1 : NULL,
                          err);

    const char *wrong = mem_slice(words->mem, flag, length);
    const char *meant = option_nearest(wrong);

    err_set(err, ERR_USAGE, "unknown flag \"--%s\"", wrong);
    return meant != NULL && err_hint(err, "Did you mean \"--%s\"?", meant);
}

/* -y, -vv, -ey, -dURL, -d=URL, -d URL */
static bool
words_short(Words *words, const char *letters, Err *err)
{
    for (; *letters != '\0'; letters++)
    {
        const Option *option = option_lettered(*letters);

        if (option == NULL)
            return err_set(err, ERR_USAGE, "unknown flag \"-%c\"", *letters) ||
                   err_hint(err, "\"pgstride help\" lists the flags.");
        if (option_unsaid(option) != NULL && letters[1] != '=')
        {
            if (!words_take(words, option, NULL, err))
                return false;
            continue;
        }
        letters += letters[1] == '=' ? 2 : 1;
        return words_take(words, option, *letters == '\0' ? NULL : letters, err);
    }
    return true;
}

/* "-1" is a version ("none"), a lone "-" a word; neither is a flag. */
static bool
is_flag(const char *argument)
{
    return argument[0] == '-' && argument[1] != '\0' &&
           !(argument[1] >= '0' && argument[1] <= '9');
}

static bool
words_next(Words *words, bool flags_over, Err *err)
{
    const char *argument = words->argv[words->at];

    if (flags_over || !is_flag(argument))
    {
        words->options->words[words->options->word_count++] =
            mem_copy(words->mem, argument);
        return true;
    }
    return argument[1] == '-' ? words_long(words, argument + 2, err)
                              : words_short(words, argument + 1, err);
}

bool
words_read(Mem *mem, int argc, char *const *argv, Options *options, Layer *layer,
           Err *err)
{
    Words words = {mem, argv, argc, 1, options, layer};
    bool flags_over = false;
    bool good = true;
    Err later = {0};

    options->words = mem_array(mem, const char *, argc + 1);
    for (; words.at < argc; words.at++)
        if (!flags_over && strcmp(argv[words.at], "--") == 0)
            flags_over = true;
        else
            good = words_next(&words, flags_over, good ? err : &later) && good;
    err_clear(&later);
    return good;
}
