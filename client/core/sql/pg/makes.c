/* What a statement makes: definitions read from the tree, spelled as the catalog does.
 */
#include "core/sql/pg/makes.h"

#include <string.h>

#include "core/sql/pg/spell.h"
#include "core/sql/pg/types.h"

#define CONSTR(name) PG_QUERY__CONSTR_TYPE__CONSTR_##name
#define NODE(name) PG_QUERY__NODE__NODE_##name

typedef struct Making
{
    Mem *mem;
    Mem *nodes;
    Makes *makes;
} Making;

/* --- names of columns ------------------------------------------------------------ */

static void
reads_add(Mem *mem, Reads *reads, const char *column)
{
    for (int i = 0; i < reads->count; i++)
        if (strcmp(reads->columns[i], column) == 0)
            return;

    const char **grown = mem_array(mem, const char *, reads->count + 1);

    for (int i = 0; i < reads->count; i++)
        grown[i] = reads->columns[i];
    grown[reads->count++] = mem_copy(mem, column);
    reads->columns = grown;
}

typedef struct Readers
{
    Mem *mem;
    Reads *reads;
} Readers;

static bool
see_read(ProtobufCMessage *message, void *data)
{
    Readers *readers = data;
    const PgQuery__ColumnRef *ref = TREE_AS(message, column_ref, ColumnRef);
    const char *name = ref == NULL ? NULL : node_string(ref->fields[ref->n_fields - 1]);

    if (name != NULL)
        reads_add(readers->mem, readers->reads, name);
    return true;
}

static void
reads_expression(Mem *mem, Reads *reads, Node *expression)
{
    Readers readers = {mem, reads};

    if (expression != NULL)
        tree_walk(expression, see_read, &readers);
}

static void
reads_names(Mem *mem, Reads *reads, Node *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (node_string(items[i]) != NULL)
            reads_add(mem, reads, node_string(items[i]));
}

static void
reads_elements(Mem *mem, Reads *reads, Node *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        const PgQuery__IndexElem *element = items[i]->index_elem;

        if (element->expr == NULL)
            reads_add(mem, reads, element->name);
        else
            reads->computed = true;
        reads_expression(mem, reads, element->expr);
    }
}

/* --- constraints ----------------------------------------------------------------- */

static const char *
constraint_kind(const PgQuery__Constraint *constraint)
{
    switch ((int)constraint->contype)
    {
    case CONSTR(CHECK):
        return "c";
    case CONSTR(FOREIGN):
        return "f";
    case CONSTR(PRIMARY):
        return "p";
    case CONSTR(UNIQUE):
        return "u";
    case CONSTR(EXCLUSION):
        return "x";
    case CONSTR(NOTNULL):
        return "n";
    default:
        return NULL;
    }
}

/* Said behind a column, it is about that column: now it says so itself. */
static void
constraint_of_column(const Making *making, PgQuery__Constraint *constraint,
                     const char *column)
{
    Node **only = mem_array(making->nodes, Node *, 1);

    only[0] = mem_new(making->nodes, Node);
    pg_query__node__init(only[0]);
    only[0]->node_case = NODE(STRING);
    only[0]->string = mem_new(making->nodes, PgQuery__String);
    pg_query__string__init(only[0]->string);
    only[0]->string->sval = mem_copy(making->nodes, column);
    if (constraint->contype == CONSTR(FOREIGN))
    {
        constraint->fk_attrs = only;
        constraint->n_fk_attrs = 1;
    }
    else if (constraint->contype == CONSTR(PRIMARY) ||
             constraint->contype == CONSTR(UNIQUE))
    {
        constraint->keys = only;
        constraint->n_keys = 1;
    }
}

static void
make_constraint(Making *making, PgQuery__Constraint *constraint)
{
    Mem *mem = making->mem;
    const char *kind = constraint_kind(constraint);
    MadeConstraint *made;

    if (kind == NULL)
        return;
    made = list_add(mem, &making->makes->constraints);
    made->fact.name = (char *)tree_text(mem, constraint->conname);
    made->fact.kind = mem_copy(mem, kind);
    made->fact.definition = spell_constraint(mem, making->nodes, constraint);
    made->fact.valid = !constraint->skip_validation;
    made->using_index = tree_text(mem, constraint->indexname);
    reads_names(mem, &made->reads, constraint->keys, constraint->n_keys);
    reads_names(mem, &made->reads, constraint->fk_attrs, constraint->n_fk_attrs);
    reads_expression(mem, &made->reads, constraint->raw_expr);
    if (constraint->pktable != NULL)
        made->fact.other = range_name(mem, constraint->pktable);
}

/* --- columns --------------------------------------------------------------------- */

