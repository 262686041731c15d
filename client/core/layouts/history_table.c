#include "core/layouts/history_table.h"

#include <string.h>

/* What a name may be made of, and go into a text unquoted. */
static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

/* clang-format off */
static const struct { const char *layout; const char *variable; } variables[] = {
    {"flyway", "FLYWAY_TABLE"},
    {"goose",  "GOOSE_TABLE"},
    {"dbmate", "DBMATE_MIGRATIONS_TABLE"},
};

/* Those that may be told "schema.table", all without looking there for anything else. */
static const char *const placed[] = {"pair", "dbmate", "goose"};
/* clang-format on */

/* Where the table is; NULL: where it is usually, or called as it is usually. */
typedef struct Told
{
    const char *schema;
    const char *table;
} Told;

static const char *
variable_of(const LayoutRequest *request, const char *layout)
{
    const Environment *environment = request->environment;

    for (int i = 0; environment != NULL && i < LENGTH(variables); i++)
        if (strcmp(variables[i].layout, layout) == 0)
            return environment->get(environment, variables[i].variable);
    return NULL;
}

/* Of engines that have schemas within a database. */
static bool
is_placed(const LayoutRequest *request, const char *layout)
{
    bool schemas = strcmp(request->engine, "postgres") == 0 ||
                   strcmp(request->engine, "cockroach") == 0;

    for (int i = 0; i < LENGTH(placed); i++)
        if (strcmp(placed[i], layout) == 0)
            return schemas;
    return false;
}

static Told
told_split(Mem *mem, const char *name)
{
    const char *dot = strchr(name, '.');

    if (dot == NULL)
        return (Told){NULL, name};
    return (Told){mem_slice(mem, name, (size_t)(dot - name)), dot + 1};
}

static Told
table_told(Mem *mem, const LayoutRequest *request, const char *layout)
{
    const Target *target = request->target;
    bool pair = strcmp(layout, "pair") == 0;
    const char *name = request->history_table;

    if (name == NULL && pair && target != NULL)
        return (Told){target->history_schema, target->history_table};
    if (name == NULL)
        name = variable_of(request, layout);
    return name != NULL && is_placed(request, layout) ? told_split(mem, name)
                                                      : (Told){NULL, name};
}

static bool
name_reads(const char *name)
{
    return name[0] != '\0' && name[strspn(name, letters)] == '\0';
}

bool
history_table_read(Mem *mem, const LayoutRequest *request, const Layout *layout,
                   Migrations *migrations, Err *err)
{
    MEM_SCOPE(scope, mem);
    Told told = table_told(scope, request, layout->name);

    if (told.table == NULL || (told.table[0] == '\0' && told.schema == NULL))
        return true;
    if (!name_reads(told.table) || (told.schema != NULL && !name_reads(told.schema)))
        return err_set(err, ERR_REFUSED,
                       "the history of %s is called \"%s%s%s\": only a name of a-z, "
                       "0-9 and _ is read%s",
                       layout->runner, told.schema == NULL ? "" : told.schema,
                       told.schema == NULL ? "" : ".", told.table,
                       is_placed(request, layout->name)
                           ? ", with its schema and a dot before it where it has one"
                           : "") ||
               err_hint(err, "Take it over under its usual name, or leave it alone: "
                             "--history=own.");
    migrations->history_table = mem_copy(mem, told.table);
    migrations->history_schema =
        told.schema == NULL ? NULL : mem_copy(mem, told.schema);
    return true;
}
