#include <stdarg.h>
#include <string.h>

#include "core/sql/actions.h"
#include "core/sql/dialect.h"
#include "core/sql/reader.h"
#include "core/sql/tokens.h"

static bool
object(const Reader *reader, const PgObjection *objection, Err *err)
{
    const Section *section = reader->source->section;
    int start = reader->source->statement->span.offset - section->text_offset;
    int offset = objection->offset < 0 ? 0 : objection->offset;

    section_error(section, start + offset, err, "%s", objection->text);
    return err_hint(err, "%s", objection->hint);
}

bool
reader_refuse(const Reader *reader, Err *err, const char *format, ...)
{
    MEM_SCOPE(scope, NULL);
    va_list args;

    va_start(args, format);
    char *text = mem_vtext(scope, format, args);
    va_end(args);
    return err_at(err, ERR_REFUSED, reader->source->section->file,
                  reader->source->statement->span.line, "%s", text);
}

static SqlParsed
parsed(const char *text)
{
    return (SqlParsed){.text = text};
}

static void
assignments_take(Reader *reader, const PgUpdate *update)
{
    Backfill *fill = reader->fill;

    fill->assignments = mem_array(reader->mem, Assignment, update->assignment_count);
    fill->assignment_count = update->assignment_count;
    for (int i = 0; i < update->assignment_count; i++)
    {
        const PgExpression *value = &update->assignments[i].value;

        fill->assignments[i] = (Assignment){.target = update->assignments[i].target,
                                            .is_default = value->is_default,
                                            .expression = parsed(value->text),
                                            .over_new = parsed(value->over_new),
                                            .over_old = parsed(value->over_old),
                                            .plain_source = value->plain,
                                            .sources = value->columns,
                                            .source_count = value->column_count};
    }
}

static void
update_take(Reader *reader, const PgUpdate *update)
{
    *reader->fill = (Backfill){.number = reader->source->number,
                               .table = update->table,
                               .is_delete = update->is_delete,
                               .only = update->only,
                               .where = parsed(update->where.text),
                               .where_over_new = parsed(update->where.over_new),
                               .scope_over_new = parsed(update->scope_over_new),
                               .where_columns = update->where.columns,
                               .where_column_count = update->where.column_count,
                               .functions = update->functions,
                               .function_count = update->function_count,
                               .value_function_count = update->value_function_count,
                               .looks_up = update->looks_up,
                               .other_relations = update->subquery,
                               .statement = reader->source->statement,
                               .section = reader->source->section};
    assignments_take(reader, update);
}

/* --- sync ------------------------------------------------------------------------ */

const Assignment *
assignment_of(const Backfill *fill, const char *column)
{
    for (int i = 0; i < fill->assignment_count; i++)
        if (strcmp(fill->assignments[i].target, column) == 0)
            return &fill->assignments[i];
    return NULL;
}

/* Forward where this file's expand adds what is assigned. Some of it only: a guess in
 * either direction would be wrong for the rest, so the author is asked. */
static bool
sync_default(const Reader *reader, Sync *sync, Err *err)
{
    const Backfill *fill = reader->fill;
    const Section *expand =
        migration_section(reader->source->migration, PHASE_EXPAND, false);
    const char *stranger = NULL;
    int added = 0;

    for (int i = 0; i < fill->assignment_count; i++)
    {
        const char *target = fill->assignments[i].target;

        if (section_adds_column(expand, &fill->table, target) != NULL)
            added++;
        else
            stranger = target;
    }
    *sync = added > 0 ? SYNC_FORWARD : SYNC_OFF;
    if (added == 0 || stranger == NULL)
        return true;
    reader_refuse(
        reader, err,
        "this file's expand adds some of the assigned columns, but not \"%s\"",
        stranger);
    return err_hint(err,
                    "Assign \"%s\" in an UPDATE of its own, or say sync:forward or "
                    "sync:off.",
                    stranger);
}

