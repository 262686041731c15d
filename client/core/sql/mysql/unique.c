/* What a unique key compares, as its clause says it. */
#include "core/sql/mysql/mysql.h"

/* name, name(10), (expression), each with ASC or DESC. */
static bool
part_read(MyCursor *cursor, IndexKey *key)
{
    int from = cursor->at;
    int until;

    key->column = my_take_name(cursor);
    until = cursor->at;
    my_skip_parentheses(cursor);
    if (cursor->at == from)
        return false;
    key->shown = my_between(cursor, from, cursor->at);
    key->value.text =
        key->column == NULL || cursor->at == until
            ? key->shown
            : mem_text(cursor->mem, "LEFT(%s, %s", my_between(cursor, from, until),
                       my_between(cursor, until + 1, cursor->at));
    if (!my_take(cursor, "ASC"))
        my_take(cursor, "DESC");
    return my_sees_sign(cursor, ',') || my_sees_sign(cursor, ')');
}

bool
my_unique_key(Mem *mem, const Act *act, IndexShape *shape)
{
    LIST(IndexKey) keys = {0};
    MyPieces pieces;
    MyFault fault;

    *shape = (IndexShape){.unique = true};
    if (!my_split(mem, act->expression.text, &pieces, &fault) || pieces.count != 1)
        return false;

    MyCursor cursor = my_cursor(mem, act->expression.text, &pieces.items[0]);

    if (!my_take_sign(&cursor, '('))
        return false;
    do
        if (!part_read(&cursor, list_add(mem, &keys)))
            return false;
    while (my_take_sign(&cursor, ','));
    shape->keys = keys.items;
    shape->key_count = keys.count;
    return my_take_sign(&cursor, ')');
}
