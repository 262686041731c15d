/* From a statement to its acts: the dispatch, and everything that needs few words. */
#include <string.h>

#include "core/sql/pg/acts.h"
#include "core/sql/pg/makes.h"

Act *
act_add(Acts *acts, Action action)
{
    Act *act = list_add(acts->mem, &acts->list);

    act->action = action;
    return act;
}

Act *
act_on(Acts *acts, Action action, const PgQuery__RangeVar *relation)
{
    Act *act = act_add(acts, action);

    act->relation = range_name(acts->mem, relation);
    return act;
}

void
act_expression(Acts *acts, Act *act, Node *expression)
{
    act->expression.text = tree_expression(acts->mem, expression);
    acts->unwritable |= act->expression.text == NULL;
}

void
act_type(Acts *acts, Act *act, PgQuery__TypeName *type)
{
    act->type = tree_type(acts->mem, type);
    acts->unwritable |= act->type == NULL;
}

static const char *
column_name(const Node *item)
{
    if (item->node_case == PG_QUERY__NODE__NODE_INDEX_ELEM)
        return item->index_elem->name;
    if (item->node_case == PG_QUERY__NODE__NODE_RES_TARGET)
        return item->res_target->name;
    return node_string(item);
}

void
act_columns(Acts *acts, Act *act, Node *const *items, size_t count)
{
    act->columns = mem_array(acts->mem, const char *, count);
    act->column_count = (int)count;
    for (size_t i = 0; i < count; i++)
        act->columns[i] = mem_copy(acts->mem, column_name(items[i]));
}

static void
acts_of_index(Acts *acts, const PgQuery__IndexStmt *index)
{
    Act *act = act_on(acts,
                      index->concurrent ? ACTION_CREATE_INDEX_CONCURRENTLY
                                        : ACTION_CREATE_INDEX,
                      index->relation);

    act->object = tree_text(acts->mem, index->idxname);
    act->if_exists = index->if_not_exists;
    act->unique = index->unique;
    act_columns(acts, act, index->index_params, index->n_index_params);
    if (index->where_clause != NULL)
        act_expression(acts, act, index->where_clause);
}

static void
acts_of_create_as(Acts *acts, const PgQuery__CreateTableAsStmt *create)
{
    bool temporary = strcmp(create->into->rel->relpersistence, "t") == 0;
    Action action = create->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW
                        ? ACTION_CREATE_MATVIEW
                    : temporary ? ACTION_CREATE_TEMP
                                : ACTION_CREATE_TABLE_AS;

    act_on(acts, action, create->into->rel)->if_exists = create->if_not_exists;
}

static void
acts_of_select(Acts *acts, const PgQuery__SelectStmt *select)
{
    bool into = select->into_clause != NULL;
    bool temporary = into && strcmp(select->into_clause->rel->relpersistence, "t") == 0;

    if (into)
        act_on(acts, temporary ? ACTION_CREATE_TEMP : ACTION_CREATE_TABLE_AS,
               select->into_clause->rel);
    else
        act_add(acts, ACTION_SELECT);
}

static void
acts_of_truncate(Acts *acts, const PgQuery__TruncateStmt *truncate)
{
    for (size_t i = 0; i < truncate->n_relations; i++)
        act_on(acts, ACTION_TRUNCATE, truncate->relations[i]->range_var)->cascade =
            truncate->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
}

static void
acts_of_lock(Acts *acts, const PgQuery__LockStmt *lock)
{
    for (size_t i = 0; i < lock->n_relations; i++)
        act_on(acts, ACTION_LOCK, lock->relations[i]->range_var)->object =
            lock_mode_sql((LockMode)lock->mode); /* numbered as the server does */
}

/* VACUUM FULL writes the table again; ANALYZE is the same node without is_vacuumcmd. */
static void
acts_of_vacuum(Acts *acts, const PgQuery__VacuumStmt *vacuum)
{
    bool full = option_is_true(vacuum->options, vacuum->n_options, "full", false);
    Action action = !vacuum->is_vacuumcmd ? ACTION_ANALYZE
                    : full                ? ACTION_REWRITE_TABLE
                                          : ACTION_VACUUM;

    if (vacuum->n_rels == 0)
        act_add(acts, action);
    for (size_t i = 0; i < vacuum->n_rels; i++)
        act_on(acts, action, vacuum->rels[i]->vacuum_relation->relation);
}

