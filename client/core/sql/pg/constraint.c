/* ADD CONSTRAINT on the tree: NOT VALID, or by an index that is built beforehand. */
#include <string.h>

#include "core/sql/constraint.h"
#include "core/sql/pg/tree.h"

/* The statement as a tree, and its one constraint in it. */
typedef struct Added
{
    Tree *tree;
    PgQuery__AlterTableStmt *alter;
    PgQuery__Constraint *constraint;
} Added;

static bool
added_read(Mem *mem, const Statement *statement, Added *added)
{
    PgFault fault;

    *added = (Added){.tree = tree_parse(mem, statement->sql.text, &fault)};
    if (added->tree == NULL || added->tree->n_stmts != 1 ||
        added->tree->stmts[0]->stmt->node_case != PG_QUERY__NODE__NODE_ALTER_TABLE_STMT)
        return false;
    added->alter = added->tree->stmts[0]->stmt->alter_table_stmt;

    const Node *definition = added->alter->cmds[0]->alter_table_cmd->def;

    if (definition == NULL || definition->node_case != PG_QUERY__NODE__NODE_CONSTRAINT)
        return false;
    added->constraint = definition->constraint;
    return true;
}

static bool
added_write(Mem *mem, const Added *added, const Statement *statement, SqlParsed *sql,
            Err *err)
{
    *sql = (SqlParsed){.text =
                           added->tree == NULL ? NULL : tree_deparse(mem, added->tree)};
    return sql->text != NULL ||
           err_at(err, ERR_REFUSED, statement->span.file, statement->span.line,
                  "this constraint cannot be added in parts") ||
           err_hint(err, "Write the steps yourself: pgstride help recipes shows them.");
}

bool
sql_constraint_not_valid(Mem *mem, const Statement *statement, const char *name,
                         SqlParsed *sql, Err *err)
{
    MEM_SCOPE(scope, mem);
    Added added;

    if (added_read(scope, statement, &added))
    {
        added.constraint->conname = mem_copy(scope, name);
        added.constraint->skip_validation = true;
        added.constraint->initially_valid = false;
    }
    return added_write(mem, &added, statement, sql, err);
}

bool
sql_constraint_of_part(Mem *mem, const Statement *statement, const char *name,
                       const QName *part, SqlParsed *sql, Err *err)
{
    MEM_SCOPE(scope, mem);
    Added added;

    if (added_read(scope, statement, &added))
    {
        PgQuery__RangeVar *relation = added.alter->relation;

        relation->schemaname = mem_copy(scope, part->schema);
        relation->relname = mem_copy(scope, part->name);
        added.constraint->conname = mem_copy(scope, name);
        added.constraint->skip_validation = true;
        added.constraint->initially_valid = false;
    }
    return added_write(mem, &added, statement, sql, err);
}

bool
sql_constraint_named(Mem *mem, const Statement *statement, const char *name,
                     SqlParsed *sql, Err *err)
{
    MEM_SCOPE(scope, mem);
    Added added;

    if (added_read(scope, statement, &added))
        added.constraint->conname = mem_copy(scope, name);
    return added_write(mem, &added, statement, sql, err);
}

/* The key's columns as an index names them. */
static Node **
index_elements(Mem *mem, Node *const *names, size_t count)
{
    Node **nodes = mem_array(mem, Node *, count + 1);

    for (size_t i = 0; i < count; i++)
    {
        PgQuery__IndexElem *element = mem_new(mem, PgQuery__IndexElem);

        pg_query__index_elem__init(element);
        element->name = mem_copy(mem, node_string(names[i]));
        element->ordering = PG_QUERY__SORT_BY_DIR__SORTBY_DEFAULT;
        element->nulls_ordering = PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_DEFAULT;
        nodes[i] = mem_new(mem, Node);
        pg_query__node__init(nodes[i]);
        nodes[i]->node_case = PG_QUERY__NODE__NODE_INDEX_ELEM;
        nodes[i]->index_elem = element;
    }
    return nodes;
}

static PgQuery__IndexStmt *
index_of_constraint(Mem *mem, const Added *added, const char *name)
{
    const PgQuery__Constraint *constraint = added->constraint;
    PgQuery__IndexStmt *index = mem_new(mem, PgQuery__IndexStmt);

    pg_query__index_stmt__init(index);
    index->idxname = mem_copy(mem, name);
    index->relation = added->alter->relation;
    index->relation->inh = true;
    index->access_method = mem_copy(mem, "btree");
    index->table_space = constraint->indexspace;
    index->index_params = index_elements(mem, constraint->keys, constraint->n_keys);
    index->n_index_params = constraint->n_keys;
    index->index_including_params =
        index_elements(mem, constraint->including, constraint->n_including);
    index->n_index_including_params = constraint->n_including;
    index->options = constraint->options;
    index->n_options = constraint->n_options;
    index->nulls_not_distinct = constraint->nulls_not_distinct;
    index->unique = true;
    index->concurrent = true;
    return index;
}

bool
sql_constraint_index(Mem *mem, const Statement *statement, const char *name,
                     SqlParsed *sql, Err *err)
{
    MEM_SCOPE(scope, mem);
    Added added;

    if (added_read(scope, statement, &added))
    {
        Node *node = added.tree->stmts[0]->stmt;

        node->index_stmt = index_of_constraint(scope, &added, name);
        node->node_case = PG_QUERY__NODE__NODE_INDEX_STMT;
    }
    return added_write(mem, &added, statement, sql, err);
}

bool
sql_constraint_only(Mem *mem, const Statement *statement, const char *name,
                    SqlParsed *sql, Err *err)
{
    MEM_SCOPE(scope, mem);
    Added added;

    if (added_read(scope, statement, &added))
    {
        added.constraint->conname = mem_copy(scope, name);
        added.alter->relation->inh = false;
    }
    return added_write(mem, &added, statement, sql, err);
}

bool
sql_constraint_using_index(Mem *mem, const Statement *statement, const char *name,
                           SqlParsed *sql, Err *err)
{
    MEM_SCOPE(scope, mem);
    Added added;

    if (added_read(scope, statement, &added))
    {
        PgQuery__Constraint *constraint = added.constraint;

        constraint->conname = constraint->indexname = mem_copy(scope, name);
        constraint->n_keys = constraint->n_including = constraint->n_options = 0;
        constraint->indexspace = mem_copy(scope, "");
        constraint->nulls_not_distinct = false;
    }
    return added_write(mem, &added, statement, sql, err);
}

void
sql_constraint_columns(Mem *mem, const Statement *statement, const char ***names,
                       int *count)
{
    MEM_SCOPE(scope, mem);
    LIST(const char *) list = {0};
    Added added;

    if (added_read(scope, statement, &added))
    {
        const PgQuery__Constraint *constraint = added.constraint;

        for (size_t i = 0; i < constraint->n_keys; i++)
            *list_add(mem, &list) = mem_copy(mem, node_string(constraint->keys[i]));
        for (size_t i = 0; i < constraint->n_including; i++)
            *list_add(mem, &list) =
                mem_copy(mem, node_string(constraint->including[i]));
    }
    *names = list.items;
    *count = list.count;
}
