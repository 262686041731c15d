#include "core/foreign/rows.h"

#include <string.h>

void
rows_table(SqlText *sql, const ForeignNote *note)
{
    const QName name = {.schema = (char *)(uintptr_t)note->schema,
                        .name = (char *)(uintptr_t)note->table};

    sql_qname(sql, &name);
}

void
rows_delete(SqlText *sql, const ForeignNote *note)
{
    sql_raw(sql, "DELETE FROM ");
    rows_table(sql, note);
}

/* A SELECT of values alone takes no WHERE everywhere: what it selects is a table. */
void
rows_unless(SqlText *sql, const ForeignNote *note)
{
    sql_raw(sql, " FROM (SELECT 1) AS one WHERE NOT EXISTS (SELECT 1 FROM ");
    rows_table(sql, note);
    sql_raw(sql, " WHERE ");
}

void
rows_add_version(SqlText *sql, const ForeignNote *note)
{
    sql_raw(sql, "INSERT INTO ");
    rows_table(sql, note);
    if (caps_own(sql->caps)->on_conflict)
    {
        sql_raw(sql, " (version) VALUES (");
        sql_string(sql, note->migration->version);
        sql_raw(sql, ") ON CONFLICT DO NOTHING");
        return;
    }
    sql_raw(sql, " (version) SELECT ");
    sql_string(sql, note->migration->version);
    rows_unless(sql, note);
    sql_raw(sql, "version = ");
    sql_string(sql, note->migration->version);
    sql_raw(sql, ")");
}

void
rows_take_version(SqlText *sql, const ForeignNote *note)
{
    rows_delete(sql, note);
    sql_raw(sql, " WHERE version = ");
    sql_string(sql, note->migration->version);
}

void
rows_age(SqlText *sql, const ForeignNote *note)
{
    sql_raw(sql, "coalesce((SELECT max(");
    sql_age(sql);
    sql_raw(sql, ") FROM ");
    sql_own(sql, "phases");
    sql_raw(sql, " WHERE component = ");
    sql_string(sql, note->component);
    sql_raw(sql, " AND version = ");
    sql_string(sql, note->migration->version);
    sql_raw(sql, "), 0)");
}
