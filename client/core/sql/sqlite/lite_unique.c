/* What a unique key compares, and in which rows, as its clause says it. */
#include <string.h>

#include "core/sql/sqlite/lite.h"

/* To the comma or parenthesis that ends it. */
static int
part_end(const LiteTokens *tokens, int at)
{
    while (at < tokens->count && !lite_is(tokens, at, ",") && !lite_is(tokens, at, ")"))
        at = lite_is(tokens, at, "(") ? lite_behind(tokens, at) : at + 1;
    return at;
}

/* A column or an expression, which may name its collation, with ASC or DESC. */
static void
part_read(Mem *mem, const LiteTokens *tokens, int from, int end, IndexKey *key)
{
    if (lite_is(tokens, end - 1, "ASC") || lite_is(tokens, end - 1, "DESC"))
        end--;
    key->shown = lite_slice(mem, tokens, from, end);
    key->value.text = key->shown;
    key->column = end == from + 1 ? lite_name(mem, tokens, from) : NULL;
}

bool
lite_unique_key(Mem *mem, const Act *act, IndexShape *shape)
{
    LiteTokens tokens = lite_tokens(mem, act->expression.text);
    LIST(IndexKey) keys = {0};
    int at = 0;

    *shape = (IndexShape){.unique = true};
    while (at < tokens.count && !lite_is(&tokens, at, "("))
        at++;
    while (lite_is(&tokens, at, "(") || lite_is(&tokens, at, ","))
    {
        int end = part_end(&tokens, at + 1);

        part_read(mem, &tokens, at + 1, end, list_add(mem, &keys));
        at = end;
    }
    shape->keys = keys.items;
    shape->key_count = keys.count;
    if (lite_is(&tokens, at + 1, "WHERE"))
        shape->where.text = lite_slice(mem, &tokens, at + 2, tokens.count);
    return keys.count > 0 && lite_is(&tokens, at, ")");
}