static void
acts_of_reindex(Acts *acts, const PgQuery__ReindexStmt *reindex)
{
    bool concurrently =
        option_is_true(reindex->params, reindex->n_params, "concurrently", false);
    Act *act =
        act_add(acts, concurrently ? ACTION_REINDEX_CONCURRENTLY : ACTION_REINDEX);

    if (reindex->kind == PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_SCHEMA)
        act->other.schema = (char *)tree_text(acts->mem, reindex->name);
    else if (reindex->kind == PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_INDEX)
    {
        act->object = mem_copy(acts->mem, reindex->relation->relname);
        act->other = range_name(acts->mem, reindex->relation);
    }
    else
        act->relation = range_name(acts->mem, reindex->relation);
}

static void
acts_of_trigger(Acts *acts, const PgQuery__CreateTrigStmt *trigger)
{
    Act *act = act_on(acts, ACTION_CREATE_TRIGGER, trigger->relation);

    act->object = mem_copy(acts->mem, trigger->trigname);
    act_columns(acts, act, trigger->columns, trigger->n_columns);
    if (trigger->constrrel != NULL)
        act->other = range_name(acts->mem, trigger->constrrel);
}

static void
acts_of_enum(Acts *acts, const PgQuery__AlterEnumStmt *change)
{
    bool adds = change->old_val == NULL || change->old_val[0] == '\0';
    Act *act = act_add(acts, adds ? ACTION_ENUM_ADD : ACTION_TYPE);

    act->relation = list_name(acts->mem, change->type_name, change->n_type_name, 0);
    act->new_name = mem_copy(acts->mem, change->new_val);
}

/* Relations of schemas and types keep their own kind; others are the other schema. */
static void
acts_of_set_schema(Acts *acts, const PgQuery__AlterObjectSchemaStmt *change)
{
    Act *act = act_on(acts, change->relation != NULL ? ACTION_SET_SCHEMA : ACTION_TYPE,
                      change->relation);

    act->other.name = mem_copy(acts->mem, change->newschema);
    act->if_exists = change->missing_ok;
}

/* object: the word where the client would be at the other end. */
static void
acts_of_copy(Acts *acts, const PgQuery__CopyStmt *copy)
{
    Act *act = act_on(acts, ACTION_COPY, copy->relation);

    if (tree_text(acts->mem, copy->filename) == NULL)
        act->object = copy->is_from ? "STDIN" : "STDOUT";
}

static void
acts_of_comment(Acts *acts, const PgQuery__CommentStmt *comment)
{
    bool column = comment->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN;
    bool table = comment->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE;
    Act *act = act_add(acts, ACTION_COMMENT);

    if ((table || column) && comment->object->node_case == PG_QUERY__NODE__NODE_LIST)
    {
        const PgQuery__List *names = comment->object->list;

        act->relation = list_name(acts->mem, names->items, names->n_items, column);
        if (column)
            act->column =
                mem_copy(acts->mem, node_string(names->items[names->n_items - 1]));
    }
}

static void
acts_of_sequence(Acts *acts, const PgQuery__RangeVar *sequence)
{
    act_on(acts, ACTION_SEQUENCE, sequence);
}

/* Statements that are one act on one relation at most. */
static bool
acts_of_plain(Acts *acts, const Node *node)
{
    switch (node->node_case)
    {
    case PG_QUERY__NODE__NODE_INSERT_STMT:
        return act_on(acts, ACTION_INSERT, node->insert_stmt->relation);
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
        return act_on(acts, ACTION_UPDATE, node->update_stmt->relation);
    case PG_QUERY__NODE__NODE_DELETE_STMT:
        return act_on(acts, ACTION_DELETE, node->delete_stmt->relation);
    case PG_QUERY__NODE__NODE_MERGE_STMT:
        return act_on(acts, ACTION_MERGE, node->merge_stmt->relation);
    case PG_QUERY__NODE__NODE_VIEW_STMT:
        return act_on(acts, ACTION_CREATE_VIEW, node->view_stmt->view);
    case PG_QUERY__NODE__NODE_CREATE_POLICY_STMT:
        return act_on(acts, ACTION_POLICY, node->create_policy_stmt->table);
    case PG_QUERY__NODE__NODE_ALTER_POLICY_STMT:
        return act_on(acts, ACTION_POLICY, node->alter_policy_stmt->table);
    case PG_QUERY__NODE__NODE_RULE_STMT:
        return act_on(acts, ACTION_POLICY, node->rule_stmt->relation);
    case PG_QUERY__NODE__NODE_REFRESH_MAT_VIEW_STMT:
        return act_on(acts,
                      node->refresh_mat_view_stmt->concurrent
                          ? ACTION_REFRESH_CONCURRENTLY
                          : ACTION_REFRESH,
                      node->refresh_mat_view_stmt->relation);
    case PG_QUERY__NODE__NODE_CLUSTER_STMT:
        return act_on(acts,
                      node->cluster_stmt->relation != NULL ? ACTION_REWRITE_TABLE
                                                           : ACTION_CLUSTER_ALL,
                      node->cluster_stmt->relation);
    default:
        return false;
    }
}

