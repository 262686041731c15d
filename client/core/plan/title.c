#include "core/plan/title.h"

#include <string.h>

#include "base/utf8.h"
#include "core/sql/actions.h"

/* Where the first words of a statement stop being its name. */
#define TITLE_COLUMNS 60

/* clang-format off */
/* Actions that are whole families: the statement's own first words say more. */
static const Action families[] = {
    ACTION_OTHER, ACTION_UNPARSED, ACTION_FUNCTION, ACTION_TYPE, ACTION_CREATE_DOMAIN,
    ACTION_CHECK_DOMAIN, ACTION_SEQUENCE,
    ACTION_SCHEMA, ACTION_EXTENSION, ACTION_GRANT, ACTION_PUBLICATION, ACTION_SYSTEM,
    ACTION_DATABASE, ACTION_SUBSCRIPTION, ACTION_SET, ACTION_POLICY, ACTION_DROP_TRIGGER,
    ACTION_TOGGLE_TRIGGER, ACTION_COMMENT, ACTION_DROP_VIEW,
};
/* clang-format on */

static bool
is_family(Action action)
{
    for (int i = 0; i < LENGTH(families); i++)
        if (families[i] == action)
            return true;
    return false;
}

/* On one line, with one blank where there are several; a value that is cut off takes
 * its
 * "=" with it. */
static char *
blanks_joined(Mem *mem, const char *text, size_t length)
{
    char *words = mem_slice(mem, text, length);
    size_t used = 0;

    for (size_t i = 0; i < length; i++)
    {
        bool blank = strchr(" \t\r\n", words[i]) != NULL;

        if (!blank || (used > 0 && words[used - 1] != ' '))
            words[used++] = blank ? ' ' : words[i];
    }
    while (used > 0 && strchr(" =:", words[used - 1]) != NULL)
        used--;
    words[used] = '\0';
    return words;
}

/* Up to the first bracket or quote; what is longer ends in dots, in its last name if
 * need be: two statements of one kind differ there. */
static const char *
first_words(Mem *mem, const char *text)
{
    char *words = blanks_joined(mem, text, strcspn(text, "('\"$;"));
    size_t kept = 0;
    int columns = 0;
    int length;

    if (utf8_width(words) <= TITLE_COLUMNS)
        return words;
    while (columns += utf8_column_width(words + kept, &length), columns < TITLE_COLUMNS)
        kept += (size_t)length;
    return mem_text(mem, "%.*s…", (int)kept, words);
}

/* A recorded way back drops what sync made, whose names are not for people. */
static const char *
sync_title(const Statement *statement, const Act *act)
{
    static const char function[] = "DROP FUNCTION IF EXISTS pgstride.sync_";

    if (act->action == ACTION_DROP_TRIGGER && act->object != NULL &&
        strncmp(act->object, "~pgstride_sync_", 15) == 0)
        return "sync trigger dropped";
    if (act->action == ACTION_FUNCTION &&
        strncmp(statement->sql.text, function, LENGTH(function) - 1) == 0)
        return "sync function dropped";
    return NULL;
}

const char *
act_title(Mem *mem, const Statement *statement, const Act *act)
{
    const char *what = act->column != NULL   ? act->column
                       : act->object != NULL ? act->object
                                             : act->relation.name;

    if (sync_title(statement, act) != NULL)
        return sync_title(statement, act);
    if (is_family(act->action))
        return first_words(mem, statement->sql.text);
    return what == NULL ? action_name(act->action)
                        : mem_text(mem, "%s %s", action_name(act->action), what);
}
