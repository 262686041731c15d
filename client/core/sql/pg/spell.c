/*
 * What most keys and indexes are is spelled here, name by name. The deparser is asked
 * for the others: it has its text parsed again, which takes longer than all else that
 * is done with a statement.
 */
#include "core/sql/pg/spell.h"

#include <string.h>

/* "a, b" of the names of nodes that are nothing else. */
static void
add_names(Buf *text, Mem *mem, Node *const *items, size_t count,
          const char *(*name)(const Node *item))
{
    for (size_t i = 0; i < count; i++)
        buf_format(text, "%s%s", i == 0 ? "" : ", ", ident_show(mem, name(items[i])));
}

/* --- constraints ----------------------------------------------------------------- */

/* NULL: it says more than its columns. */
static char *
key_text(Mem *mem, const PgQuery__Constraint *key)
{
    Buf text = buf_begin(mem);

    if (key->contype != PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY || key->n_keys == 0 ||
        key->n_options > 0 || key->n_including > 0 || key->indexname[0] != '\0' ||
        key->indexspace[0] != '\0' || key->deferrable || key->initdeferred)
        return NULL;
    buf_add(&text, "PRIMARY KEY (");
    add_names(&text, mem, key->keys, key->n_keys, node_string);
    buf_add(&text, ")");
    return text.text;
}

static char *
constraint_text(Mem *mem, Mem *nodes, const PgQuery__Constraint *constraint)
{
    static const char prefix[] = "ALTER TABLE t ADD ";
    PgFault fault;
    Tree *frame = tree_parse(nodes, "ALTER TABLE t ADD CHECK (true)", &fault);
    PgQuery__Constraint bare = *constraint;

    bare.conname = mem_copy(nodes, "");
    frame->stmts[0]->stmt->alter_table_stmt->cmds[0]->alter_table_cmd->def->constraint =
        &bare;

    const char *text = tree_deparse(nodes, frame);

    if (text == NULL || strncmp(text, prefix, sizeof(prefix) - 1) != 0)
        return mem_copy(mem, "");
    return mem_copy(mem, text + sizeof(prefix) - 1);
}

char *
spell_constraint(Mem *mem, Mem *nodes, const PgQuery__Constraint *constraint)
{
    char *text = key_text(mem, constraint);

    return text != NULL ? text : constraint_text(mem, nodes, constraint);
}

/* --- indexes --------------------------------------------------------------------- */

static bool
is_column(const Node *item)
{
    const PgQuery__IndexElem *element = item->index_elem;

    return element->expr == NULL && element->n_collation == 0 &&
           element->n_opclass == 0 && element->n_opclassopts == 0 &&
           element->ordering == PG_QUERY__SORT_BY_DIR__SORTBY_DEFAULT &&
           element->nulls_ordering == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_DEFAULT;
}

static const char *
element_name(const Node *item)
{
    return item->index_elem->name;
}

/* NULL: it says more than its columns. */
static char *
columns_text(Mem *mem, const PgQuery__IndexStmt *index)
{
    const PgQuery__RangeVar *table = index->relation;
    QName name = range_name(mem, table);
    Buf text = buf_begin(mem);

    if (strcmp(index->access_method, "btree") != 0 || index->table_space[0] != '\0' ||
        index->n_index_including_params > 0 || index->n_options > 0 ||
        index->where_clause != NULL || index->nulls_not_distinct ||
        table->catalogname[0] != '\0')
        return NULL;
    for (size_t i = 0; i < index->n_index_params; i++)
        if (!is_column(index->index_params[i]))
            return NULL;
    buf_format(&text, "CREATE %sINDEX %s ON %s%s USING btree (",
               index->unique ? "UNIQUE " : "", ident_show(mem, index->idxname),
               table->inh ? "" : "ONLY ", qname_show(mem, &name));
    add_names(&text, mem, index->index_params, index->n_index_params, element_name);
    buf_add(&text, ")");
    return text.text;
}

char *
spell_index(Mem *mem, Mem *nodes, Tree *tree)
{
    PgQuery__IndexStmt *index = tree->stmts[0]->stmt->index_stmt;
    char *text;

    index->concurrent = false;
    index->if_not_exists = false;
    if (tree_text(nodes, index->idxname) == NULL)
        index->idxname = mem_copy(nodes, "i");
    text = columns_text(mem, index);
    return text != NULL ? text : mem_copy(mem, tree_deparse(nodes, tree));
}
