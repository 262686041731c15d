/* ADD COLUMN on the tree: its clauses come off, each becomes a statement of its own. */
#include <string.h>

#include "core/sql/column_parts.h"
#include "core/sql/pg/types.h"

#define CONSTR(name) PG_QUERY__CONSTR_TYPE__CONSTR_##name

typedef struct Cutting
{
    Mem *mem;   /* of the results */
    Mem *nodes; /* of the trees */
    const PgQuery__RangeVar *table;
    PgQuery__ColumnDef *column;
    bool filled;
    const QName *sequence;
    LIST(SqlParsed) constraints;
    ColumnParts *parts;
} Cutting;

/* A statement about the table, written as a template and then changed on its tree. */
static PgQuery__AlterTableStmt *
template_alter(Cutting *cut, const char *text, Tree **tree)
{
    PgFault fault;

    *tree = tree_parse(cut->nodes, text, &fault);

    PgQuery__AlterTableStmt *alter = (*tree)->stmts[0]->stmt->alter_table_stmt;

    alter->relation = (PgQuery__RangeVar *)cut->table;
    return alter;
}

static Node **
own_name(Cutting *cut)
{
    Node **names = mem_array(cut->nodes, Node *, 1);

    names[0] = mem_new(cut->nodes, Node);
    pg_query__node__init(names[0]);
    names[0]->node_case = PG_QUERY__NODE__NODE_STRING;
    names[0]->string = mem_new(cut->nodes, PgQuery__String);
    pg_query__string__init(names[0]->string);
    names[0]->string->sval = cut->column->colname;
    return names;
}

/* Written on the column, a constraint need not say which column it is about. */
static void
constraint_off(Cutting *cut, PgQuery__Constraint *constraint)
{
    Tree *tree;
    PgQuery__AlterTableStmt *alter =
        template_alter(cut, "ALTER TABLE t ADD CHECK (true)", &tree);

    if (constraint->contype == CONSTR(FOREIGN))
    {
        constraint->fk_attrs = own_name(cut);
        constraint->n_fk_attrs = 1;
    }
    else if (constraint->contype != CONSTR(CHECK))
    {
        constraint->keys = own_name(cut);
        constraint->n_keys = 1;
    }
    alter->cmds[0]->alter_table_cmd->def->constraint = constraint;
    list_add(cut->mem, &cut->constraints)->text = tree_deparse(cut->mem, tree);
}

static void
identity_off(Cutting *cut, PgQuery__Constraint *constraint)
{
    Tree *tree;
    PgQuery__AlterTableStmt *alter = template_alter(
        cut, "ALTER TABLE t ALTER c ADD GENERATED ALWAYS AS IDENTITY", &tree);

    alter->cmds[0]->alter_table_cmd->name = cut->column->colname;
    alter->cmds[0]->alter_table_cmd->def->constraint = constraint;
    cut->parts->identity.text = tree_deparse(cut->mem, tree);
}

/* With the type of the column and the options of its identity. */
static void
sequence_make(Cutting *cut, const PgQuery__Constraint *identity)
{
    const char *type = type_catalog_text(cut->nodes, cut->column->type_name);
    PgFault fault;
    Tree *tree = tree_parse(
        cut->nodes, mem_text(cut->nodes, "CREATE SEQUENCE x AS %s", type), &fault);

    if (tree == NULL)
        return;

    PgQuery__CreateSeqStmt *make = tree->stmts[0]->stmt->create_seq_stmt;
    size_t own = make->n_options;
    size_t more = identity == NULL ? 0 : identity->n_options;
    Node **options = mem_array(cut->nodes, Node *, own + more);

    memcpy(options, make->options, sizeof(Node *) * own);
    if (more > 0)
        memcpy(options + own, identity->options, sizeof(Node *) * more);
    make->options = options;
    make->n_options = own + more;
    make->sequence->relname = cut->sequence->name;
    if (cut->sequence->schema != NULL)
        make->sequence->schemaname = cut->sequence->schema;
    cut->parts->sequence.text = tree_deparse(cut->mem, tree);
}

