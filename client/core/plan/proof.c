#include "core/plan/proof.h"

#include <string.h>

#include "base/digest.h"
#include "core/plan/probe.h"
#include "core/sql/actions.h"
#include "core/sql/sql.h"

const char *
proof_name(Mem *mem, const QName *table)
{
    char hex[DIGEST_HEX];

    digest_text(table->name, strlen(table->name), hex);
    return mem_text(mem, "pgstride_proof_%.30s_%.8s", table->name, hex);
}

Proof *
proof_of(const Draft *draft, const Proofs *proofs, const QName *table)
{
    for (int i = 0; i < proofs->of.count; i++)
        if (draft_same_table(draft, &proofs->of.items[i].table, table))
            return &proofs->of.items[i];
    return NULL;
}

static Proof *
proof_for(Draft *draft, Proofs *proofs, const QName *table, const Statement *statement)
{
    Proof *proof = proof_of(draft, proofs, table);

    if (proof != NULL)
        return proof;
    proof = list_add(draft->mem, &proofs->of);
    proof->table = *table;
    proof->statement = statement;
    proof->swap = -1;
    return proof;
}

/* --- what has to be proven ------------------------------------------------------- */

/* A function that nobody could be asked about answers as it likes. */
static bool
function_is_immutable(const Facts *facts, const char *function)
{
    for (int i = 0; i < facts->function_count; i++)
        if (strcmp(facts->functions[i].name, function) == 0)
            return facts->functions[i].volatility[0] == 'i';
    return false;
}

/* A CHECK must give the same answer for the same row for ever, from the row alone. */
static bool
fill_can_be_checked(const Draft *draft, const Backfill *fill)
{
    for (int i = 0; i < fill->function_count; i++)
        if (!function_is_immutable(draft->request->facts, fill->functions[i]))
            return false;
    return !fill->other_relations;
}

/* (not done) IS NOT TRUE. A DELETE has nothing to prove: rows that its WHERE means may
 * come again, and are no harm; of what was repeated, nothing is known. */
static void
proofs_of_fills(Draft *draft, Proofs *proofs)
{
    for (int i = 0; i < draft->fills.count; i++)
    {
        const Backfill *fill = &draft->fills.items[i];
        SqlText part = sql_begin(draft->mem, draft->request->caps);

        if (fill->is_delete || fill->repeat)
            continue;

        Proof *proof = proof_for(draft, proofs, &fill->table, fill->statement);

        sql_parsed(&part, sql_not_done(draft->mem, fill, ROW_BARE, fill->is_volatile));
        sql_raw(&part, " IS NOT TRUE");
        if (fill_can_be_checked(draft, fill))
            *list_add(draft->mem, &proof->checks) =
                (SqlParsed){.text = sql_done(&part)};
        else
            *list_add(draft->mem, &proof->looks) = (SqlParsed){.text = sql_done(&part)};
    }
}

const Act *
statement_not_null(const Statement *statement)
{
    return statement->act_count == 1 && statement->acts[0].action == ACTION_SET_NOT_NULL
               ? &statement->acts[0]
               : NULL;
}

static bool
act_makes_column(const Act *act, const Act *wanted)
{
    const char *made = act->action == ACTION_RENAME_COLUMN ? act->new_name
                       : action_adds_column(act->action)   ? act->column
                                                           : NULL;

    return made != NULL && strcmp(made, wanted->column) == 0 &&
           qname_may_equal(&act->relation, &wanted->relation);
}

/* The act of an earlier statement of contract that gives the column its name. */
static const Act *
column_maker(const Section *section, int before, const Act *wanted)
{
    for (int i = 0; i < before; i++)
        for (int j = 0; j < section->statements.items[i].act_count; j++)
            if (act_makes_column(&section->statements.items[i].acts[j], wanted))
                return &section->statements.items[i].acts[j];
    return NULL;
}

static bool
late_column_refuse(const Statement *statement, const Act *act, const Act *maker,
                   Err *err)
{
    err_at(err, ERR_REFUSED, statement->span.file, statement->span.line,
           "SET NOT NULL of \"%s\" stands behind the %s that makes it", act->column,
           action_name(maker->action));
    if (maker->action == ACTION_RENAME_COLUMN)
        return err_hint(err, "Put it before the RENAME, under the old name: it is "
                             "proven before anything is renamed.");
    return err_hint(err, "Add the column in expand: contract proves that it is filled "
                         "before anything changes.");
}

static bool
proofs_of_section(Draft *draft, const Section *section, Proofs *proofs, Err *err)
{
    for (int i = 0; i < section->statements.count; i++)
    {
        const Statement *statement = &section->statements.items[i];
        const Act *act = statement_not_null(statement);
        SqlText part = sql_begin(draft->mem, draft->request->caps);

        if (act == NULL || act_on_new_table(draft->request->migration, act))
            continue;

        const Act *maker = column_maker(section, i, act);

        if (maker != NULL)
            return late_column_refuse(statement, act, maker, err);
        sql_ident(&part, act->column);
        sql_raw(&part, " IS NOT NULL");

        Proof *proof = proof_for(draft, proofs, &act->relation, statement);

        *list_add(draft->mem, &proof->checks) = (SqlParsed){.text = sql_done(&part)};
    }
    return true;
}

bool
proofs_find(Draft *draft, const Section *section, Proofs *proofs, Err *err)
{
    proofs_of_fills(draft, proofs);
    return draft->request->safe != SAFE_REWRITE ||
           proofs_of_section(draft, section, proofs, err);
}

/* --- as SQL ---------------------------------------------------------------------- */

static void
condition(SqlText *sql, const SqlParsed *parts, int count)
{
    for (int i = 0; i < count; i++)
    {
        if (i > 0)
            sql_raw(sql, " AND ");
        sql_parsed(sql, parts[i]);
    }
}

SqlParsed
proof_add_sql(const Draft *draft, const Proof *proof)
{
    SqlText sql = draft_alter(draft, &proof->table);

    sql_raw(&sql, " ADD CONSTRAINT ");
    sql_ident(&sql, proof_name(draft->mem, &proof->table));
    sql_raw(&sql, " CHECK (");
    condition(&sql, proof->checks.items, proof->checks.count);
    sql_raw(&sql, ") NOT VALID");
    return (SqlParsed){.text = sql_done(&sql)};
}

SqlParsed
proof_drop_sql(const Draft *draft, const Proof *proof)
{
    SqlText sql = draft_alter(draft, &proof->table);

    sql_raw(&sql, " DROP CONSTRAINT IF EXISTS ");
    sql_ident(&sql, proof_name(draft->mem, &proof->table));
    return (SqlParsed){.text = sql_done(&sql)};
}

/* Asked before the proof is added: a NOT VALID check would refuse every update of a row
 * that breaks it, so no such row may exist when it comes. */
Probe
proof_probe(const Draft *draft, const Proof *proof)
{
    SqlText sql = sql_begin(draft->mem, draft->request->caps);

    condition(&sql, proof->checks.items, proof->checks.count);
    if (proof->checks.count > 0 && proof->looks.count > 0)
        sql_raw(&sql, " AND ");
    condition(&sql, proof->looks.items, proof->looks.count);

    Probe probe =
        probe_of_rows(draft, &proof->table, (SqlParsed){.text = sql_done(&sql)});

    probe.asks = "every row is filled and ready";
    probe.one = "row is not ready";
    probe.many = "rows are not ready";
    probe.gate = true;
    return probe;
}