static bool
assignment_refuse(const Reader *reader, const Assignment *assignment, Err *err)
{
    if (assignment->is_default)
    {
        reader_refuse(reader, err, "\"%s\" cannot be kept level with DEFAULT",
                      assignment->target);
        return err_hint(err, "Give the column the default in expand and say sync:off.");
    }
    for (int i = 0; i < assignment->source_count; i++)
        if (assignment_of(reader->fill, assignment->sources[i]) != NULL)
        {
            reader_refuse(
                reader, err,
                "\"%s\" cannot be kept level with \"%s\": this backfill assigns both",
                assignment->target, assignment->sources[i]);
            return err_hint(err, "Derive the new column from columns that the backfill "
                                 "leaves alone, or say sync:off.");
        }
    return true;
}

/* What no trigger on one row could keep level. */
static bool
sync_refuse(const Reader *reader, Err *err)
{
    const Backfill *fill = reader->fill;

    if (fill->is_delete)
    {
        reader_refuse(reader, err, "a DELETE has nothing to keep level");
        return err_hint(err, "Leave out sync:.");
    }
    if (fill->other_relations)
    {
        reader_refuse(reader, err,
                      "a subquery cannot be kept level: it reads other rows");
        return err_hint(err, "Derive the value from columns of the same row, or say "
                             "sync:off.");
    }
    for (int i = 0; i < fill->assignment_count; i++)
        if (!assignment_refuse(reader, &fill->assignments[i], err))
            return false;
    return true;
}

static bool
sync_read(const Reader *reader, Err *err)
{
    const SectionOptions *options = &reader->source->section->options;
    Sync sync = options->sync;

    if (sync == SYNC_DEFAULT && !sync_default(reader, &sync, err))
        return false;
    reader->fill->sync = sync;
    if (options->reverse != NULL && sync != SYNC_BOTH)
    {
        reader_refuse(reader, err, "reverse: is for sync:both");
        return err_hint(err, "Say sync:both, or leave out reverse:.");
    }
    if (sync == SYNC_OFF)
        return true;
    if (!sync_refuse(reader, err))
        return false;
    return sync == SYNC_FORWARD || reverses_read(reader, err);
}

/* Without a WHERE there is no telling that a DEFAULT has been given. */
static bool
default_refuse(const Reader *reader, Err *err)
{
    const Backfill *fill = reader->fill;

    for (int i = 0; i < fill->assignment_count; i++)
        if (fill->assignments[i].is_default && fill->where.text == NULL)
        {
            reader_refuse(reader, err, "a backfill with DEFAULT needs a WHERE");
            return err_hint(err, "Say which rows need it: WHERE \"%s\" IS NULL.",
                            fill->assignments[i].target);
        }
    return true;
}

static bool
repeat_take(Reader *reader, Err *err)
{
    const BackfillSource *source = reader->source;
    const Sync sync = source->section->options.sync;
    PgRepeat repeat;
    PgObjection objection;

    if (!pg_repeat_read(reader->mem, source->statement->sql.text, &repeat, &objection))
        return object(reader, &objection, err);
    *reader->fill = (Backfill){.number = source->number,
                               .table = repeat.table,
                               .is_delete = repeat.is_delete,
                               .is_insert = repeat.is_insert,
                               .repeat = true,
                               .sync = SYNC_OFF,
                               .statement = source->statement,
                               .section = source->section};
    if (sync == SYNC_DEFAULT || sync == SYNC_OFF)
        return true;
    reader_refuse(reader, err, "a statement that is repeated cannot be kept level");
    return err_hint(err,
                    "Say sync:off, or write one plain UPDATE without repeat:true.");
}

bool
postgres_read_fill(Mem *mem, const BackfillSource *source, Backfill *fill, Err *err)
{
    Reader reader = {mem, source, fill};
    PgUpdate update;
    PgObjection objection;

    if (source->section->options.repeat)
        return repeat_take(&reader, err);
    if (!pg_update_read(mem, source->statement->sql.text, &update, &objection))
        return object(&reader, &objection, err);
    update_take(&reader, &update);
    return default_refuse(&reader, err) && sync_read(&reader, err);
}
