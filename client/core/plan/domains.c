#include "core/plan/domains.h"

#include <string.h>

#include "core/sql/actions.h"

/* clang-format off */
/* Types that nobody's domain hides: their names mean pg_catalog's. */
static const char *const plain[] = {
    "bigint", "bigserial", "boolean", "bytea", "date", "double precision", "int", "int2", "int4",
    "int8", "integer", "interval", "json", "jsonb", "numeric", "real", "serial", "smallint", "text",
    "time", "timestamp", "timestamptz", "uuid", "varchar",
};
/* clang-format on */

const char *
act_asks_type(const Act *act)
{
    size_t length;

    if (!action_adds_column(act->action) || act->type == NULL ||
        strchr(act->type, '[') != NULL)
        return NULL;
    length = strcspn(act->type, "(");
    for (int i = 0; i < LENGTH(plain); i++)
        if (strlen(plain[i]) == length && strncmp(plain[i], act->type, length) == 0)
            return NULL;
    return act->type;
}

/* One that this migration makes is in no catalog yet. */
static bool
migration_makes(const Migration *migration, const char *type)
{
    for (int i = 0; i < migration->section_count; i++)
        for (int j = 0; j < migration->sections[i].statements.count; j++)
        {
            const Act *act = &migration->sections[i].statements.items[j].acts[0];

            if (act->action == ACTION_CREATE_DOMAIN && act->costs_rows &&
                strcmp(act->type, type) == 0)
                return true;
        }
    return false;
}

static bool
type_costs_rows(const PlanRequest *request, const char *type)
{
    for (int i = 0; i < request->facts->type_count; i++)
        if (request->facts->types[i].rewrites &&
            strcmp(request->facts->types[i].name, type) == 0)
            return true;
    return migration_makes(request->migration, type);
}

void
domains_mark(Mem *mem, const PlanRequest *request, Statement *statement)
{
    Act *acts = mem_array(mem, Act, statement->act_count);

    for (int i = 0; i < statement->act_count; i++)
    {
        const char *type = act_asks_type(&statement->acts[i]);

        acts[i] = statement->acts[i];
        if (type != NULL && type_costs_rows(request, type))
            acts[i].action = ACTION_ADD_COLUMN_DOMAIN;
    }
    statement->acts = acts;
}
