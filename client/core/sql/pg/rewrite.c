/* Expressions and definitions with a column renamed on the tree. */
#include <string.h>

#include "core/sql/pg/tree.h"

typedef struct Renaming
{
    Mem *mem;
    const char *old_name;
    const char *new_name;
} Renaming;

static void
rename_text(const Renaming *renaming, char **text)
{
    if (strcmp(*text, renaming->old_name) == 0)
        *text = mem_copy(renaming->mem, renaming->new_name);
}

static void
rename_strings(const Renaming *renaming, Node **items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (node_string(items[i]) != NULL)
            rename_text(renaming, &items[i]->string->sval);
}

/* The columns of a foreign key's other table are not ours: pk_attrs stay. */
static bool
see_column(ProtobufCMessage *message, void *data)
{
    const Renaming *renaming = data;
    PgQuery__ColumnRef *ref = TREE_AS(message, column_ref, ColumnRef);
    PgQuery__IndexElem *element = TREE_AS(message, index_elem, IndexElem);
    PgQuery__Constraint *constraint = TREE_AS(message, constraint, Constraint);

    if (ref != NULL)
        rename_strings(renaming, &ref->fields[ref->n_fields - 1], 1);
    if (element != NULL)
        rename_text(renaming, &element->name);
    if (constraint != NULL)
    {
        rename_strings(renaming, constraint->keys, constraint->n_keys);
        rename_strings(renaming, constraint->including, constraint->n_including);
        rename_strings(renaming, constraint->fk_attrs, constraint->n_fk_attrs);
        rename_strings(renaming, constraint->fk_del_set_cols,
                       constraint->n_fk_del_set_cols);
    }
    return true;
}

/* The only value of a SELECT that has nothing but values, or NULL: "1 FROM x" is none.
 */
static Node *
lone_value(const Node *node)
{
    const PgQuery__SelectStmt *select =
        node != NULL && node->node_case == PG_QUERY__NODE__NODE_SELECT_STMT
            ? node->select_stmt
            : NULL;

    if (select == NULL || select->n_target_list != 1 || select->n_from_clause > 0 ||
        select->where_clause != NULL || select->n_group_clause > 0 ||
        select->having_clause != NULL || select->n_sort_clause > 0 ||
        select->limit_count != NULL || select->limit_offset != NULL ||
        select->into_clause != NULL || select->larg != NULL ||
        select->n_distinct_clause > 0 || select->n_locking_clause > 0 ||
        select->target_list[0]->res_target->name[0] != '\0')
        return NULL;
    return select->target_list[0]->res_target->val;
}

static bool
is_index(const Node *node)
{
    return node->node_case == PG_QUERY__NODE__NODE_INDEX_STMT;
}

static bool
is_constraint(const Node *node)
{
    return node->node_case == PG_QUERY__NODE__NODE_ALTER_TABLE_STMT &&
           node->alter_table_stmt->n_cmds == 1;
}

static const char *
renamed_expression(Mem *mem, Renaming *renaming, const char *text)
{
    const char *select = mem_text(renaming->mem, "SELECT %s", text);
    Node *value = lone_value(tree_statement(renaming->mem, select));

    if (value == NULL)
        return NULL;
    tree_walk(value, see_column, renaming);
    return tree_expression(mem, value);
}

static const char *
renamed_statement(Mem *mem, Renaming *renaming, const char *text, PgForm form)
{
    PgFault fault;
    Tree *tree = tree_parse(renaming->mem, text, &fault);
    Node *node = tree == NULL || tree->n_stmts != 1 ? NULL : tree->stmts[0]->stmt;

    if (node == NULL || !(form == PG_INDEX ? is_index(node) : is_constraint(node)))
        return NULL;
    if (form == PG_INDEX)
        node->index_stmt->idxname = mem_copy(renaming->mem, "i");
    tree_walk(node, see_column, renaming);
    return tree_deparse(mem, tree);
}

const char *
pg_renamed(Mem *mem, PgForm form, const char *text, const char *old_name,
           const char *new_name)
{
    MEM_SCOPE(scope, mem);
    Renaming renaming = {scope, old_name, new_name};

    switch (form)
    {
    case PG_EXPRESSION:
        return renamed_expression(mem, &renaming, text);
    case PG_CONSTRAINT:
        text = mem_text(scope, "ALTER TABLE t ADD CONSTRAINT c %s", text);
        return renamed_statement(mem, &renaming, text, form);
    case PG_INDEX:
        return renamed_statement(mem, &renaming, text, form);
    }
    return NULL;
}

/* What the server leaves out when it writes an index down: the defaults. */
static bool
see_default_order(ProtobufCMessage *message, void *data)
{
    PgQuery__IndexElem *element = TREE_AS(message, index_elem, IndexElem);

    (void)data;
    if (element == NULL)
        return true;
    if (element->ordering == PG_QUERY__SORT_BY_DIR__SORTBY_ASC)
        element->ordering = PG_QUERY__SORT_BY_DIR__SORTBY_DEFAULT;
    if (element->nulls_ordering ==
        (element->ordering == PG_QUERY__SORT_BY_DIR__SORTBY_DESC
             ? PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST
             : PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST))
        element->nulls_ordering = PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_DEFAULT;
    return true;
}

const char *
pg_index_shape(Mem *mem, const char *text)
{
    MEM_SCOPE(scope, mem);
    PgFault fault;
    Tree *tree = tree_parse(scope, text, &fault);
    Node *node = tree == NULL || tree->n_stmts != 1 ? NULL : tree->stmts[0]->stmt;

    if (node == NULL || !is_index(node))
        return NULL;

    PgQuery__IndexStmt *index = node->index_stmt;

    index->idxname = mem_copy(scope, "i");
    index->relation->schemaname = mem_copy(scope, "");
    index->relation->relname = mem_copy(scope, "t");
    index->relation->inh = true;
    index->table_space = mem_copy(scope, "");
    index->concurrent = false;
    index->if_not_exists = false;
    tree_walk(node, see_default_order, NULL);
    return tree_deparse(mem, tree);
}
