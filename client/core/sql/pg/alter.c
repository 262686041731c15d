/* ALTER TABLE, from its subcommands to acts. */
#include <string.h>

#include "core/sql/pg/acts.h"

typedef struct AlterRow
{
    PgQuery__AlterTableType subtype;
    Action action;
} AlterRow;

#define AT(name) PG_QUERY__ALTER_TABLE_TYPE__AT_##name

/* Subcommands that need no more than their name and column. */
/* clang-format off */
static const AlterRow alter_rows[] = {
    {AT(DropColumn),              ACTION_DROP_COLUMN},
    {AT(DropNotNull),             ACTION_DROP_NOT_NULL},
    {AT(SetNotNull),              ACTION_SET_NOT_NULL},
    {AT(SetStatistics),           ACTION_SET_STATISTICS},
    {AT(SetOptions),              ACTION_SET_STATISTICS},
    {AT(ResetOptions),            ACTION_SET_STATISTICS},
    {AT(SetStorage),              ACTION_SET_STORAGE},
    {AT(SetCompression),          ACTION_SET_STORAGE},
    {AT(AddIdentity),             ACTION_IDENTITY},
    {AT(SetIdentity),             ACTION_IDENTITY},
    {AT(DropIdentity),            ACTION_IDENTITY},
    {AT(DropExpression),          ACTION_IDENTITY},
    {AT(SetExpression),           ACTION_REWRITE_TABLE},
    {AT(SetLogged),               ACTION_REWRITE_TABLE},
    {AT(SetUnLogged),             ACTION_REWRITE_TABLE},
    {AT(SetAccessMethod),         ACTION_REWRITE_TABLE},
    {AT(SetTableSpace),           ACTION_REWRITE_TABLE},
    {AT(AlterConstraint),         ACTION_ALTER_CONSTRAINT},
    {AT(ValidateConstraint),      ACTION_VALIDATE},
    {AT(DropConstraint),          ACTION_DROP_CONSTRAINT},
    {AT(ChangeOwner),             ACTION_OWNER},
    {AT(ClusterOn),               ACTION_SET_OPTIONS},
    {AT(DropCluster),             ACTION_SET_OPTIONS},
    {AT(SetRelOptions),           ACTION_SET_OPTIONS},
    {AT(ResetRelOptions),         ACTION_SET_OPTIONS},
    {AT(EnableTrig),              ACTION_TOGGLE_TRIGGER},
    {AT(EnableAlwaysTrig),        ACTION_TOGGLE_TRIGGER},
    {AT(EnableReplicaTrig),       ACTION_TOGGLE_TRIGGER},
    {AT(DisableTrig),             ACTION_TOGGLE_TRIGGER},
    {AT(EnableTrigAll),           ACTION_TOGGLE_TRIGGER},
    {AT(DisableTrigAll),          ACTION_TOGGLE_TRIGGER},
    {AT(EnableTrigUser),          ACTION_TOGGLE_TRIGGER},
    {AT(DisableTrigUser),         ACTION_TOGGLE_TRIGGER},
    {AT(EnableRule),              ACTION_POLICY},
    {AT(DisableRule),             ACTION_POLICY},
    {AT(EnableRowSecurity),       ACTION_POLICY},
    {AT(DisableRowSecurity),      ACTION_POLICY},
    {AT(ForceRowSecurity),        ACTION_POLICY},
    {AT(NoForceRowSecurity),      ACTION_POLICY},
    {AT(ReplicaIdentity),         ACTION_REPLICA_IDENTITY},
    {AT(DetachPartitionFinalize), ACTION_DETACH_CONCURRENTLY},
};
/* clang-format on */

/* Actions whose name in the subcommand is a constraint or trigger, not a column. */
static bool
names_object(Action action)
{
    return action == ACTION_ALTER_CONSTRAINT || action == ACTION_VALIDATE ||
           action == ACTION_DROP_CONSTRAINT || action == ACTION_TOGGLE_TRIGGER ||
           action == ACTION_POLICY || action == ACTION_SET_OPTIONS;
}

