/* UNIQUE and PRIMARY KEY: the index is built while all work, and then given its role.
 */
#include <string.h>

#include "core/plan/phase_steps.h"
#include "core/plan/probe.h"
#include "core/recipes/parts.h"
#include "core/sql/constraint.h"

typedef struct Key
{
    Naming naming;
    const char *name;
    bool primary;
    const char *proof; /* the CHECK that a primary key's columns are not null */
    LIST(const char *) nullable;
    SqlParsed index;
    SqlParsed constraint;
} Key;

#define RECIPE "key"
#define PROOF "key-not-null"

/* --- a primary key's columns are not null ---------------------------------------- */

static bool
column_is_certain(const Draft *draft, const Act *act, const char *column)
{
    for (int i = 0; i < draft->certain.count; i++)
        if (strcmp(draft->certain.items[i].column, column) == 0 &&
            draft_same_table(draft, &draft->certain.items[i].table, &act->relation))
            return true;
    return false;
}

/* Columns that are NOT NULL already need no proof; what was begun is finished alike. */
static void
key_nullable(Draft *draft, Key *key)
{
    const Act *act = key->naming.act;
    const TableFact *table = draft_table(draft, &act->relation);
    bool begun = draft_record(draft, PROOF, key->naming.statement) != NULL;

    for (int i = 0; key->primary && i < act->column_count; i++)
    {
        const ColumnFact *column = table_column(table, act->columns[i]);

        if (column_is_certain(draft, act, act->columns[i]))
            continue;
        if (begun || column == NULL || !column->not_null)
            *list_add(draft->mem, &key->nullable) = act->columns[i];
    }
}

static SqlParsed
not_null_condition(Draft *draft, const Key *key)
{
    SqlText sql = sql_begin(draft->mem, draft->request->caps);

    for (int i = 0; i < key->nullable.count; i++)
    {
        if (i > 0)
            sql_raw(&sql, " AND ");
        sql_ident(&sql, key->nullable.items[i]);
        sql_raw(&sql, " IS NOT NULL");
    }
    return (SqlParsed){.text = sql_done(&sql)};
}

/* The server would read the whole table under the strongest lock, unless a valid CHECK
 * says what it wants to know. */
static void
proof_steps(Draft *draft, Key *key)
{
    const Naming *naming = &key->naming;
    const QName *table = &naming->act->relation;
    SqlParsed condition = not_null_condition(draft, key);
    SqlText add = draft_alter(draft, table);

    if (key->nullable.count == 0)
        return;
    key->proof = recipe_name(draft, table, key->name);
    sql_raw(&add, " ADD CONSTRAINT ");
    sql_ident(&add, key->proof);
    sql_raw(&add, " CHECK (");
    sql_parsed(&add, condition);
    sql_raw(&add, ") NOT VALID");
    recipe_step(draft, STEP_TRANSACTION, WORK_FAST, PROOF, naming->statement);
    draft_lock(draft, table, LOCK_ACCESS_EXCLUSIVE, false);
    recipe_add(draft, &add, mem_text(draft->mem, "CHECK (%s)", condition.text));
    recipe_undo_constraint(draft, table, key->proof);
    draft->step.probe = probe_of_nulls(draft, table, condition);
    recipe_validate(draft, naming->statement, table, key->proof, "check validated");
}

/* --- the index, and what it becomes ---------------------------------------------- */

static void
index_begin(Draft *draft, const Key *key)
{
    const Act *act = key->naming.act;
    IndexShape shape;

    recipe_step(draft, STEP_INDEX_BUILD, WORK_BUILD, RECIPE, key->naming.statement);
    draft->step.index = (QName){act->relation.schema, (char *)key->name};
    if (sql_index_shape(draft->mem, key->index.text, &shape))
        draft->step.probe = probe_of_duplicates(draft, &act->relation, &shape);
}

static void
index_step(Draft *draft, const Key *key)
{
    const QName index = {key->naming.act->relation.schema, (char *)key->name};
    SqlText drop = sql_begin(draft->mem, draft->request->caps);

    index_begin(draft, key);
    recipe_add_parsed(draft, key->index,
                      mem_text(draft->mem, "CREATE UNIQUE INDEX %s", key->name));
    sql_raw(&drop, "DROP INDEX CONCURRENTLY IF EXISTS ");
    sql_qname(&drop, &index);
    draft_undo(draft, (SqlParsed){.text = sql_done(&drop)}, "drop index");
}

static void
undo_not_null(Draft *draft, const Key *key)
{
    for (int i = 0; i < key->nullable.count; i++)
    {
        SqlText sql = draft_alter(draft, &key->naming.act->relation);

        sql_raw(&sql, " ALTER COLUMN ");
        sql_ident(&sql, key->nullable.items[i]);
        sql_raw(&sql, " DROP NOT NULL");
        draft_undo(draft, (SqlParsed){.text = sql_done(&sql)}, "drop not null");
    }
}

