#include "core/sync/sync_shape.h"

#include <string.h>

#include "base/digest.h"
#include "core/sql/sql.h"

static bool
act_on_table(const Act *act, const TableFact *table)
{
    const QName *named = &act->relation;

    return named->name != NULL && strcmp(named->name, table->name.name) == 0 &&
           (named->schema == NULL || strcmp(named->schema, table->name.schema) == 0);
}

static void
statement_acts(Mem *mem, SyncShape *shape, Phase phase, const Statement *statement)
{
    for (int i = 0; i < statement->act_count; i++)
        if (act_on_table(&statement->acts[i], shape->request->table))
            *list_add(mem, &shape->acts) = (SyncAct){phase, &statement->acts[i]};
}

static void
shape_acts(Mem *mem, SyncShape *shape)
{
    const Migration *migration = shape->request->migration;

    for (int s = 0; s < migration->section_count; s++)
    {
        const Section *section = &migration->sections[s];

        for (int i = 0; i < section->statements.count && !section->down; i++)
            statement_acts(mem, shape, section->phase, &section->statements.items[i]);
    }
}

/* A default that calls something may give another value each time it is asked. */
static bool
default_calls(const char *text)
{
    MEM_SCOPE(scope, NULL);
    SqlSpans spans = sql_token_spans(scope, text, strlen(text));

    for (const char *c = strchr(text, '('); c != NULL; c = strchr(c + 1, '('))
        if (sql_place_at(&spans, (size_t)(c - text)) == SQL_PLACE_CODE)
            return true;
    return false;
}

static void
column_default(SyncColumn *column, const char *text)
{
    column->default_computed = text != NULL && default_calls(text);
    column->default_value.text = column->default_computed ? NULL : text;
}

/* What expand makes of the column; called for each of its acts on the table. */
static void
column_expanded(SyncColumn *column, const Act *act)
{
    if (act->column == NULL || strcmp(act->column, column->name) != 0)
        return;
    switch (act->action)
    {
    case ACTION_ADD_COLUMN:
    case ACTION_ADD_COLUMN_VOLATILE:
    case ACTION_ADD_COLUMN_STORED:
    case ACTION_ADD_COLUMN_REQUIRED:
    case ACTION_ADD_COLUMN_DOMAIN:
    case ACTION_ADD_COLUMN_CONSTRAINED:
        column->type = act->type != NULL ? act->type : "";
        column->generated = act->action == ACTION_ADD_COLUMN_STORED;
        column->never_null = act->not_null;
        column_default(column, act->expression.text);
        if (act->action == ACTION_ADD_COLUMN_VOLATILE)
            column->default_computed = true;
        break;
    case ACTION_SET_DEFAULT:
        column_default(column, act->expression.text);
        break;
    case ACTION_DROP_DEFAULT:
        column_default(column, NULL);
        break;
    default:
        break;
    }
}

/* Contract may rename the column before it makes it NOT NULL, or after. */
static void
column_contracted(SyncColumn *column, const char **name, const Act *act)
{
    if (act->column == NULL || strcmp(act->column, *name) != 0)
        return;
    if (act->action == ACTION_RENAME_COLUMN)
        *name = act->new_name;
    else if (act->action == ACTION_SET_NOT_NULL || act->action == ACTION_ADD_NOT_NULL)
        column->never_null = true;
}

SyncColumn
sync_column(const SyncShape *shape, const char *name)
{
    const ColumnFact *fact = table_column(shape->request->table, name);
    SyncColumn column = {.name = name};
    const char *later = name;

    if (fact != NULL)
    {
        column.type = fact->type;
        column.generated = fact->generated;
        column.never_null = fact->not_null;
        column_default(&column, fact->generated ? NULL : fact->default_sql);
    }
    for (int i = 0; i < shape->acts.count; i++)
    {
        const SyncAct *act = &shape->acts.items[i];

        if (act->phase == PHASE_EXPAND)
            column_expanded(&column, act->act);
        else
            column_contracted(&column, &later, act->act);
    }
    return column;
}

const Assignment *
sync_assignment(const SyncShape *shape, const char *target, const Backfill **fill)
{
    for (int f = 0; f < shape->fill_count; f++)
        for (int a = 0; a < shape->fills[f]->assignment_count; a++)
        {
            const Assignment *assignment = &shape->fills[f]->assignments[a];

            if (strcmp(assignment->target, target) != 0)
                continue;
            if (fill != NULL)
                *fill = shape->fills[f];
            return assignment;
        }
    return NULL;
}

