/* A backfill and the catalog: what its text alone could not tell. */
#include <string.h>

#include "base/nearest.h"
#include "core/sql/actions.h"
#include "core/sql/pg/pg.h"
#include "core/sql/reader.h"

typedef struct Resolver
{
    Mem *mem;
    const Migration *migration;
    const TableFact
        *table; /* NULL, or one that does not exist: nothing to compare with */
    const Facts *facts;
    Backfill *fill;
} Resolver;

/* The act of expand that adds the column, or NULL. */
static const Act *
column_added(const Resolver *resolver, const char *column)
{
    const Section *expand = migration_section(resolver->migration, PHASE_EXPAND, false);

    return section_adds_column(expand, &resolver->fill->table, column);
}

static const char *
nearest_column(const Resolver *resolver, const char *wrong)
{
    MEM_SCOPE(scope, NULL);
    const TableFact *table = resolver->table;
    const char **names = mem_array(scope, const char *, table->column_count);

    for (int i = 0; i < table->column_count; i++)
        names[i] = table->columns[i].name;
    return nearest_name(wrong, names, table->column_count);
}

static bool
statement_removes(const Statement *statement, const char *column)
{
    for (int i = 0; i < statement->act_count; i++)
    {
        const Act *act = &statement->acts[i];

        if ((act->action == ACTION_DROP_COLUMN ||
             act->action == ACTION_RENAME_COLUMN) &&
            strcmp(act->column, column) == 0)
            return true;
    }
    return false;
}

/* A contract that was interrupted is planned again: what it took away did exist. */
static bool
contract_removes(const Resolver *resolver, const char *column)
{
    const Section *contract =
        migration_section(resolver->migration, PHASE_CONTRACT, false);

    for (int i = 0; contract != NULL && i < contract->statements.count; i++)
        if (statement_removes(&contract->statements.items[i], column))
            return true;
    return false;
}

static bool
column_exists(const Resolver *resolver, const char *column, Err *err)
{
    const Statement *statement = resolver->fill->statement;

    if (table_column(resolver->table, column) != NULL ||
        column_added(resolver, column) != NULL || contract_removes(resolver, column))
        return true;

    const char *meant = nearest_column(resolver, column);

    err_at(err, ERR_REFUSED, statement->span.file, statement->span.line,
           "column \"%s\" of \"%s\" does not exist", column,
           resolver->fill->table.name);
    if (meant != NULL)
        return err_hint(err, "Did you mean \"%s\"?", meant);
    return err_hint(err, "Add it in this migration's expand section.");
}

static bool
columns_exist(const Resolver *resolver, const char *const *columns, int count, Err *err)
{
    for (int i = 0; i < count; i++)
        if (!column_exists(resolver, columns[i], err))
            return false;
    return true;
}

static bool
all_columns_exist(const Resolver *resolver, Err *err)
{
    const Backfill *fill = resolver->fill;

    if (resolver->table == NULL || !resolver->table->exists)
        return true;
    for (int i = 0; i < fill->assignment_count; i++)
        if (!column_exists(resolver, fill->assignments[i].target, err) ||
            !columns_exist(resolver, fill->assignments[i].sources,
                           fill->assignments[i].source_count, err))
            return false;
    for (int i = 0; i < fill->reverse_count; i++)
        if (!column_exists(resolver, fill->reverses[i].target, err))
            return false;
    return columns_exist(resolver, fill->where_columns, fill->where_column_count, err);
}

/* As expand writes it, so that a plan reads the same before and after; otherwise as the
 * catalog has it. serial is no type to cast to. */
static const char *
column_type(const Resolver *resolver, const char *column)
{
    const ColumnFact *fact = table_column(resolver->table, column);
    const Act *added = column_added(resolver, column);

    if (added == NULL)
        return fact == NULL ? NULL : fact->type;
    return added->type == NULL || strstr(added->type, "serial") != NULL ? NULL
                                                                        : added->type;
}

/* Functions that answer alike within one transaction only, whatever the catalog calls
 * them. */
static bool
gives_the_time(const char *function)
{
    static const char *const clocks[] = {"now", "transaction_timestamp",
                                         "statement_timestamp"};
    const char *name =
        strncmp(function, "pg_catalog.", 11) == 0 ? function + 11 : function;

    for (int i = 0; i < LENGTH(clocks); i++)
        if (strcmp(clocks[i], name) == 0)
            return true;
    return false;
}

static bool
function_is_volatile(const Facts *facts, const char *function)
{
    for (int i = 0; i < facts->function_count; i++)
        if (strcmp(facts->functions[i].name, function) == 0)
            return facts->functions[i].volatility[0] == 'v' || gives_the_time(function);
    return true; /* nobody asked, so nobody knows */
}

/* The first function of the assignments that may answer differently tomorrow. */
static const char *
volatile_function(const Resolver *resolver)
{
    const Backfill *fill = resolver->fill;

    for (int i = 0; i < fill->value_function_count; i++)
        if (function_is_volatile(resolver->facts, fill->functions[i]))
            return fill->functions[i];
    return NULL;
}

/* Then there is no telling a row that is done from one that is not. */
static bool
endless_refuse(const Resolver *resolver, const char *function, Err *err)
{
    const Statement *statement = resolver->fill->statement;

    err_at(err, ERR_REFUSED, statement->span.file, statement->span.line,
           "a backfill with \"%s\" needs a WHERE: it gives another value every time",
           function);
    return err_hint(err, "Say which rows need it: WHERE %s IS NULL.",
                    resolver->fill->assignments[0].target);
}

static bool
null_by_sources(const Resolver *resolver)
{
    const Backfill *fill = resolver->fill;
    const Assignment *only = fill->assignments;

    return fill->assignment_count == 1 && !only->is_default && only->source_count > 0 &&
           fill->where.text != NULL && resolver->table != NULL &&
           pg_asks_for_null(fill->where.text, only->target) &&
           pg_null_by_columns(resolver->table, only->expression.text, only->type);
}

bool
backfill_resolve(Mem *mem, const Migration *migration, const Facts *facts,
                 Backfill *fill, Err *err)
{
    Resolver resolver = {mem, migration, facts_table(facts, &fill->table), facts, fill};

    if (!all_columns_exist(&resolver, err))
        return false;
    for (int i = 0; i < fill->assignment_count; i++)
        fill->assignments[i].type = column_type(&resolver, fill->assignments[i].target);

    const char *function = volatile_function(&resolver);

    fill->is_volatile = function != NULL;
    fill->null_by_sources = null_by_sources(&resolver);
    return function == NULL || fill->where.text != NULL ||
           endless_refuse(&resolver, function, err);
}
