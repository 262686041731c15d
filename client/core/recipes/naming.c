/*
 * Names that the server would have chosen, so that a recipe leaves the catalog that the
 * plain statement leaves.
 *
 * table_columns_label, each part cut so that the whole fits, with a number behind it
 * where that is taken.
 */
#include <string.h>

#include "base/utf8.h"
#include "core/recipes/parts.h"
#include "core/sql/sql.h"

#define NAME_BYTES 63

/* "a_b_c": as many columns as fit in a name, and a bit more. */
static const char *
columns_joined(Mem *mem, const Naming *naming)
{
    Buf text = buf_begin(mem);

    for (int i = 0; i < naming->column_count && text.length <= NAME_BYTES; i++)
        buf_format(&text, "%s%s", i == 0 ? "" : "_", naming->columns[i]);
    return text.text;
}

/* The longer of table and columns gives way first. */
static char *
name_made(Mem *mem, const char *table, const char *columns, const char *label)
{
    size_t one = strlen(table);
    size_t two = strlen(columns);
    size_t room = NAME_BYTES - strlen(label) - 1 - (two > 0 ? 1 : 0);

    while (one + two > room)
        *(one > two ? &one : &two) -= 1;
    return mem_text(mem, "%s%s%s_%s", mem_slice(mem, table, utf8_cut(table, one)),
                    two > 0 ? "_" : "", mem_slice(mem, columns, utf8_cut(columns, two)),
                    label);
}

static bool
act_frees(const Act *act, const char *name)
{
    const char *gone = act->action == ACTION_DROP_CONSTRAINT ? act->object
                       : act->action == ACTION_DROP_INDEX    ? act->other.name
                                                             : NULL;

    return gone != NULL && strcmp(gone, name) == 0;
}

/* By a statement of the file before this one, or by this one: what it drops goes first.
 */
static bool
is_freed(const Draft *draft, const Statement *before, const char *name)
{
    const Statements *statements = &draft->section->statements;

    for (int i = 0; i < statements->count; i++)
    {
        const Statement *statement = &statements->items[i];

        for (int j = 0;
             statement->span.offset <= before->span.offset && j < statement->act_count;
             j++)
            if (act_frees(&statement->acts[j], name))
                return true;
    }
    return false;
}

/* By what is in the schema, or by a name chosen before this one. */
static bool
is_taken(const Draft *draft, const Naming *naming, const QName *name)
{
    const TableFact *table = draft_table(draft, &naming->act->relation);

    for (int i = 0; table != NULL && i < table->taken_count; i++)
        if (strcmp(table->taken[i], name->name) == 0 &&
            !is_freed(draft, naming->statement, name->name))
            return true;
    for (int i = 0; i < draft->chosen.count; i++)
        if (qname_equal(&draft->chosen.items[i], name))
            return true;
    return false;
}

const char *
chosen_name(Draft *draft, const Naming *naming)
{
    Mem *mem = draft->mem;
    const QName *relation = &naming->act->relation;
    const TableFact *table = draft_table(draft, relation);
    const char *columns = columns_joined(mem, naming);
    const char *label = naming->label;
    QName name = {table == NULL ? relation->schema : table->name.schema, NULL};

    name.name = name_made(mem, relation->name, columns, label);
    for (int i = 1; is_taken(draft, naming, &name); i++)
        name.name =
            name_made(mem, relation->name, columns, mem_text(mem, "%s%d", label, i));
    *list_add(mem, &draft->chosen) = name;
    return name.name;
}

bool
recipe_constraint_name(Draft *draft, const Naming *naming, const char **name, Err *err)
{
    const StepRecord *record = draft_record(draft, naming->recipe, naming->statement);
    Section recorded = {.file = "the history", .text_line = 1};
    Statements statements;

    *name = naming->act->object;
    if (*name != NULL)
        return true;
    if (record == NULL)
    {
        *name = chosen_name(draft, naming);
        return true;
    }
    recorded.text = record->sql;
    if (!sql_parse(draft->mem, &recorded, &statements, err))
        return err_in(err, "in the step that the history keeps");
    *name = statements.items[0].acts[0].object;
    return true;
}
