#include "core/layouts/history_table.h"

#include <string.h>

/* clang-format off */
static const struct { const char *layout; const char *variable; } variables[] = {
    {"flyway", "FLYWAY_TABLE"},
    {"goose",  "GOOSE_TABLE"},
    {"dbmate", "DBMATE_MIGRATIONS_TABLE"},
};
/* clang-format on */

static const char *
variable_of(const LayoutRequest *request, const char *layout)
{
    const Environment *environment = request->environment;

    for (int i = 0; environment != NULL && i < LENGTH(variables); i++)
        if (strcmp(variables[i].layout, layout) == 0)
            return environment->get(environment, variables[i].variable);
    return NULL;
}

static const char *
table_told(const LayoutRequest *request, const char *layout)
{
    if (request->history_table != NULL)
        return request->history_table;
    return strcmp(layout, "pair") == 0 ? request->address_table
                                       : variable_of(request, layout);
}

bool
history_table_read(Mem *mem, const LayoutRequest *request, const Layout *layout,
                   Migrations *migrations, Err *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    const char *table = table_told(request, layout->name);

    if (table == NULL || table[0] == '\0')
        return true;
    if (table[strspn(table, letters)] != '\0')
        return err_set(
                   err, ERR_REFUSED,
                   "the history of %s is called \"%s\": only a name of a-z, 0-9 and _ "
                   "is read",
                   layout->runner, table) ||
               err_hint(err, "Take it over under its usual name, or leave it alone: "
                             "--history=own.");
    migrations->history_table = mem_copy(mem, table);
    return true;
}
