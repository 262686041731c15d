/* What a CREATE INDEX says about rows: its keys, and which rows they are of. */
#include <string.h>

#include "core/sql/pg/tree.h"
#include "core/sql/sql.h"
#include "model/keywords.h"

static const char *
ident_written(Mem *mem, const char *ident)
{
    return ident_plain(ident) ? ident : ident_quoted(mem, ident, '"');
}

static const char *
collation_written(Mem *mem, Node *const *names, size_t count)
{
    QName name = list_name(mem, names, count, 0);
    const char *last = ident_written(mem, name.name);

    return name.schema == NULL
               ? last
               : mem_text(mem, "%s.%s", ident_written(mem, name.schema), last);
}

static bool
key_read(Mem *mem, const PgQuery__IndexElem *element, IndexKey *key)
{
    const char *text = NULL;

    key->column = tree_text(mem, element->name);
    if (key->column != NULL)
        text = ident_written(mem, key->column);
    else if (element->expr != NULL)
        text = tree_expression(mem, element->expr);
    key->shown = key->column != NULL ? key->column : text;
    if (text != NULL && key->column == NULL)
        text = mem_text(mem, "(%s)", text);
    if (text != NULL && element->n_collation > 0)
        text =
            mem_text(mem, "(%s COLLATE %s)", text,
                     collation_written(mem, element->collation, element->n_collation));
    key->value.text = text;
    return text != NULL;
}

bool
sql_index_shape(Mem *mem, const char *create, IndexShape *shape)
{
    MEM_SCOPE(scope, mem);
    Node *node = tree_statement(scope, create);
    const PgQuery__IndexStmt *index =
        node != NULL && node->node_case == PG_QUERY__NODE__NODE_INDEX_STMT
            ? node->index_stmt
            : NULL;

    *shape = (IndexShape){0};
    if (index == NULL)
        return false;
    shape->unique = index->unique;
    shape->nulls_equal = index->nulls_not_distinct;
    shape->btree = strcmp(index->access_method, "btree") == 0;
    shape->elsewhere = index->table_space[0] != '\0';
    shape->key_count = (int)index->n_index_params;
    shape->keys = mem_array(mem, IndexKey, shape->key_count + 1);
    for (int i = 0; i < shape->key_count; i++)
        if (!key_read(mem, index->index_params[i]->index_elem, &shape->keys[i]))
            return false;
    if (index->where_clause == NULL)
        return true;
    shape->where = (SqlParsed){.text = tree_expression(mem, index->where_clause)};
    return shape->where.text != NULL;
}
