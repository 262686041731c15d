/* A statement that its author batched by hand: can it ever come to an end? */
#include "core/sql/pg/tree.h"

/* What is anywhere in it. */
typedef struct Parts
{
    bool limit;
    bool changes; /* UPDATE or DELETE: below an INSERT, the rows that it then takes */
} Parts;

static bool
part_visit(ProtobufCMessage *message, void *data)
{
    Parts *parts = data;
    const PgQuery__SelectStmt *select = TREE_AS(message, select_stmt, SelectStmt);

    if (select != NULL && select->limit_count != NULL)
        parts->limit = true;
    if (TREE_AS(message, update_stmt, UpdateStmt) != NULL ||
        TREE_AS(message, delete_stmt, DeleteStmt) != NULL)
        parts->changes = true;
    return true;
}

static bool
object(PgObjection *objection, const char *text, const char *hint)
{
    *objection = (PgObjection){.text = text, .hint = hint, .offset = -1};
    return false;
}

/* Rows are taken from somewhere, or rows that are there already are passed over. */
static bool
insert_ends(const PgQuery__InsertStmt *insert, const Parts *parts)
{
    const PgQuery__SelectStmt *select =
        insert->select_stmt != NULL &&
                insert->select_stmt->node_case == PG_QUERY__NODE__NODE_SELECT_STMT
            ? insert->select_stmt->select_stmt
            : NULL;

    return select != NULL && select->n_values_lists == 0 &&
           (select->where_clause != NULL || insert->on_conflict_clause != NULL ||
            parts->changes);
}

static bool
repeat_read(Mem *mem, Node *node, PgRepeat *repeat, bool *ends, const Parts *parts)
{
    switch (node->node_case)
    {
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
        repeat->table = range_name(mem, node->update_stmt->relation);
        *ends = node->update_stmt->where_clause != NULL;
        return true;
    case PG_QUERY__NODE__NODE_DELETE_STMT:
        repeat->table = range_name(mem, node->delete_stmt->relation);
        repeat->is_delete = true;
        *ends = node->delete_stmt->where_clause != NULL;
        return true;
    case PG_QUERY__NODE__NODE_INSERT_STMT:
        repeat->table = range_name(mem, node->insert_stmt->relation);
        repeat->is_insert = true;
        *ends = insert_ends(node->insert_stmt, parts);
        return true;
    default:
        return false;
    }
}

bool
pg_repeat_read(Mem *mem, const char *text, PgRepeat *repeat, PgObjection *objection)
{
    MEM_SCOPE(scope, mem);
    Node *node = tree_statement(scope, text);
    Parts parts = {0};
    bool ends = false;

    *repeat = (PgRepeat){0};
    if (node != NULL)
        tree_walk(node, part_visit, &parts);
    if (node == NULL || !repeat_read(mem, node, repeat, &ends, &parts))
        return object(objection,
                      "what is repeated is an UPDATE, a DELETE or an INSERT ... SELECT",
                      "It is run until it changes no row.");
    if (!ends)
        return object(objection, "repeated, it would never come to an end",
                      "Say which rows are still to be done: WHERE ...");
    if (!parts.limit)
        return object(objection, "without LIMIT its first run takes every row at once",
                      "Take some rows: WHERE id IN (SELECT id ... LIMIT 1000). A plain "
                      "UPDATE or DELETE needs no repeat:true, pgstride batches it.");
    return true;
}
