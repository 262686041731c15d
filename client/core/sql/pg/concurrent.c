/* Statements about indexes, said CONCURRENTLY or of another table, on the tree. */
#include <string.h>

#include "base/buf.h"
#include "core/sql/pg/tree.h"
#include "core/sql/sql.h"

/* clang-format off */
static const struct
{
    PgQuery__ReindexObjectType kind;
    const char *word;
} reindex_kinds[] = {
    {PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_INDEX,    "INDEX"},
    {PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_TABLE,    "TABLE"},
    {PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_SCHEMA,   "SCHEMA"},
    {PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_DATABASE, "DATABASE"},
};
/* clang-format on */

/* With options, in brackets beside them; servers before 14 know only VERBOSE there. */
static const char *
reindex_with_options(Mem *mem, Tree *tree, PgQuery__ReindexStmt *reindex)
{
    MEM_SCOPE(scope, mem);
    Node **params = mem_array(scope, Node *, reindex->n_params + 1);
    Node *node = mem_new(scope, Node);

    pg_query__node__init(node);
    node->node_case = PG_QUERY__NODE__NODE_DEF_ELEM;
    node->def_elem = mem_new(scope, PgQuery__DefElem);
    pg_query__def_elem__init(node->def_elem);
    node->def_elem->defname = mem_copy(scope, "concurrently");
    node->def_elem->defaction = PG_QUERY__DEF_ELEM_ACTION__DEFELEM_UNSPEC;
    memcpy(params, reindex->params, reindex->n_params * sizeof(*params));
    params[reindex->n_params++] = node;
    reindex->params = params;
    return tree_deparse(mem, tree);
}

/* Written out here, because the deparser puts CONCURRENTLY in brackets, which servers
 * before 14 do not read. */
static const char *
reindex_concurrent(Mem *mem, Tree *tree, PgQuery__ReindexStmt *reindex)
{
    MEM_SCOPE(scope, mem);
    QName name = {.name = (char *)tree_text(scope, reindex->name)};
    Buf text = buf_begin(mem);

    if (reindex->relation != NULL)
        name = range_name(scope, reindex->relation);
    for (int i = 0; i < LENGTH(reindex_kinds); i++)
        if (reindex_kinds[i].kind == reindex->kind)
            buf_format(&text, "REINDEX %s CONCURRENTLY", reindex_kinds[i].word);
    if (text.length == 0)
        return NULL;
    if (reindex->n_params > 0)
        return reindex_with_options(mem, tree, reindex);
    if (name.name != NULL)
        buf_format(&text, " %s", qname_show(scope, &name));
    return text.text;
}

static const char *
detach_concurrent(Mem *mem, Tree *tree, PgQuery__AlterTableStmt *alter)
{
    PgQuery__AlterTableCmd *cmd = alter->cmds[0]->alter_table_cmd;

    if (alter->n_cmds != 1 ||
        cmd->subtype != PG_QUERY__ALTER_TABLE_TYPE__AT_DetachPartition)
        return NULL;
    cmd->def->partition_cmd->concurrent = true;

    const char *text = tree_deparse(mem, tree);
    size_t length = text == NULL ? 0 : strlen(text);

    /* The deparser leaves room for a word that does not come. */
    while (length > 0 && text[length - 1] == ' ')
        length--;
    return text == NULL ? NULL : mem_slice(mem, text, length);
}

static const char *
statement_concurrent(Mem *mem, Tree *tree, Node *node)
{
    switch ((int)node->node_case)
    {
    case PG_QUERY__NODE__NODE_INDEX_STMT:
        node->index_stmt->concurrent = true;
        node->index_stmt->if_not_exists = false;
        return tree_deparse(mem, tree);
    case PG_QUERY__NODE__NODE_DROP_STMT:
        node->drop_stmt->concurrent = true;
        return tree_deparse(mem, tree);
    case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
        return detach_concurrent(mem, tree, node->alter_table_stmt);
    case PG_QUERY__NODE__NODE_REINDEX_STMT:
        return reindex_concurrent(mem, tree, node->reindex_stmt);
    default:
        return NULL;
    }
}

bool
sql_make_concurrent(Mem *mem, const Statement *statement, SqlParsed *sql, Err *err)
{
    MEM_SCOPE(scope, mem);
    PgFault fault;
    Tree *tree = tree_parse(scope, statement->sql.text, &fault);
    Node *node = tree == NULL || tree->n_stmts != 1 ? NULL : tree->stmts[0]->stmt;

    *sql = (SqlParsed){.text =
                           node == NULL ? NULL : statement_concurrent(mem, tree, node)};
    return sql->text != NULL ||
           err_at(err, ERR_REFUSED, statement->span.file, statement->span.line,
                  "this statement cannot be said CONCURRENTLY") ||
           err_hint(err, "Write it with CONCURRENTLY, one index a statement.");
}

/* A tree that is a CREATE INDEX, or NULL. */
static PgQuery__IndexStmt *
create_index(Mem *mem, const char *text, Tree **tree)
{
    PgFault fault;

    *tree = tree_parse(mem, text, &fault);

    Node *node =
        *tree == NULL || (*tree)->n_stmts != 1 ? NULL : (*tree)->stmts[0]->stmt;

    return node != NULL && node->node_case == PG_QUERY__NODE__NODE_INDEX_STMT
               ? node->index_stmt
               : NULL;
}

bool
sql_index_only(const char *create)
{
    MEM_SCOPE(scope, NULL);
    Tree *tree;
    const PgQuery__IndexStmt *index = create_index(scope, create, &tree);

    return index != NULL && !index->relation->inh;
}

bool
sql_index_on(Mem *mem, const char *create, const IndexOn *on, SqlParsed *sql, Err *err)
{
    MEM_SCOPE(scope, mem);
    Tree *tree;
    PgQuery__IndexStmt *index = create_index(scope, create, &tree);

    if (index == NULL)
        return err_set(err, ERR_INTERNAL, "this is no CREATE INDEX: %s", create);
    index->relation->schemaname = mem_copy(scope, on->table.schema);
    index->relation->relname = mem_copy(scope, on->table.name);
    index->relation->inh = !on->only;
    index->concurrent = on->concurrently;
    index->if_not_exists = false;
    if (on->name != NULL)
        index->idxname = mem_copy(scope, on->name);
    else
        index->idxname = mem_copy(scope, "");
    if (on->tablespace != NULL)
        index->table_space = mem_copy(scope, on->tablespace);
    *sql = (SqlParsed){.text = tree_deparse(mem, tree)};
    return sql->text != NULL ||
           err_set(err, ERR_INTERNAL, "cannot write it again: %s", create);
}
