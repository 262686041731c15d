/* The way back: what sync:both writes to the old column when only the new one changes.
 */
#include <string.h>

#include "core/sql/reader.h"
#include "model/keywords.h"

static const Reverse *
reverse_of(const Backfill *fill, const char *column)
{
    for (int i = 0; i < fill->reverse_count; i++)
        if (strcmp(fill->reverses[i].target, column) == 0)
            return &fill->reverses[i];
    return NULL;
}

/* --- derived: a plain copy goes back the way it came ----------------------------- */

static Reverse
plain_back(const Reader *reader, const Assignment *assignment)
{
    const char *name = ident_plain(assignment->target)
                           ? assignment->target
                           : ident_quoted(reader->mem, assignment->target, '"');
    const char **source = mem_new(reader->mem, const char *);

    *source = assignment->target;
    return (Reverse){.target = assignment->plain_source,
                     .sources = source,
                     .source_count = 1,
                     .expression = {name},
                     .over_new = {mem_text(reader->mem, "new.%s", name)}};
}

static bool
reverse_derive(const Reader *reader, const Assignment *assignment, Err *err)
{
    Backfill *fill = reader->fill;
    const char *source = assignment->plain_source;

    if (source == NULL)
    {
        reader_refuse(reader, err, "the way back from \"%s\" is not plain",
                      assignment->target);
        return err_hint(err,
                        "Say it as in SET: reverse:\"old_column = expression over "
                        "%s\"; or say sync:forward.",
                        assignment->target);
    }
    if (reverse_of(fill, source) != NULL)
    {
        reader_refuse(reader, err, "two columns would write back to \"%s\"", source);
        return err_hint(err, "Say which one does: reverse:\"%s = ...\".", source);
    }
    fill->reverses[fill->reverse_count++] = plain_back(reader, assignment);
    return true;
}

static bool
reverses_derive(const Reader *reader, Err *err)
{
    Backfill *fill = reader->fill;

    fill->reverses = mem_array(reader->mem, Reverse, fill->assignment_count);
    for (int i = 0; i < fill->assignment_count; i++)
        if (!reverse_derive(reader, &fill->assignments[i], err))
            return false;
    return true;
}

/* --- said: reverse:"a = x, b = y" is the assignment list of an UPDATE ------------ */

/* Of the columns that the way back reads, those that this backfill assigns. */
static void
reverse_sources(const Reader *reader, const PgExpression *value, Reverse *reverse)
{
    reverse->sources = mem_array(reader->mem, const char *, value->column_count);
    for (int i = 0; i < value->column_count; i++)
        if (assignment_of(reader->fill, value->columns[i]) != NULL)
            reverse->sources[reverse->source_count++] = value->columns[i];
}

static bool
reverse_take(const Reader *reader, const PgAssignment *back, Err *err)
{
    static const char turn[] =
        "It goes the other way: reverse:\"old_column = expression over the new one\".";
    Reverse *reverse = &reader->fill->reverses[reader->fill->reverse_count++];

    *reverse = (Reverse){.target = back->target,
                         .expression = {back->value.text},
                         .over_new = {back->value.over_new}};
    reverse_sources(reader, &back->value, reverse);
    if (assignment_of(reader->fill, back->target) != NULL)
    {
        reader_refuse(reader, err, "reverse: writes \"%s\", which the backfill assigns",
                      back->target);
        return err_hint(err, "%s", turn);
    }
    if (reverse->source_count == 0)
    {
        reader_refuse(reader, err,
                      "reverse: reads no column that the backfill assigns, so nothing "
                      "would ever write \"%s\"",
                      back->target);
        return err_hint(err, "%s", turn);
    }
    return true;
}

/* Both directions run in one trigger: what one of them names, the other's facts need.
 */
static void
names_join(const Reader *reader, const PgUpdate *back)
{
    Backfill *fill = reader->fill;
    int count = fill->function_count + back->function_count;
    const char **all = mem_array(reader->mem, const char *, count);

    for (int i = 0; i < count; i++)
        all[i] = i < fill->function_count ? fill->functions[i]
                                          : back->functions[i - fill->function_count];
    fill->functions = all;
    fill->function_count = count;
    fill->looks_up |= back->looks_up;
}

static bool
reverse_refuse(const Reader *reader, const char *why, Err *err)
{
    reader_refuse(reader, err, "reverse:\"%s\" cannot be read: %s",
                  reader->source->section->options.reverse, why);
    return err_hint(err,
                    "Write it as in SET: reverse:\"old_column = expression over the "
                    "new one\".");
}

static bool
reverses_parse(const Reader *reader, Err *err)
{
    MEM_SCOPE(scope, reader->mem);
    const char *given = reader->source->section->options.reverse;
    PgUpdate back;
    PgObjection objection;

    if (!pg_update_read(reader->mem, mem_text(scope, "UPDATE t SET %s", given), &back,
                        &objection))
        return reverse_refuse(
            reader, back.table.name == NULL ? "it is no SQL" : objection.text, err);
    if (back.where.text != NULL || back.subquery)
        return reverse_refuse(reader, "it is more than assignments over one row", err);
    names_join(reader, &back);
    reader->fill->reverses = mem_array(reader->mem, Reverse, back.assignment_count);
    for (int i = 0; i < back.assignment_count; i++)
        if (!reverse_take(reader, &back.assignments[i], err))
            return false;
    return true;
}

bool
reverses_read(const Reader *reader, Err *err)
{
    return reader->source->section->options.reverse != NULL
               ? reverses_parse(reader, err)
               : reverses_derive(reader, err);
}
