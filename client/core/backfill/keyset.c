#include "core/backfill/keyset.h"

/* (a, b), or a alone. */
static void
key_names(SqlText *sql, const Keyset *keyset)
{
    for (int i = 0; i < keyset->column_count; i++)
    {
        if (i > 0)
            sql_raw(sql, ", ");
        sql_ident(sql, keyset->columns[i].name);
    }
}

static void
key_values(SqlText *sql, const Keyset *keyset, KeyPlace place)
{
    for (int i = 0; i < keyset->column_count; i++)
    {
        if (i > 0)
            sql_raw(sql, ", ");
        sql_raw(sql, "CAST(");
        sql_string(sql, place[i]);
        sql_raw(sql, " AS ");
        sql_parsed(sql, (SqlParsed){.text = keyset->columns[i].type});
        sql_raw(sql, ")");
    }
}

/* The rows of one stretch of the key, as a condition. */
static void
key_range(SqlText *sql, const Keyset *keyset, KeyPlace after, KeyPlace until)
{
    sql_raw(sql, "true");
    if (after != NULL)
    {
        sql_raw(sql, " AND (");
        key_names(sql, keyset);
        sql_raw(sql, ") > (");
        key_values(sql, keyset, after);
        sql_raw(sql, ")");
    }
    if (until != NULL)
    {
        sql_raw(sql, " AND (");
        key_names(sql, keyset);
        sql_raw(sql, ") <= (");
        key_values(sql, keyset, until);
        sql_raw(sql, ")");
    }
}

SqlText
keyset_end(Mem *mem, const Caps *caps, const Keyset *keyset, KeyPlace after,
           int64_t rows)
{
    SqlText sql = sql_begin(mem, caps);

    sql_raw(&sql, "SELECT ARRAY[");
    for (int i = 0; i < keyset->column_count; i++)
    {
        if (i > 0)
            sql_raw(&sql, ", ");
        sql_raw(&sql, "CAST(");
        sql_ident(&sql, keyset->columns[i].name);
        sql_raw(&sql, " AS text)");
    }
    sql_raw(&sql, "] AS last_key FROM ");
    sql_qname(&sql, &keyset->fill->table);
    sql_raw(&sql, " WHERE ");
    key_range(&sql, keyset, after, NULL);
    sql_raw(&sql, " ORDER BY ");
    key_names(&sql, keyset);
    sql_raw(&sql, " LIMIT 1 OFFSET ");
    sql_int(&sql, rows - 1);
    return sql;
}

SqlText
keyset_batch(Mem *mem, const Caps *caps, const Keyset *keyset, KeyPlace after,
             KeyPlace until)
{
    SqlText sql = sql_begin(mem, caps);
    const Backfill *fill = keyset->fill;

    if (fill->is_delete)
        sql_raw(&sql, "DELETE FROM ");
    else
        sql_raw(&sql, "UPDATE ");
    sql_qname(&sql, &fill->table);
    for (int i = 0; i < fill->assignment_count; i++)
    {
        if (i == 0)
            sql_raw(&sql, " SET ");
        else
            sql_raw(&sql, ", ");
        sql_ident(&sql, fill->assignments[i].target);
        sql_raw(&sql, " = ");
        sql_parsed(&sql, fill->assignments[i].expression);
    }
    sql_raw(&sql, " WHERE ");
    key_range(&sql, keyset, after, until);
    sql_raw(&sql, " AND ");
    sql_parsed(&sql, keyset->not_done);
    sql_raw(&sql, " RETURNING 1 AS one");
    return sql;
}

void
keyset_place(SqlText *sql, const Keyset *keyset, KeyPlace place)
{
    if (place == NULL)
    {
        sql_raw(sql, "NULL");
        return;
    }
    sql_raw(sql, "ARRAY[");
    for (int i = 0; i < keyset->column_count; i++)
    {
        if (i > 0)
            sql_raw(sql, ", ");
        sql_string(sql, place[i]);
    }
    sql_raw(sql, "]");
}
