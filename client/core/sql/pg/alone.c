/* Which statements refuse a transaction block, and which leave session state behind. */
#include <string.h>

#include "core/sql/pg/acts.h"

static bool
define_is_true(const PgQuery__DefElem *option)
{
    const Node *arg = option->arg;

    if (arg == NULL) /* (CONCURRENTLY) */
        return true;
    if (arg->node_case == PG_QUERY__NODE__NODE_BOOLEAN)
        return arg->boolean->boolval;
    if (arg->node_case == PG_QUERY__NODE__NODE_INTEGER)
        return arg->integer->ival != 0;

    /* A bare word that is no keyword is read as the name of a type. */
    const char *word = arg->node_case == PG_QUERY__NODE__NODE_TYPE_NAME
                           ? node_string(arg->type_name->names[0])
                           : node_string(arg);

    return word == NULL ||
           (strcasecmp(word, "false") != 0 && strcasecmp(word, "off") != 0);
}

bool
option_is_true(Node *const *options, size_t count, const char *name, bool missing)
{
    bool value = missing;

    for (size_t i = 0; i < count; i++)
        if (strcmp(options[i]->def_elem->defname, name) == 0)
            value = define_is_true(options[i]->def_elem);
    return value;
}

static const char *
reindex_refuses(const PgQuery__ReindexStmt *reindex)
{
    if (option_is_true(reindex->params, reindex->n_params, "concurrently", false))
        return "REINDEX CONCURRENTLY";
    switch ((int)reindex->kind)
    {
    case PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_SCHEMA:
        return "REINDEX SCHEMA";
    case PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_SYSTEM:
        return "REINDEX SYSTEM";
    case PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_DATABASE:
        return "REINDEX DATABASE";
    default:
        return NULL;
    }
}

static const char *
detach_refuses(const PgQuery__AlterTableStmt *alter)
{
    for (size_t i = 0; i < alter->n_cmds; i++)
    {
        const PgQuery__AlterTableCmd *cmd = alter->cmds[i]->alter_table_cmd;

        if (cmd->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_DetachPartition &&
            cmd->def->partition_cmd->concurrent)
            return "DETACH PARTITION CONCURRENTLY";
    }
    return NULL;
}

/* Making or dropping a replication slot cannot be rolled back. */
static const char *
create_subscription_refuses(const PgQuery__CreateSubscriptionStmt *create)
{
    bool connects = option_is_true(create->options, create->n_options, "connect", true);
    bool slot = option_is_true(create->options, create->n_options, "create_slot", true);

    return connects && slot ? "CREATE SUBSCRIPTION with a slot" : NULL;
}

static const char *
alter_subscription_refuses(const PgQuery__AlterSubscriptionStmt *alter)
{
    switch ((int)alter->kind)
    {
    case PG_QUERY__ALTER_SUBSCRIPTION_TYPE__ALTER_SUBSCRIPTION_REFRESH:
        return "ALTER SUBSCRIPTION ... REFRESH";
    case PG_QUERY__ALTER_SUBSCRIPTION_TYPE__ALTER_SUBSCRIPTION_SET_PUBLICATION:
    case PG_QUERY__ALTER_SUBSCRIPTION_TYPE__ALTER_SUBSCRIPTION_ADD_PUBLICATION:
    case PG_QUERY__ALTER_SUBSCRIPTION_TYPE__ALTER_SUBSCRIPTION_DROP_PUBLICATION:
        return option_is_true(alter->options, alter->n_options, "refresh", true)
                   ? "ALTER SUBSCRIPTION with refresh"
                   : NULL;
    default:
        return NULL;
    }
}

