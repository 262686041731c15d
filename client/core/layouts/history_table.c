#include "core/layouts/history_table.h"

#include <ctype.h>
#include <string.h>

#include "core/layouts/parts.h"

/* What nobody has in a name who can be helped. */
static const char unread[] = ".\"`'\\\n\r\t";

/* clang-format off */
static const struct { const char *layout; const char *variable; } variables[] = {
    {"flyway", "FLYWAY_TABLE"},
    {"goose",  "GOOSE_TABLE"},
    {"dbmate", "DBMATE_MIGRATIONS_TABLE"},
};

/* Those that may be told "schema.table", all without looking there for anything else. */
static const char *const placed[] = {"pair",  "dbmate", "goose", "drizzle", "drizzle-folders",
                                     "atlas"};
/* Those that put the name into their statements as it is: without quotes PostgreSQL
 * reads it in small letters. */
static const char *const bare[] = {"goose", "popx"};
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

static bool
is_among(const char *const *layouts, int count, const char *layout)
{
    for (int i = 0; i < count; i++)
        if (strcmp(layouts[i], layout) == 0)
            return true;
    return false;
}

/* Of engines that have schemas within a database. */
static bool
has_schemas(const LayoutRequest *request)
{
    return strcmp(request->engine, "postgres") == 0 ||
           strcmp(request->engine, "cockroach") == 0;
}

static bool
is_placed(const LayoutRequest *request, const char *layout)
{
    return has_schemas(request) && is_among(placed, LENGTH(placed), layout);
}

static Told
told_split(Mem *mem, const char *name)
{
    const char *dot = strchr(name, '.');

    if (dot == NULL)
        return (Told){NULL, name};
    return (Told){mem_slice(mem, name, (size_t)(dot - name)), dot + 1};
}

/* As the server reads it where it stands in a statement: without its quotes, or in
 * small letters; NULL: it is no name there. */
static const char *
bare_read(Mem *mem, const char *name)
{
    size_t length = strlen(name);
    char *folded;

    if (length > 2 && name[0] == '"' && name[length - 1] == '"')
        return mem_slice(mem, name + 1, length - 2);
    folded = mem_copy(mem, name);
    for (char *at = folded; *at != '\0'; at++)
    {
        if (!isalnum((unsigned char)*at) && *at != '_')
            return NULL;
        *at = (char)tolower((unsigned char)*at);
    }
    return folded;
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
    return name != NULL && name[0] != '\0' && strpbrk(name, unread) == NULL;
}

bool
history_table_read(Mem *mem, const LayoutRequest *request, const Layout *layout,
                   Migrations *migrations, Err *err)
{
    MEM_SCOPE(scope, mem);
    const Told told = table_told(scope, request, layout->name);
    Told read = told;

    if (told.table == NULL || (told.table[0] == '\0' && told.schema == NULL))
        return true;
    if (has_schemas(request) && is_among(bare, LENGTH(bare), layout->name))
        read = (Told){told.schema == NULL ? NULL : bare_read(scope, told.schema),
                      bare_read(scope, told.table)};
    if (!name_reads(read.table) || (told.schema != NULL && !name_reads(read.schema)))
        return err_set(err, ERR_REFUSED,
                       "the history of %s is called \"%s%s%s\": only a name without "
                       "dots and quotes is read%s",
                       layout->runner, told.schema == NULL ? "" : told.schema,
                       told.schema == NULL ? "" : ".", told.table,
                       is_placed(request, layout->name)
                           ? ", with its schema and a dot before it where it has one"
                           : "") ||
               err_hint(err, "Take it over under its usual name, or leave it alone: "
                             "--history=own.");
    migrations->history_table = mem_copy(mem, read.table);
    migrations->history_schema =
        read.schema == NULL ? NULL : mem_copy(mem, read.schema);
    return true;
}