static bool
acts_of_family(Acts *acts, const Node *node)
{
    switch (node->node_case)
    {
#define FAMILY(NODE, member, function)                                                 \
    case PG_QUERY__NODE__NODE_##NODE:                                                  \
        function(acts, node->member);                                                  \
        return true;
        FAMILY(ALTER_TABLE_STMT, alter_table_stmt, acts_of_alter_table)
        FAMILY(CREATE_STMT, create_stmt, acts_of_create_table)
        FAMILY(CREATE_FOREIGN_TABLE_STMT, create_foreign_table_stmt->base_stmt,
               acts_of_create_table)
        FAMILY(DROP_STMT, drop_stmt, acts_of_drop)
        FAMILY(RENAME_STMT, rename_stmt, acts_of_rename)
        FAMILY(INDEX_STMT, index_stmt, acts_of_index)
        FAMILY(CREATE_TABLE_AS_STMT, create_table_as_stmt, acts_of_create_as)
        FAMILY(SELECT_STMT, select_stmt, acts_of_select)
        FAMILY(TRUNCATE_STMT, truncate_stmt, acts_of_truncate)
        FAMILY(LOCK_STMT, lock_stmt, acts_of_lock)
        FAMILY(VACUUM_STMT, vacuum_stmt, acts_of_vacuum)
        FAMILY(REINDEX_STMT, reindex_stmt, acts_of_reindex)
        FAMILY(CREATE_TRIG_STMT, create_trig_stmt, acts_of_trigger)
        FAMILY(COPY_STMT, copy_stmt, acts_of_copy)
        FAMILY(COMMENT_STMT, comment_stmt, acts_of_comment)
        FAMILY(ALTER_ENUM_STMT, alter_enum_stmt, acts_of_enum)
        FAMILY(ALTER_OBJECT_SCHEMA_STMT, alter_object_schema_stmt, acts_of_set_schema)
        FAMILY(CREATE_DOMAIN_STMT, create_domain_stmt, acts_of_create_domain)
        FAMILY(ALTER_DOMAIN_STMT, alter_domain_stmt, acts_of_alter_domain)
        FAMILY(CREATE_SEQ_STMT, create_seq_stmt->sequence, acts_of_sequence)
        FAMILY(ALTER_SEQ_STMT, alter_seq_stmt->sequence, acts_of_sequence)
#undef FAMILY
    default:
        return acts_of_plain(acts, node);
    }
}

typedef struct Bare
{
    PgQuery__Node__NodeCase node_case;
    Action action;
} Bare;

