/* Types as the catalog spells them. */
#include "core/sql/pg/types.h"

#include <string.h>

typedef struct TypeRow
{
    const char *name;    /* in the tree */
    const char *spelled; /* by format_type; % where the modifiers stand */
    bool serial;
} TypeRow;

/* clang-format off */
static const TypeRow type_rows[] = {
    {"bool", "boolean", false},            {"int2", "smallint", false},
    {"int4", "integer", false},            {"int8", "bigint", false},
    {"float4", "real", false},             {"float8", "double precision", false},
    {"varchar", "character varying%", false}, {"bpchar", "character%", false},
    {"numeric", "numeric%", false},        {"varbit", "bit varying%", false},
    {"bit", "bit%", false},
    {"timestamptz", "timestamp% with time zone", false},
    {"timestamp", "timestamp% without time zone", false},
    {"timetz", "time% with time zone", false},
    {"time", "time% without time zone", false},
    {"serial", "integer", true},           {"serial4", "integer", true},
    {"bigserial", "bigint", true},         {"serial8", "bigint", true},
    {"smallserial", "smallint", true},     {"serial2", "smallint", true},
    {"text", "text", false},               {"uuid", "uuid", false},
    {"jsonb", "jsonb", false},             {"json", "json", false},
    {"date", "date", false},               {"bytea", "bytea", false},
};
/* clang-format on */

static const TypeRow *
type_row(const PgQuery__TypeName *type)
{
    const char *name =
        type->n_names == 0 ? "" : node_string(type->names[type->n_names - 1]);

    if (type->n_names > 1 && strcmp(node_string(type->names[0]), "pg_catalog") != 0)
        return NULL; /* of the same name, somebody's own */

    for (int i = 0; i < LENGTH(type_rows); i++)
        if (strcmp(type_rows[i].name, name) == 0)
            return &type_rows[i];
    return NULL;
}

/* "(20)", "(10,2)", or nothing. */
static const char *
type_modifiers(Mem *mem, const PgQuery__TypeName *type)
{
    Buf buf = buf_begin(mem);

    for (size_t i = 0; i < type->n_typmods; i++)
    {
        const char *text = tree_expression(mem, type->typmods[i]);

        buf_format(&buf, "%s%s", i == 0 ? "(" : ",", text == NULL ? "" : text);
    }
    buf_add(&buf, type->n_typmods > 0 ? ")" : "");
    return buf.text;
}

bool
type_makes_sequence(const PgQuery__TypeName *type)
{
    const TypeRow *row = type_row(type);

    return row != NULL && row->serial;
}

char *
type_catalog_text(Mem *mem, PgQuery__TypeName *type)
{
    MEM_SCOPE(scope, mem);
    const TypeRow *row = type_row(type);

    if (row == NULL)
        return mem_copy(mem, tree_type(scope, type));

    const char *at = strchr(row->spelled, '%');
    const char *modifiers = type_modifiers(scope, type);
    int before = at == NULL ? (int)strlen(row->spelled) : (int)(at - row->spelled);

    return mem_text(mem, "%.*s%s%s%s", before, row->spelled,
                    at == NULL ? "" : modifiers, at == NULL ? "" : at + 1,
                    type->n_array_bounds > 0 ? "[]" : "");
}
