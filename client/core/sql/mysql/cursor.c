#include <string.h>

#include "core/sql/mysql/mysql.h"

/* The heads and ends of comments that servers run are no part of what they say. */
MyCursor
my_cursor(Mem *mem, const char *text, const MyPiece *piece)
{
    MyToken *tokens = mem_array(mem, MyToken, piece->count + 1);
    int count = 0;

    for (int i = 0; i < piece->count; i++)
        if (piece->tokens[i].kind != MY_CODE_OPEN &&
            piece->tokens[i].kind != MY_CODE_CLOSE)
            tokens[count++] = piece->tokens[i];
    return (MyCursor){.mem = mem, .text = text, .tokens = tokens, .count = count};
}

const MyToken *
my_peek(const MyCursor *cursor, int ahead)
{
    int at = cursor->at + ahead;

    return &cursor->tokens[at < cursor->count ? at : cursor->count];
}

bool
my_sees(const MyCursor *cursor, const char *word)
{
    return my_is(cursor->text, my_peek(cursor, 0), word);
}

bool
my_sees_sign(const MyCursor *cursor, char sign)
{
    const MyToken *token = my_peek(cursor, 0);

    return token->kind == MY_SIGN && cursor->text[token->start] == sign;
}

bool
my_take(MyCursor *cursor, const char *word)
{
    bool taken = my_sees(cursor, word);

    cursor->at += taken;
    return taken;
}

bool
my_take_sign(MyCursor *cursor, char sign)
{
    bool taken = my_sees_sign(cursor, sign);

    cursor->at += taken;
    return taken;
}

bool
my_take_all(MyCursor *cursor, const char *words)
{
    MEM_SCOPE(scope, NULL);
    int from = cursor->at;

    while (*words != '\0')
    {
        size_t length = strcspn(words, " ");

        if (!my_take(cursor, mem_slice(scope, words, length)))
        {
            cursor->at = from;
            return false;
        }
        words += length + (words[length] == ' ');
    }
    return true;
}

char *
my_take_name(MyCursor *cursor)
{
    const MyToken *token = my_peek(cursor, 0);

    if (token->kind != MY_WORD && token->kind != MY_NAME)
        return NULL;
    cursor->at++;
    return my_name(cursor->mem, cursor->text, token);
}

bool
my_take_qname(MyCursor *cursor, QName *name)
{
    *name = (QName){.name = my_take_name(cursor)};
    if (name->name == NULL || !my_take_sign(cursor, '.'))
        return name->name != NULL;
    *name = (QName){.schema = name->name, .name = my_take_name(cursor)};
    return name->name != NULL;
}

/* Parentheses, up to the one that closes the first; or to where `comma` stops it. */
static void
skip_balanced(MyCursor *cursor, bool to_comma)
{
    int depth = 0;

    while (cursor->at < cursor->count)
    {
        if (to_comma && depth == 0 && my_sees_sign(cursor, ','))
            return;
        depth += my_sees_sign(cursor, '(');
        depth -= my_sees_sign(cursor, ')');
        cursor->at++;
        if (!to_comma && depth <= 0)
            return;
    }
}

void
my_skip_parentheses(MyCursor *cursor)
{
    if (my_sees_sign(cursor, '('))
        skip_balanced(cursor, false);
}

void
my_skip_item(MyCursor *cursor)
{
    skip_balanced(cursor, true);
}

char *
my_between(const MyCursor *cursor, int from, int until)
{
    int start = cursor->tokens[from].start;

    return until <= from ? mem_copy(cursor->mem, "")
                         : mem_slice(cursor->mem, cursor->text + start,
                                     (size_t)(cursor->tokens[until - 1].end - start));
}