/* Statements that touch no relation that anybody waits for. */
/* clang-format off */
static const Bare bares[] = {
    {PG_QUERY__NODE__NODE_TRANSACTION_STMT,            ACTION_TRANSACTION},
    {PG_QUERY__NODE__NODE_VARIABLE_SET_STMT,           ACTION_SET},
    {PG_QUERY__NODE__NODE_VARIABLE_SHOW_STMT,          ACTION_SELECT},
    {PG_QUERY__NODE__NODE_EXPLAIN_STMT,                ACTION_SELECT},
    {PG_QUERY__NODE__NODE_CONSTRAINTS_SET_STMT,        ACTION_SET},
    {PG_QUERY__NODE__NODE_DISCARD_STMT,                ACTION_SET},
    {PG_QUERY__NODE__NODE_PREPARE_STMT,                ACTION_SET},
    {PG_QUERY__NODE__NODE_DEALLOCATE_STMT,             ACTION_SET},
    {PG_QUERY__NODE__NODE_LISTEN_STMT,                 ACTION_SET},
    {PG_QUERY__NODE__NODE_UNLISTEN_STMT,               ACTION_SET},
    {PG_QUERY__NODE__NODE_LOAD_STMT,                   ACTION_SET},
    {PG_QUERY__NODE__NODE_NOTIFY_STMT,                 ACTION_SELECT},
    {PG_QUERY__NODE__NODE_DO_STMT,                     ACTION_DO},
    {PG_QUERY__NODE__NODE_CALL_STMT,                   ACTION_CALL},
    {PG_QUERY__NODE__NODE_SEC_LABEL_STMT,              ACTION_COMMENT},
    {PG_QUERY__NODE__NODE_GRANT_STMT,                  ACTION_GRANT},
    {PG_QUERY__NODE__NODE_GRANT_ROLE_STMT,             ACTION_GRANT},
    {PG_QUERY__NODE__NODE_ALTER_DEFAULT_PRIVILEGES_STMT, ACTION_GRANT},
    {PG_QUERY__NODE__NODE_ALTER_OWNER_STMT,            ACTION_OWNER},
    {PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT,        ACTION_FUNCTION},
    {PG_QUERY__NODE__NODE_ALTER_FUNCTION_STMT,         ACTION_FUNCTION},
    {PG_QUERY__NODE__NODE_DEFINE_STMT,                 ACTION_TYPE},
    {PG_QUERY__NODE__NODE_COMPOSITE_TYPE_STMT,         ACTION_TYPE},
    {PG_QUERY__NODE__NODE_CREATE_ENUM_STMT,            ACTION_TYPE},
    {PG_QUERY__NODE__NODE_CREATE_RANGE_STMT,           ACTION_TYPE},
    {PG_QUERY__NODE__NODE_ALTER_TYPE_STMT,             ACTION_TYPE},
    {PG_QUERY__NODE__NODE_CREATE_CAST_STMT,            ACTION_TYPE},
    {PG_QUERY__NODE__NODE_CREATE_SCHEMA_STMT,          ACTION_SCHEMA},
    {PG_QUERY__NODE__NODE_CREATE_EXTENSION_STMT,       ACTION_EXTENSION},
    {PG_QUERY__NODE__NODE_ALTER_EXTENSION_STMT,        ACTION_EXTENSION},
    {PG_QUERY__NODE__NODE_CREATE_PUBLICATION_STMT,     ACTION_PUBLICATION},
    {PG_QUERY__NODE__NODE_ALTER_PUBLICATION_STMT,      ACTION_PUBLICATION},
    {PG_QUERY__NODE__NODE_CREATE_SUBSCRIPTION_STMT,    ACTION_SUBSCRIPTION},
    {PG_QUERY__NODE__NODE_ALTER_SUBSCRIPTION_STMT,     ACTION_SUBSCRIPTION},
    {PG_QUERY__NODE__NODE_DROP_SUBSCRIPTION_STMT,      ACTION_SUBSCRIPTION},
    {PG_QUERY__NODE__NODE_CREATEDB_STMT,               ACTION_DATABASE},
    {PG_QUERY__NODE__NODE_DROPDB_STMT,                 ACTION_DATABASE},
    {PG_QUERY__NODE__NODE_ALTER_DATABASE_STMT,         ACTION_DATABASE},
    {PG_QUERY__NODE__NODE_ALTER_DATABASE_SET_STMT,     ACTION_DATABASE},
    {PG_QUERY__NODE__NODE_CREATE_TABLE_SPACE_STMT,     ACTION_DATABASE},
    {PG_QUERY__NODE__NODE_DROP_TABLE_SPACE_STMT,       ACTION_DATABASE},
    {PG_QUERY__NODE__NODE_ALTER_SYSTEM_STMT,           ACTION_SYSTEM},
    {PG_QUERY__NODE__NODE_CHECK_POINT_STMT,            ACTION_SYSTEM},
};
/* clang-format on */

/* Within a transaction, whoever has begun it. */
static bool
is_savepoint(const Node *node)
{
    static const PgQuery__TransactionStmtKind kinds[] = {
        PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_SAVEPOINT,
        PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_RELEASE,
        PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO,
    };

    for (int i = 0;
         node->node_case == PG_QUERY__NODE__NODE_TRANSACTION_STMT && i < LENGTH(kinds);
         i++)
        if (node->transaction_stmt->kind == kinds[i])
            return true;
    return false;
}

bool
pg_classify(Mem *mem, const char *text, Statement *statement, PgFault *fault)
{
    MEM_SCOPE(scope, mem);
    Tree *tree = tree_parse(scope, text, fault);
    Acts acts = {.mem = mem};

    if (tree == NULL || tree->n_stmts != 1)
        return false;

    Node *node = tree->stmts[0]->stmt;

    for (int i = 0; i < LENGTH(bares); i++)
        if (bares[i].node_case == node->node_case)
            act_add(&acts, is_savepoint(node) ? ACTION_SAVEPOINT : bares[i].action);
    if (acts.list.count == 0 && !acts_of_family(&acts, node))
        act_add(&acts, ACTION_OTHER);
    if (acts.unwritable)
        fault->message = "an expression in it cannot be written again";
    statement->acts = acts.list.items;
    statement->act_count = acts.list.count;
    statement->alone_why = statement_refuses_transaction(node);
    statement->alone = statement->alone_why != NULL;
    statement->session = statement_keeps_session_state(node);
    statement->makes = tree_makes(mem, tree);
    return !acts.unwritable;
}