static void
column_clause(Making *making, const PgQuery__ColumnDef *column, ColumnFact *fact,
              PgQuery__Constraint *clause)
{
    switch ((int)clause->contype)
    {
    case CONSTR(NOTNULL):
        fact->not_null = true;
        return;
    case CONSTR(DEFAULT):
    case CONSTR(GENERATED):
        fact->default_sql =
            mem_copy(making->mem, tree_expression(making->nodes, clause->raw_expr));
        fact->generated = clause->contype == CONSTR(GENERATED);
        return;
    case CONSTR(IDENTITY):
        fact->identity = fact->not_null = true;
        return;
    default:
        fact->not_null = fact->not_null || clause->contype == CONSTR(PRIMARY);
        constraint_of_column(making, clause, column->colname);
        make_constraint(making, clause);
    }
}

static void
make_column(Making *making, const PgQuery__ColumnDef *column)
{
    ColumnFact fact = {.name = mem_copy(making->mem, column->colname)};

    if (column->type_name == NULL) /* OF type: only clauses are said */
    {
        making->makes->in_part = true;
        return;
    }
    fact.type = type_catalog_text(making->mem, column->type_name);
    if (type_makes_sequence(column->type_name))
    {
        fact.not_null = true;
        fact.default_sql = mem_text(making->mem, "nextval('%s_%s_seq'::regclass)",
                                    making->makes->relation.name, column->colname);
    }
    if (column->coll_clause != NULL)
        fact.collation = mem_copy(
            making->mem,
            node_string(
                column->coll_clause->collname[column->coll_clause->n_collname - 1]));
    for (size_t i = 0; i < column->n_constraints; i++)
        column_clause(making, column, &fact, column->constraints[i]->constraint);
    *list_add(making->mem, &making->makes->columns) = fact;
}

/* --- statements ------------------------------------------------------------------ */

/* A temporary relation's schema is the session's own, whatever its text says. */
static QName
made_name(Mem *mem, const PgQuery__RangeVar *relation)
{
    QName name = range_name(mem, relation);

    if (strcmp(relation->relpersistence, "t") == 0)
        name.schema = "pg_temp";
    return name;
}

static void
make_table(Making *making, const PgQuery__CreateStmt *create, const char *kind)
{
    Makes *makes = making->makes;

    makes->relation = made_name(making->mem, create->relation);
    makes->kind = create->partspec != NULL ? "p" : kind;
    makes->in_part = create->n_inh_relations > 0 || create->of_typename != NULL;
    for (size_t i = 0; i < create->n_table_elts; i++)
    {
        Node *element = create->table_elts[i];

        if (element->node_case == NODE(COLUMN_DEF))
            make_column(making, element->column_def);
        else if (element->node_case == NODE(CONSTRAINT))
            make_constraint(making, element->constraint);
        else
            makes->in_part = true;
    }
}

/* SET NOT NULL and its like change what is there: the acts tell of those. */
static void
make_alter(Making *making, const PgQuery__AlterTableStmt *alter)
{
    making->makes->relation = range_name(making->mem, alter->relation);
    for (size_t i = 0; i < alter->n_cmds; i++)
    {
        const PgQuery__AlterTableCmd *cmd = alter->cmds[i]->alter_table_cmd;

        switch ((int)cmd->subtype)
        {
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn:
            make_column(making, cmd->def->column_def);
            break;
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType:
            *list_add(making->mem, &making->makes->retyped) =
                (ColumnFact){.name = mem_copy(making->mem, cmd->name),
                             .type = type_catalog_text(
                                 making->mem, cmd->def->column_def->type_name)};
            break;
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint:
            make_constraint(making, cmd->def->constraint);
            break;
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AddInherit:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropInherit:
            making->makes->opaque = true;
            break;
        default:
            break;
        }
    }
}

static void
make_index(Making *making, PgQuery__IndexStmt *index, Tree *tree)
{
    Mem *mem = making->mem;
    MadeIndex *made = list_add(mem, &making->makes->indexes);

    making->makes->relation = range_name(mem, index->relation);
    made->fact = (IndexFact){.name = {NULL, (char *)tree_text(mem, index->idxname)},
                             .unique = index->unique,
                             .valid = true,
                             .ready = true};
    reads_elements(mem, &made->reads, index->index_params, index->n_index_params);
    reads_elements(mem, &made->reads, index->index_including_params,
                   index->n_index_including_params);
    reads_expression(mem, &made->reads, index->where_clause);
    made->fact.definition = spell_index(mem, making->nodes, tree);
}