const char *
statement_refuses_transaction(Node *node)
{
    switch (node->node_case)
    {
    case PG_QUERY__NODE__NODE_INDEX_STMT:
        return node->index_stmt->concurrent ? "CREATE INDEX CONCURRENTLY" : NULL;
    case PG_QUERY__NODE__NODE_DROP_STMT:
        return node->drop_stmt->concurrent ? "DROP INDEX CONCURRENTLY" : NULL;
    case PG_QUERY__NODE__NODE_REINDEX_STMT:
        return reindex_refuses(node->reindex_stmt);
    case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
        return detach_refuses(node->alter_table_stmt);
    case PG_QUERY__NODE__NODE_VACUUM_STMT:
        return node->vacuum_stmt->is_vacuumcmd ? "VACUUM" : NULL;
    case PG_QUERY__NODE__NODE_CLUSTER_STMT:
        return node->cluster_stmt->relation == NULL ? "CLUSTER without a table" : NULL;
    case PG_QUERY__NODE__NODE_DISCARD_STMT:
        return node->discard_stmt->target == PG_QUERY__DISCARD_MODE__DISCARD_ALL
                   ? "DISCARD ALL"
                   : NULL;
    case PG_QUERY__NODE__NODE_ALTER_DATABASE_STMT:
        return option_is_true(node->alter_database_stmt->options,
                              node->alter_database_stmt->n_options, "tablespace", false)
                   ? "ALTER DATABASE ... SET TABLESPACE"
                   : NULL;
    case PG_QUERY__NODE__NODE_CREATE_SUBSCRIPTION_STMT:
        return create_subscription_refuses(node->create_subscription_stmt);
    case PG_QUERY__NODE__NODE_ALTER_SUBSCRIPTION_STMT:
        return alter_subscription_refuses(node->alter_subscription_stmt);
    case PG_QUERY__NODE__NODE_DROP_SUBSCRIPTION_STMT:
        return "DROP SUBSCRIPTION";
    case PG_QUERY__NODE__NODE_ALTER_SYSTEM_STMT:
        return "ALTER SYSTEM";
    case PG_QUERY__NODE__NODE_CREATEDB_STMT:
        return "CREATE DATABASE";
    case PG_QUERY__NODE__NODE_DROPDB_STMT:
        return "DROP DATABASE";
    case PG_QUERY__NODE__NODE_CREATE_TABLE_SPACE_STMT:
        return "CREATE TABLESPACE";
    case PG_QUERY__NODE__NODE_DROP_TABLE_SPACE_STMT:
        return "DROP TABLESPACE";
    default:
        return NULL;
    }
}

/* Functions that act on the session; set_config(..., true) is as good as SET LOCAL. */
static bool
see_session_function(ProtobufCMessage *message, void *data)
{
    const PgQuery__FuncCall *call = TREE_AS(message, func_call, FuncCall);
    bool *found = data;

    if (call == NULL)
        return !*found;

    const char *name = node_string(call->funcname[call->n_funcname - 1]);
    const Node *local = call->n_args == 3 ? call->args[2] : NULL;
    bool transaction = local != NULL &&
                       local->node_case == PG_QUERY__NODE__NODE_A_CONST &&
                       local->a_const->val_case == PG_QUERY__A__CONST__VAL_BOOLVAL &&
                       local->a_const->boolval->boolval;

    *found = *found || (strcmp(name, "set_config") == 0 && !transaction) ||
             strncmp(name, "pg_advisory_lock", 16) == 0 ||
             strncmp(name, "pg_try_advisory_lock", 20) == 0;
    return !*found;
}

static bool
set_keeps_state(const PgQuery__VariableSetStmt *set)
{
    return !set->is_local && strncmp(set->name, "TRANSACTION", 11) != 0;
}

bool
statement_keeps_session_state(Node *node)
{
    enum
    {
        CURSOR_HOLD = 0x20 /* CURSOR_OPT_HOLD of the server's parsenodes.h */
    };
    bool found = false;

    switch (node->node_case)
    {
    case PG_QUERY__NODE__NODE_VARIABLE_SET_STMT:
        return set_keeps_state(node->variable_set_stmt);
    case PG_QUERY__NODE__NODE_DECLARE_CURSOR_STMT:
        return (node->declare_cursor_stmt->options & CURSOR_HOLD) != 0;
    case PG_QUERY__NODE__NODE_CREATE_STMT:
        return strcmp(node->create_stmt->relation->relpersistence, "t") == 0;
    case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
        return strcmp(node->create_table_as_stmt->into->rel->relpersistence, "t") == 0;
    case PG_QUERY__NODE__NODE_VIEW_STMT:
        return strcmp(node->view_stmt->view->relpersistence, "t") == 0;
    case PG_QUERY__NODE__NODE_CREATE_SEQ_STMT:
        return strcmp(node->create_seq_stmt->sequence->relpersistence, "t") == 0;
    case PG_QUERY__NODE__NODE_SELECT_STMT:
        tree_walk(node, see_session_function, &found);
        return found ||
               (node->select_stmt->into_clause != NULL &&
                strcmp(node->select_stmt->into_clause->rel->relpersistence, "t") == 0);
    case PG_QUERY__NODE__NODE_PREPARE_STMT:
    case PG_QUERY__NODE__NODE_LISTEN_STMT:
    case PG_QUERY__NODE__NODE_UNLISTEN_STMT:
    case PG_QUERY__NODE__NODE_LOAD_STMT:
    case PG_QUERY__NODE__NODE_DISCARD_STMT:
    case PG_QUERY__NODE__NODE_DEALLOCATE_STMT:
        return true;
    default:
        return false;
    }
}
