/* When two values are the same: as they are stored, not as a collation sees them. */
#include <string.h>

#include "core/sql/mysql/mysql.h"

/* clang-format off */
static const char *const text_types[] = {"char", "varchar", "text", "tinytext", "mediumtext", "longtext",
                                         "enum", "set", "nchar", "nvarchar", "character", "national"};
/* clang-format on */

static bool
is_text(const char *type)
{
    size_t length = type == NULL ? 0 : strcspn(type, "( ");

    for (int i = 0; i < LENGTH(text_types); i++)
        if (strlen(text_types[i]) == length &&
            strncasecmp(type, text_types[i], length) == 0)
            return true;
    return false;
}

static void
put_text(SqlText *sql, SqlParsed value)
{
    sql_raw(sql, "CONVERT(");
    sql_parsed(sql, value);
    sql_raw(sql, " USING utf8mb4) COLLATE utf8mb4_bin");
}

/* 'a' equals 'A' to most collations; whoever changed the one to the other meant it. */
void
my_put_same(SqlText *sql, const char *type, SqlParsed left, SqlParsed right)
{
    if (is_text(type))
    {
        put_text(sql, left);
        sql_raw(sql, " <=> ");
        put_text(sql, right);
        return;
    }
    sql_parsed(sql, left);
    sql_raw(sql, " <=> (");
    sql_parsed(sql, right);
    sql_raw(sql, ")");
}