static void
make_trigger(Making *making, const PgQuery__CreateTrigStmt *trigger)
{
    enum
    {
        ROW = 1,
        BEFORE = 2,
        INSERT = 4,
        UPDATE = 16 /* as in the server's pg_trigger.h */
    };
    Mem *mem = making->mem;
    TriggerFact *made = list_add(mem, &making->makes->triggers);
    QName function = list_name(mem, trigger->funcname, trigger->n_funcname, 0);

    making->makes->relation = range_name(mem, trigger->relation);
    *made = (TriggerFact){
        .name = mem_copy(mem, trigger->trigname),
        .function = mem_text(mem, "%s()", qname_show(mem, &function)),
        .definition = "",
        .enabled = "O",
        .before_row = trigger->row && (trigger->timing & BEFORE) != 0,
        .on_insert = (trigger->events & INSERT) != 0,
        .on_update = (trigger->events & UPDATE) != 0,
        .columns = mem_array(mem, char *, trigger->n_columns + 1),
        .ours = function.schema != NULL && strcmp(function.schema, "pgstride") == 0,
    };
    for (size_t i = 0; i < trigger->n_columns; i++)
        made->columns[made->column_count++] =
            mem_copy(mem, node_string(trigger->columns[i]));
}

/* Which names mean what afterwards, only the server can tell. */
static bool
setting_is_opaque(const PgQuery__VariableSetStmt *set)
{
    static const char *const names[] = {"search_path", "role", "session_authorization",
                                        ""};

    for (int i = 0; i < LENGTH(names); i++)
        if (strcmp(set->name, names[i]) == 0)
            return true;
    return false;
}

static bool
statement_is_opaque(const Node *node)
{
    switch (node->node_case)
    {
    case NODE(DO_STMT):
    case NODE(CALL_STMT):
    case NODE(SELECT_STMT):
    case NODE(CREATE_EXTENSION_STMT):
    case NODE(ALTER_EXTENSION_STMT):
    case NODE(IMPORT_FOREIGN_SCHEMA_STMT):
    case NODE(DISCARD_STMT):
    case NODE(DROP_OWNED_STMT):
        return true;
    case NODE(VARIABLE_SET_STMT):
        return setting_is_opaque(node->variable_set_stmt);
    case NODE(CREATE_SCHEMA_STMT):
        return node->create_schema_stmt->n_schema_elts > 0;
    case NODE(DROP_STMT):
        return node->drop_stmt->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA ||
               node->drop_stmt->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_EXTENSION;
    case NODE(RENAME_STMT):
        return node->rename_stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA;
    default:
        return false;
    }
}

static void
make_relation(Making *making, const PgQuery__RangeVar *relation, const char *kind)
{
    making->makes->relation = made_name(making->mem, relation);
    making->makes->kind = kind;
    making->makes->in_part = true;
}

static void
make_query(Making *making, const PgQuery__CreateTableAsStmt *create)
{
    bool view = create->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW;

    make_relation(making, create->into->rel, view ? "m" : "r");
}

static void
make_statement(Making *making, Tree *tree)
{
    Node *node = tree->stmts[0]->stmt;

    switch (node->node_case)
    {
    case NODE(CREATE_STMT):
        make_table(making, node->create_stmt, "r");
        return;
    case NODE(CREATE_FOREIGN_TABLE_STMT):
        make_table(making, node->create_foreign_table_stmt->base_stmt, "f");
        return;
    case NODE(ALTER_TABLE_STMT):
        make_alter(making, node->alter_table_stmt);
        return;
    case NODE(INDEX_STMT):
        make_index(making, node->index_stmt, tree);
        return;
    case NODE(CREATE_TRIG_STMT):
        make_trigger(making, node->create_trig_stmt);
        return;
    case NODE(CREATE_TABLE_AS_STMT):
        make_query(making, node->create_table_as_stmt);
        return;
    case NODE(VIEW_STMT):
        make_relation(making, node->view_stmt->view, "v");
        return;
    default:
        making->makes->opaque = statement_is_opaque(node);
    }
}

const Makes makes_unread = {.opaque = true};

static bool
makes_anything(const Makes *makes)
{
    return makes->opaque || makes->kind != NULL || makes->columns.count > 0 ||
           makes->retyped.count > 0 || makes->constraints.count > 0 ||
           makes->indexes.count > 0 || makes->triggers.count > 0;
}

const Makes *
tree_makes(Mem *mem, Tree *tree)
{
    MEM_SCOPE(scope, mem);
    Makes found = {0};
    Making making = {mem, scope, &found};

    make_statement(&making, tree);
    if (!makes_anything(&found))
        return NULL;

    Makes *makes = mem_new(mem, Makes);

    *makes = found;
    return makes;
}
