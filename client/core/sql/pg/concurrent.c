/* Statements about indexes, said CONCURRENTLY or of another table, on the tree. */
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

/*
 * Written out here, because the deparser puts CONCURRENTLY in brackets, which servers
 * before 14 do not read. Options in brackets came with 14 as well, but for VERBOSE,
 * which changes nothing that matters to a migration.
 */
static const char *
reindex_concurrent(Mem *mem, const PgQuery__ReindexStmt *reindex)
{
    MEM_SCOPE(scope, mem);
    QName name = {.name = (char *)tree_text(scope, reindex->name)};
    Buf text = buf_begin(mem);

    if (reindex->relation != NULL)
        name = range_name(scope, reindex->relation);
    for (int i = 0; i < LENGTH(reindex_kinds); i++)
        if (reindex_kinds[i].kind == reindex->kind)
            buf_format(&text, "REINDEX %s CONCURRENTLY", reindex_kinds[i].word);
    if (text.length == 0 || reindex->n_params > 0)
        return NULL;
    if (name.name != NULL)
        buf_format(&text, " %s", qname_show(scope, &name));
    return text.text;
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
    case PG_QUERY__NODE__NODE_REINDEX_STMT:
        return reindex_concurrent(mem, node->reindex_stmt);
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

    sql->text = node == NULL ? NULL : statement_concurrent(mem, tree, node);
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
    sql->text = tree_deparse(mem, tree);
    return sql->text != NULL ||
           err_set(err, ERR_INTERNAL, "cannot write it again: %s", create);
}
