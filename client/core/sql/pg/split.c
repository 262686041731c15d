/* A statement of several acts as several statements, on the tree. */
#include <string.h>

#include "core/sql/pg/tree.h"
#include "core/sql/sql.h"

#define AT(name) PG_QUERY__ALTER_TABLE_TYPE__AT_##name

/* The list of a statement's acts: what is left in it is what its text says. */
typedef struct Crowd
{
    Tree *tree;
    Node ***items;
    size_t *count;
    bool alter;
} Crowd;

static bool
crowd_read(Mem *mem, const Statement *statement, Crowd *crowd)
{
    PgFault fault;

    crowd->tree = tree_parse(mem, statement->sql.text, &fault);
    if (crowd->tree == NULL || crowd->tree->n_stmts != 1)
        return false;

    Node *node = crowd->tree->stmts[0]->stmt;

    crowd->alter = node->node_case == PG_QUERY__NODE__NODE_ALTER_TABLE_STMT;
    if (crowd->alter)
    {
        crowd->items = &node->alter_table_stmt->cmds;
        crowd->count = &node->alter_table_stmt->n_cmds;
    }
    else if (node->node_case == PG_QUERY__NODE__NODE_DROP_STMT)
    {
        crowd->items = &node->drop_stmt->objects;
        crowd->count = &node->drop_stmt->n_objects;
    }
    else
        return false;
    return *crowd->count == (size_t)statement->act_count;
}

/*
 * The server does not take the subcommands of one ALTER TABLE as they stand: what goes
 * makes room first, then types change, then columns come, then all that needs them.
 */
static int
command_turn(const Crowd *crowd, const Node *item)
{
    if (!crowd->alter)
        return 0;

    const PgQuery__AlterTableCmd *cmd = item->alter_table_cmd;

    switch ((int)cmd->subtype)
    {
    case AT(DropColumn):
    case AT(DropConstraint):
    case AT(DropNotNull):
    case AT(DropIdentity):
    case AT(DropExpression):
        return 0;
    case AT(ColumnDefault):
        return cmd->def == NULL ? 0 : 3;
    case AT(AlterColumnType):
        return 1;
    case AT(AddColumn):
        return 2;
    default:
        return 3;
    }
}

static bool
part_write(Mem *mem, const Crowd *crowd, Node **items, size_t count, SqlParsed *part)
{
    *crowd->items = items;
    *crowd->count = count;
    *part = (SqlParsed){.text = tree_deparse(mem, crowd->tree)};
    return part->text != NULL;
}

bool
sql_split(Mem *mem, const Statement *statement, const bool *apart, SqlParsed **parts,
          int *count)
{
    MEM_SCOPE(scope, mem);
    Crowd crowd;

    if (!crowd_read(scope, statement, &crowd))
        return false;

    size_t all = *crowd.count;
    Node **items = *crowd.items;
    Node **together = mem_array(scope, Node *, all);
    size_t held = 0;

    *parts = mem_array(mem, SqlParsed, (int)all);
    *count = 0;
    for (int turn = 0; turn <= 3; turn++)
        for (size_t i = 0; i < all; i++)
        {
            if (command_turn(&crowd, items[i]) != turn)
                continue;
            if (apart[i] && held > 0 &&
                !part_write(mem, &crowd, together, held, &(*parts)[(*count)++]))
                return false;
            held = apart[i] ? 0 : held;
            if (!apart[i])
                together[held++] = items[i];
            else if (!part_write(mem, &crowd, &items[i], 1, &(*parts)[(*count)++]))
                return false;
        }
    return held == 0 || part_write(mem, &crowd, together, held, &(*parts)[(*count)++]);
}