/* serial is a default, a sequence and NOT NULL in one word. */
static void
serial_off(Cutting *cut)
{
    const char *type = type_catalog_text(cut->nodes, cut->column->type_name);
    const char *text = mem_text(cut->nodes, "ALTER TABLE t ADD c %s", type);
    Tree *tree;
    PgQuery__AlterTableStmt *alter = template_alter(cut, text, &tree);

    sequence_make(cut, NULL);
    cut->parts->not_null = true;
    cut->column->type_name =
        alter->cmds[0]->alter_table_cmd->def->column_def->type_name;
}

/* DEFERRABLE stands behind the constraint that it belongs to. */
static void
deferral_take(PgQuery__Constraint *constraint, PgQuery__ConstrType attribute)
{
    constraint->deferrable |=
        attribute == CONSTR(ATTR_DEFERRABLE) || attribute == CONSTR(ATTR_DEFERRED);
    constraint->initdeferred |= attribute == CONSTR(ATTR_DEFERRED);
}

/* True: the clause came off, or off with the one before it. */
static bool
clause_off(Cutting *cut, PgQuery__Constraint *clause, PgQuery__Constraint **before)
{
    switch ((int)clause->contype)
    {
    case CONSTR(CHECK):
    case CONSTR(UNIQUE):
    case CONSTR(FOREIGN):
        *before = clause;
        return true;
    case CONSTR(PRIMARY):
        *before = clause;
        cut->parts->not_null |= cut->filled;
        return true;
    case CONSTR(ATTR_DEFERRABLE):
    case CONSTR(ATTR_NOT_DEFERRABLE):
    case CONSTR(ATTR_DEFERRED):
    case CONSTR(ATTR_IMMEDIATE):
        if (*before != NULL)
            deferral_take(*before, clause->contype);
        return *before != NULL;
    case CONSTR(IDENTITY):
        cut->parts->not_null = true;
        sequence_make(cut, clause);
        identity_off(cut, clause);
        return true;
    case CONSTR(NOTNULL):
        cut->parts->not_null |= cut->filled;
        return cut->filled;
    case CONSTR(DEFAULT):
        if (cut->filled)
            cut->parts->value.text = tree_expression(cut->mem, clause->raw_expr);
        return cut->filled;
    default:
        return false;
    }
}

static void
clauses_off(Cutting *cut)
{
    PgQuery__ColumnDef *column = cut->column;
    PgQuery__Constraint *before = NULL;
    LIST(PgQuery__Constraint *) found = {0};
    size_t kept = 0;

    for (size_t i = 0; i < column->n_constraints; i++)
    {
        PgQuery__Constraint *last = before;

        if (!clause_off(cut, column->constraints[i]->constraint, &before))
            column->constraints[kept++] = column->constraints[i];
        if (before != last)
            *list_add(cut->nodes, &found) = before;
    }
    column->n_constraints = kept;
    for (int i = 0; i < found.count; i++)
        constraint_off(cut, found.items[i]);
}

static bool
parts_are_whole(const ColumnParts *parts)
{
    for (int i = 0; i < parts->constraint_count; i++)
        if (parts->constraints[i].text == NULL)
            return false;
    return parts->plain.text != NULL;
}

bool
sql_column_parts(Mem *mem, const Statement *statement, bool filled,
                 const QName *sequence, ColumnParts *parts, Err *err)
{
    MEM_SCOPE(scope, mem);
    PgFault fault;
    Tree *tree = tree_parse(scope, statement->sql.text, &fault);
    PgQuery__AlterTableStmt *alter = tree->stmts[0]->stmt->alter_table_stmt;
    Cutting cut = {.mem = mem,
                   .nodes = scope,
                   .table = alter->relation,
                   .column = alter->cmds[0]->alter_table_cmd->def->column_def,
                   .filled = filled,
                   .sequence = sequence,
                   .parts = parts};

    *parts = (ColumnParts){0};
    if (type_makes_sequence(cut.column->type_name))
        serial_off(&cut);
    clauses_off(&cut);
    parts->constraints = cut.constraints.items;
    parts->constraint_count = cut.constraints.count;
    parts->plain.text = tree_deparse(mem, tree);
    return parts_are_whole(parts) ||
           err_at(err, ERR_REFUSED, statement->span.file, statement->span.line,
                  "this column cannot be added in parts") ||
           err_hint(err, "Add the plain column, then what it has in statements of "
                         "their own.");
}
