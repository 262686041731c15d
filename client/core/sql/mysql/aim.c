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

    if (!my_take_qname(&cursor, &was))
        return NULL;

    Caps caps = {.ident_quote = '`', .quotes_names = true};
    SqlText name = sql_begin(mem, &caps);

    sql_qname(&name, table);
    return mem_text(mem, "%.*s%s%s", from, text, sql_done(&name),
                    text + cursor.tokens[cursor.at - 1].end);
}
