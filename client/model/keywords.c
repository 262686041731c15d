#include "model/keywords.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* Every keyword of PostgreSQL 10 to 18 that is not "unreserved", sorted for bsearch. */
/* clang-format off */
static const char *const keywords[] = {
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric",
    "authorization", "between", "bigint", "binary", "bit", "boolean", "both", "case",
    "cast", "char", "character", "check", "coalesce", "collate", "collation",
    "column", "concurrently", "constraint", "create", "cross", "current_catalog",
    "current_date", "current_role", "current_schema", "current_time",
    "current_timestamp", "current_user", "dec", "decimal", "default", "deferrable",
    "desc", "distinct", "do", "else", "end", "except", "exists", "extract", "false",
    "fetch", "float", "for", "foreign", "freeze", "from", "full", "grant",
    "greatest", "group", "grouping", "having", "ilike", "in", "initially", "inner",
    "inout", "int", "integer", "intersect", "interval", "into", "is", "isnull",
    "join", "json", "json_array", "json_arrayagg", "json_exists", "json_object",
    "json_objectagg", "json_query", "json_scalar", "json_serialize", "json_table",
    "json_value", "lateral", "leading", "least", "left", "like", "limit",
    "localtime", "localtimestamp", "merge_action", "national", "natural", "nchar",
    "none", "normalize", "not", "notnull", "null", "nullif", "numeric", "offset",
    "on", "only", "or", "order", "out", "outer", "overlaps", "overlay", "placing",
    "position", "precision", "primary", "real", "references", "returning", "right",
    "row", "select", "session_user", "setof", "similar", "smallint", "some",
    "substring", "symmetric", "system_user", "table", "tablesample", "then", "time",
    "timestamp", "to", "trailing", "treat", "trim", "true", "union", "unique",
    "user", "using", "values", "varchar", "variadic", "verbose", "when", "where",
    "window", "with", "xmlattributes", "xmlconcat", "xmlelement", "xmlexists",
    "xmlforest", "xmlnamespaces", "xmlparse", "xmlpi", "xmlroot", "xmlserialize",
    "xmltable",
};
/* clang-format on */

static int
keyword_compare(const void *name, const void *row)
{
    return strcmp(name, *(const char *const *)row);
}

bool
ident_plain(const char *ident)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz_0123456789";

    return ident[0] != '\0' && strchr("0123456789", ident[0]) == NULL &&
           ident[strspn(ident, letters)] == '\0' &&
           bsearch(ident, keywords, LENGTH(keywords), sizeof(keywords[0]),
                   keyword_compare) == NULL;
}

char *
ident_quoted(Mem *mem, const char *ident, char quote)
{
    Buf buf = buf_begin(mem);

    buf_bytes(&buf, &quote, 1);
    for (const char *c = ident; *c != '\0'; c++)
    {
        if (*c == quote)
            buf_bytes(&buf, c, 1);
        buf_bytes(&buf, c, 1);
    }
    buf_bytes(&buf, &quote, 1);
    return buf.text;
}