static Act *
act_of_row(Acts *acts, const PgQuery__AlterTableStmt *alter,
           const PgQuery__AlterTableCmd *cmd)
{
    Action action = ACTION_OTHER;

    for (int i = 0; i < LENGTH(alter_rows); i++)
        if (alter_rows[i].subtype == cmd->subtype)
            action = alter_rows[i].action;

    Act *act = act_on(acts, action, alter->relation);

    *(names_object(action) ? &act->object : &act->column) =
        tree_text(acts->mem, cmd->name);
    act->cascade = cmd->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
    act->if_exists = cmd->missing_ok;
    return act;
}

static void
act_of_type(Acts *acts, const PgQuery__RangeVar *relation,
            const PgQuery__AlterTableCmd *cmd)
{
    const PgQuery__ColumnDef *column = cmd->def->column_def;
    Act *act = act_on(acts, ACTION_ALTER_TYPE, relation);

    act->column = tree_text(acts->mem, cmd->name);
    act_type(acts, act, column->type_name);
    if (column->raw_default != NULL)
        act_expression(acts, act, column->raw_default);
}

static void
act_of_default(Acts *acts, const PgQuery__RangeVar *relation,
               const PgQuery__AlterTableCmd *cmd)
{
    Act *act = act_on(acts, cmd->def != NULL ? ACTION_SET_DEFAULT : ACTION_DROP_DEFAULT,
                      relation);

    act->column = tree_text(acts->mem, cmd->name);
    if (cmd->def != NULL)
        act_expression(acts, act, cmd->def);
}

static void
act_of_partition(Acts *acts, const PgQuery__AlterTableStmt *alter,
                 const PgQuery__AlterTableCmd *cmd)
{
    const PgQuery__PartitionCmd *partition = cmd->def->partition_cmd;
    bool index = alter->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_INDEX;
    bool attach = cmd->subtype == AT(AttachPartition);
    Action action = index                   ? ACTION_ATTACH_INDEX
                    : attach                ? ACTION_ATTACH_PARTITION
                    : partition->concurrent ? ACTION_DETACH_CONCURRENTLY
                                            : ACTION_DETACH_PARTITION;
    Act *act = act_on(acts, action, alter->relation);

    act->other = range_name(acts->mem, partition->name);
}

static void
act_of_inherit(Acts *acts, const PgQuery__RangeVar *relation,
               const PgQuery__AlterTableCmd *cmd)
{
    Act *act = act_on(acts, ACTION_OTHER, relation);

    act->other = range_name(acts->mem, cmd->def->range_var);
}

static void
acts_of_command(Acts *acts, const PgQuery__AlterTableStmt *alter,
                const PgQuery__AlterTableCmd *cmd)
{
    switch ((int)cmd->subtype)
    {
    case AT(AddColumn):
        act_of_column(acts, alter->relation, cmd);
        return;
    case AT(AddConstraint):
        act_of_constraint(acts, alter->relation, cmd->def->constraint);
        return;
    case AT(AlterColumnType):
        act_of_type(acts, alter->relation, cmd);
        return;
    case AT(ColumnDefault):
        act_of_default(acts, alter->relation, cmd);
        return;
    case AT(AttachPartition):
    case AT(DetachPartition):
        act_of_partition(acts, alter, cmd);
        return;
    case AT(AddInherit):
    case AT(DropInherit):
        act_of_inherit(acts, alter->relation, cmd);
        return;
    default:
        act_of_row(acts, alter, cmd);
    }
}

void
acts_of_alter_table(Acts *acts, const PgQuery__AlterTableStmt *alter)
{
    if (alter->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_TYPE)
    {
        act_on(acts, ACTION_TYPE, alter->relation);
        return;
    }
    if (alter->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE)
    {
        act_on(acts, ACTION_SEQUENCE, alter->relation);
        return;
    }
    for (size_t i = 0; i < alter->n_cmds; i++)
        acts_of_command(acts, alter, alter->cmds[i]->alter_table_cmd);
    for (int i = 0; i < acts->list.count; i++)
        acts->list.items[i].if_table = alter->missing_ok;
}
