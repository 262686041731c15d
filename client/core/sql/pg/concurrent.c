/* CREATE INDEX and DROP INDEX, said CONCURRENTLY on the tree. */
#include "core/sql/pg/tree.h"
#include "core/sql/sql.h"

bool
sql_make_concurrent(Mem *mem, const Statement *statement, SqlParsed *sql, Err *err)
{
    MEM_SCOPE(scope, mem);
    PgFault fault;
    Tree *tree = tree_parse(scope, statement->sql.text, &fault);
    Node *node = tree == NULL || tree->n_stmts != 1 ? NULL : tree->stmts[0]->stmt;

    if (node != NULL && node->node_case == PG_QUERY__NODE__NODE_INDEX_STMT)
    {
        node->index_stmt->concurrent = true;
        node->index_stmt->if_not_exists = false;
        sql->text = tree_deparse(mem, tree);
    }
    else if (node != NULL && node->node_case == PG_QUERY__NODE__NODE_DROP_STMT)
    {
        node->drop_stmt->concurrent = true;
        sql->text = tree_deparse(mem, tree);
    }
    else
        sql->text = NULL;
    return sql->text != NULL ||
           err_at(err, ERR_REFUSED, statement->span.file, statement->span.line,
                  "this statement cannot be said CONCURRENTLY") ||
           err_hint(err, "Write it with CONCURRENTLY, one index a statement.");
}