static void
constraint_step(Draft *draft, const Key *key)
{
    const QName *table = &key->naming.act->relation;
    SqlText drop = draft_alter(draft, table);

    recipe_step(draft, STEP_TRANSACTION, WORK_FAST, RECIPE, key->naming.statement);
    draft_lock(draft, table, LOCK_ACCESS_EXCLUSIVE, false);
    recipe_add_parsed(draft, key->constraint,
                      mem_text(draft->mem, "ADD CONSTRAINT %s", key->name));
    undo_not_null(draft, key);
    recipe_undo_constraint(draft, table, key->name);
    if (key->proof == NULL)
        return;
    sql_raw(&drop, " DROP CONSTRAINT IF EXISTS ");
    sql_ident(&drop, key->proof);
    recipe_add(draft, &drop, NULL);
}

static bool
is_partitioned(const Draft *draft, const Act *act)
{
    const TableFact *table = draft_table(draft, &act->relation);

    return table != NULL && strcmp(table->kind, "p") == 0;
}

/* ON ONLY the partitioned table, where it asks nothing of anybody yet. */
static bool
only_step(Draft *draft, Key *key, Err *err)
{
    const Naming *naming = &key->naming;
    const QName *table = &naming->act->relation;
    IndexShape shape;
    SqlParsed only;

    if (!sql_constraint_only(draft->mem, naming->statement, key->name, &only, err))
        return false;
    recipe_step(draft, STEP_TRANSACTION, WORK_FAST, RECIPE, naming->statement);
    draft_lock(draft, table, LOCK_ACCESS_EXCLUSIVE, false);
    recipe_add_parsed(draft, only,
                      mem_text(draft->mem, "ADD CONSTRAINT %s", key->name));
    recipe_undo_constraint(draft, table, key->name);
    if (sql_index_shape(draft->mem, key->index.text, &shape))
        draft->step.probe = probe_of_duplicates(draft, table, &shape);
    return true;
}

/* Each by the recipe that it has anyway; what was begun is finished alike. */
static bool
not_null_steps(Draft *draft, const Key *key, Err *err)
{
    const Statement *statement = key->naming.statement;
    const Act *act = key->naming.act;
    const TableFact *table = draft_table(draft, &act->relation);

    for (int i = 0; key->primary && i < act->column_count; i++)
    {
        const ColumnFact *column = table_column(table, act->columns[i]);
        SqlText sql = draft_alter(draft, &act->relation);
        const Statement *derived;

        sql_raw(&sql, " ALTER COLUMN ");
        sql_ident(&sql, act->columns[i]);
        sql_raw(&sql, " SET NOT NULL");
        if (column_is_certain(draft, act, act->columns[i]))
            continue;
        if (!recipe_derive(draft, statement, sql_done(&sql), &derived, err))
            return false;
        if (column != NULL && column->not_null &&
            draft_record(draft, "not-null", derived) == NULL)
            continue;
        if (!statement_draft(draft, derived, err))
            return false;
    }
    return true;
}

/* What stands for the parts, which only the run finds. */
static void
parts_step(Draft *draft, const Key *key)
{
    const Act *act = key->naming.act;
    const QName index = {act->relation.schema, (char *)key->name};
    const char *word = key->primary ? "PRIMARY KEY" : "UNIQUE";

    index_begin(draft, key);
    draft_sql(draft, key->index, mem_text(draft->mem, "parts of %s", key->name));
    draft_show(draft, mem_text(draft->mem,
                               "CREATE UNIQUE INDEX CONCURRENTLY ... on each of %lld "
                               "partitions, one after the other",
                               (long long)draft_table(draft, &act->relation)->leaves));
    draft_show(draft, mem_text(draft->mem,
                               "ALTER TABLE ... ADD CONSTRAINT ... %s USING INDEX ... "
                               "each",
                               word));
    draft_show(draft, mem_text(draft->mem, "ALTER INDEX %s ATTACH PARTITION ... each",
                               qname_show(draft->mem, &index)));
}

/*
 * No index that is there becomes the key of a partitioned table. So the key comes
 * first, invalid; every partition's index is built and made its key; and when all are
 * attached the whole is valid.
 */
static bool
partitioned_steps(Draft *draft, Key *key, Err *err)
{
    const Statement *outer = draft->whole;
    bool good;

    draft->whole = outer == NULL ? key->naming.statement : outer;
    good = not_null_steps(draft, key, err) && only_step(draft, key, err);
    if (good)
        parts_step(draft, key);
    draft->whole = outer;
    return good;
}

bool
recipe_key(Draft *draft, const Statement *statement, const Act *act, Err *err)
{
    bool primary = act->action == ACTION_ADD_PRIMARY_KEY;
    Key key = {.primary = primary,
               .naming = {.recipe = RECIPE,
                          .statement = statement,
                          .act = act,
                          .label = primary ? "pkey" : "key"}};

    if (!primary)
        sql_constraint_columns(draft->mem, statement, &key.naming.columns,
                               &key.naming.column_count);
    if (!recipe_constraint_name(draft, &key.naming, &key.name, err) ||
        !sql_constraint_index(draft->mem, statement, key.name, &key.index, err) ||
        !sql_constraint_using_index(draft->mem, statement, key.name, &key.constraint,
                                    err))
        return false;
    if (is_partitioned(draft, act))
        return partitioned_steps(draft, &key, err);
    key_nullable(draft, &key);
    proof_steps(draft, &key);
    index_step(draft, &key);
    constraint_step(draft, &key);
    return true;
}