bool
sync_exact(const SyncShape *shape, const Assignment *assignment)
{
    if (assignment->plain_source == NULL)
        return false;

    SyncColumn source = sync_column(shape, assignment->plain_source);
    SyncColumn target = sync_column(shape, assignment->target);

    return source.type != NULL && target.type != NULL &&
           strcmp(source.type, target.type) == 0;
}

/* The deparser writes a column as sql_ident does, or else the way back is not taken for
 * a plain copy: that costs a comparison and is never wrong. */
bool
sync_reverse_exact(const SyncShape *shape, const Reverse *reverse)
{
    MEM_SCOPE(scope, NULL);
    SqlText source = sql_begin(scope, shape->request->facts->caps);

    if (reverse->source_count != 1)
        return false;
    sql_ident(&source, reverse->sources[0]);

    const Assignment *there = sync_assignment(shape, reverse->sources[0], NULL);

    return there != NULL && sync_exact(shape, there) &&
           strcmp(there->plain_source, reverse->target) == 0 &&
           strcmp(sql_done(&source), reverse->expression.text) == 0;
}

static char *
version_plain(Mem *mem, const Migration *migration)
{
    char version[25] = "";
    int length = 0;

    for (const char *c = migration->version; *c != '\0' && length < 24; c++)
        if (strchr("0123456789abcdefghijklmnopqrstuvwxyz", *c) != NULL)
            version[length++] = *c;
    return mem_text(mem, "%s", version);
}

bool
sync_trigger_is_of(const char *trigger, const Migration *migration)
{
    MEM_SCOPE(scope, NULL);
    const char *start =
        mem_text(scope, "~pgstride_sync_%s_", version_plain(scope, migration));

    return strncmp(trigger, start, strlen(start)) == 0;
}

/*
 * Names that another migration, table or component cannot share. Triggers of a kind
 * fire in the byte order of their names: '~' is the last of ASCII, so that user
 * triggers that change a source have already run.
 */
static void
shape_named(Mem *mem, SyncShape *shape)
{
    const Migration *migration = shape->request->migration;
    Digest *digest = digest_begin(mem);
    char hex[DIGEST_HEX];
    if (shape->request->component != NULL)
        digest_add(digest, shape->request->component,
                   strlen(shape->request->component) + 1);
    digest_add(digest, migration->label, strlen(migration->label) + 1);
    digest_add(digest, shape->table->schema, strlen(shape->table->schema) + 1);
    digest_add(digest, shape->table->name, strlen(shape->table->name) + 1);
    digest_end(digest, hex);
    shape->function.schema = "pgstride";
    shape->function.name =
        mem_text(mem, "sync_%s_%.12s", version_plain(mem, migration), hex);
    shape->trigger = mem_text(mem, "~pgstride_%s", shape->function.name);
}

/* Defaults are compared with, and a comparison must mean the same in every session. */
static void
shape_needs(SyncShape *shape, const Backfill *fill)
{
    shape->looks_up |= fill->looks_up;
    for (int i = 0; i < fill->assignment_count; i++)
        if (sync_column(shape, fill->assignments[i].target).default_value.text != NULL)
            shape->looks_up = shape->compares = true;
    for (int i = 0; i < fill->reverse_count; i++)
    {
        const Reverse *reverse = &fill->reverses[i];

        if (sync_column(shape, reverse->target).default_value.text != NULL)
            shape->looks_up = shape->compares = true;
        if (!sync_reverse_exact(shape, reverse))
            shape->compares = true;
    }
}

/* With the temporary schema last, where it hides nothing. */
const char *
sync_path(Mem *mem, const SyncShape *shape)
{
    const char *schemas = shape->request->facts->search_path;

    return mem_text(mem, "%s%spg_temp", schemas, schemas[0] == '\0' ? "" : ", ");
}

SyncShape
sync_shape(Mem *mem, const SyncRequest *request)
{
    SyncShape shape = {.request = request,
                       .table = &request->table->name,
                       .in_server = extension_used(request->facts->caps)};

    shape.fills = mem_array(mem, const Backfill *, request->fill_count + 1);
    for (int i = 0; i < request->fill_count; i++)
    {
        const Backfill *fill = &request->fills[i];
        const TableFact *table = facts_table(request->facts, &fill->table);

        if (fill->sync != SYNC_OFF && !fill->is_delete && table == request->table)
            shape.fills[shape.fill_count++] = fill;
    }
    if (shape.fill_count == 0)
        return shape;
    shape_acts(mem, &shape);
    shape_named(mem, &shape);
    for (int i = 0; i < shape.fill_count; i++)
        shape_needs(&shape, shape.fills[i]);
    return shape;
}
