/* The same change of another table. */
#include <string.h>

#include "core/sql/mysql/mysql.h"

/* Up to where the name of its table stands. */
static bool
find_table(MyCursor *cursor)
{
    if (my_take(cursor, "ALTER"))
    {
        my_take(cursor, "ONLINE");
        my_take(cursor, "IGNORE");
        my_take(cursor, "TABLE");
        my_take_all(cursor, "IF EXISTS");
        return true;
    }
    while (cursor->at < cursor->count && !my_sees_sign(cursor, '('))
    {
        if (my_take(cursor, "ON"))
            return true;
        cursor->at++;
    }
    return false;
}

/* Then the other table would get the new name, and nobody would drop it. */
static bool
renames_table(MyCursor cursor)
{
    for (; cursor.at < cursor.count; my_skip_item(&cursor), my_take_sign(&cursor, ','))
        if (my_take(&cursor, "RENAME") && !my_sees(&cursor, "COLUMN") &&
            !my_sees(&cursor, "INDEX") && !my_sees(&cursor, "KEY"))
            return true;
    return false;
}

char *
my_aimed_at(Mem *mem, const char *text, const QName *table)
{
    MyPieces pieces;
    MyFault fault;
    QName was;

    if (!my_split(mem, text, &pieces, &fault) || pieces.count != 1)
        return NULL;

    MyCursor cursor = my_cursor(mem, text, &pieces.items[0]);

    if (!find_table(&cursor))
        return NULL;

    int from = my_peek(&cursor, 0)->start;

    if (!my_take_qname(&cursor, &was) || renames_table(cursor))
        return NULL;

    int until = cursor.tokens[cursor.at - 1].end;

    Caps caps = {.ident_quote = '`', .quotes_names = true};
    SqlText name = sql_begin(mem, &caps);

    sql_qname(&name, table);
    return mem_text(mem, "%.*s%s%s", from, text, sql_done(&name), text + until);
}
