#include "core/foreign/rows.h"

#include <string.h>

void
rows_table(SqlText *sql, const ForeignNote *note, const char *table)
{
    const QName name = {.schema = (char *)(uintptr_t)note->schema,
                        .name = (char *)(uintptr_t)table};

    sql_qname(sql, &name);
}

void
rows_delete(SqlText *sql, const ForeignNote *note, const char *table)
{
    sql_raw(sql, "DELETE FROM ");
    rows_table(sql, note, table);
}

void
rows_add_version(SqlText *sql, const ForeignNote *note, const char *table)
{
    sql_raw(sql, "INSERT INTO ");
    rows_table(sql, note, table);
    sql_raw(sql, " (version) SELECT ");
    sql_string(sql, note->migration->version);
    sql_raw(sql, " WHERE NOT EXISTS (SELECT FROM ");
    rows_table(sql, note, table);
    sql_raw(sql, " WHERE version = ");
    sql_string(sql, note->migration->version);
    sql_raw(sql, ")");
}

void
rows_take_version(SqlText *sql, const ForeignNote *note, const char *table)
{
    rows_delete(sql, note, table);
    sql_raw(sql, " WHERE version = ");
    sql_string(sql, note->migration->version);
}

const char *
rows_number(const char *version)
{
    const char *first = version + strspn(version, "0");

    return *first == '\0' && first > version ? first - 1 : first;
}
