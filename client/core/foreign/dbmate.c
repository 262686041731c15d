/* dbmate: schema_migrations, a row for each version. */
#include <string.h>

#include "core/foreign/rows.h"

static const char table[] = "schema_migrations";

void
dbmate_make(SqlText *sql, const char *schema)
{
    sql_raw(sql, "create table if not exists ");
    rows_table(sql, &(ForeignNote){.schema = schema}, table);
    sql_raw(sql, " (version varchar primary key)");
}

bool
dbmate_holds(const ForeignRow *row, const Migration *migration)
{
    return strcmp(row->version, migration->version) == 0;
}

void
dbmate_applied(SqlText *sql, const ForeignNote *note)
{
    rows_add_version(sql, note, table);
}

void
dbmate_undone(SqlText *sql, const ForeignNote *note)
{
    rows_take_version(sql, note, table);
}
