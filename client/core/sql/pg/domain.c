/* CREATE DOMAIN and ALTER DOMAIN: what they ask of values costs their tables. */
#include "core/sql/pg/acts.h"

#define CONSTR(name) PG_QUERY__CONSTR_TYPE__CONSTR_##name

/* A column of it is worked out for every row: it is checked, or each gets another. */
static bool
constraint_costs_rows(const PgQuery__Constraint *constraint)
{
    return constraint->contype == CONSTR(CHECK) ||
           constraint->contype == CONSTR(NOTNULL) ||
           (constraint->contype == CONSTR(DEFAULT) &&
            expression_may_be_volatile(constraint->raw_expr));
}

void
acts_of_create_domain(Acts *acts, const PgQuery__CreateDomainStmt *create)
{
    Act *act = act_add(acts, ACTION_CREATE_DOMAIN);
    QName name = list_name(acts->mem, create->domainname, create->n_domainname, 0);

    act->type = qname_show(acts->mem, &name);
    for (size_t i = 0; i < create->n_constraints; i++)
        act->costs_rows |= constraint_costs_rows(create->constraints[i]->constraint);
}

/* Its kinds are the letters that the server's own parser gives them. */
void
acts_of_alter_domain(Acts *acts, const PgQuery__AlterDomainStmt *alter)
{
    char kind = alter->subtype == NULL ? ' ' : alter->subtype[0];
    bool checks =
        kind == 'O' || kind == 'V' ||
        (kind == 'C' && alter->def != NULL && !alter->def->constraint->skip_validation);

    act_add(acts, checks ? ACTION_CHECK_DOMAIN : ACTION_TYPE);
}
