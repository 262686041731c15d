#include "core/plan/overlay_table.h"

#include <string.h>

/* --- arrays that others may still read ------------------------------------------- */

/* A copy with room for one more. */
static void *
array_copy(Mem *mem, const void *items, int count, size_t size)
{
    void *copy = mem_zeroed(mem, size * (size_t)(count + 1), "overlay");

    if (count > 0)
        memcpy(copy, items, size * (size_t)count);
    return copy;
}

/* Adds a zeroed item to an array member of the fact and points to it. */
#define MEMBER_ADD(overlay, fact, items, count)                                        \
    ((fact)->items = array_copy((overlay)->mem, (fact)->items, (fact)->count,          \
                                sizeof(*(fact)->items)),                               \
     &(fact)->items[(fact)->count++])

/* The array without its item `at`. */
#define MEMBER_REMOVE(overlay, fact, items, count, at)                                 \
    do                                                                                 \
    {                                                                                  \
        (fact)->items = array_copy((overlay)->mem, (fact)->items, (fact)->count,       \
                                   sizeof(*(fact)->items));                            \
        (fact)->count--;                                                               \
        memmove(&(fact)->items[at], &(fact)->items[(at) + 1],                          \
                sizeof(*(fact)->items) * (size_t)((fact)->count - (at)));              \
    } while (0)

/* The item `at` of a fresh copy, to be changed; NULL: there is none. */
#define MEMBER_CHANGE(overlay, fact, items, count, at)                                 \
    ((at) < 0 ? NULL                                                                   \
              : ((fact)->items = array_copy((overlay)->mem, (fact)->items,             \
                                            (fact)->count, sizeof(*(fact)->items)),    \
                 &(fact)->items[at]))

static int
index_at(const TableFact *fact, const char *name)
{
    for (int i = 0; name != NULL && i < fact->index_count; i++)
        if (strcmp(fact->indexes[i].name.name, name) == 0)
            return i;
    return -1;
}

static int
constraint_at(const TableFact *fact, const char *name)
{
    for (int i = 0; name != NULL && i < fact->constraint_count; i++)
        if (strcmp(fact->constraints[i].name, name) == 0)
            return i;
    return -1;
}

static int
column_at(const TableFact *fact, const char *name)
{
    for (int i = 0; name != NULL && i < fact->column_count; i++)
        if (strcmp(fact->columns[i].name, name) == 0)
            return i;
    return -1;
}

static int
trigger_at(const TableFact *fact, const char *name)
{
    for (int i = 0; name != NULL && i < fact->trigger_count; i++)
        if (strcmp(fact->triggers[i].name, name) == 0)
            return i;
    return -1;
}

static bool
reads_column(const Reads *reads, const char *name)
{
    for (int i = 0; i < reads->count; i++)
        if (strcmp(reads->columns[i], name) == 0)
            return true;
    return false;
}

/* "1,4": the numbers of the columns that are read. */
static char *
mentions_of(Mem *mem, const TableFact *fact, const Reads *reads)
{
    Buf buf = buf_begin(mem);

    buf_add(&buf, "");
    for (int i = 0; i < fact->column_count; i++)
        if (reads_column(reads, fact->columns[i].name))
            buf_format(&buf, "%s%lld", buf.length > 0 ? "," : "",
                       (long long)fact->columns[i].number);
    return buf.text;
}

/* --- columns --------------------------------------------------------------------- */

ColumnFact *
laid_column(Overlay *overlay, Laid *laid, const char *name)
{
    return MEMBER_CHANGE(overlay, &laid->fact, columns, column_count,
                         column_at(&laid->fact, name));
}

void
laid_add_column(Overlay *overlay, Laid *laid, const ColumnFact *column)
{
    ColumnFact *added;
    int64_t number = 0;

    if (column_at(&laid->fact, column->name) >= 0)
        return;
    for (int i = 0; i < laid->fact.column_count; i++)
        if (laid->fact.columns[i].number > number)
            number = laid->fact.columns[i].number;
    added = MEMBER_ADD(overlay, &laid->fact, columns, column_count);
    *added = *column;
    added->number = number + 1;
}

/* What hangs on it goes with it, as the server lets it go. */
void
laid_drop_column(Overlay *overlay, Laid *laid, const char *name)
{
    TableFact *fact = &laid->fact;
    int at = column_at(fact, name);

    if (at < 0)
        return;

    int64_t number = fact->columns[at].number;

    for (int i = fact->constraint_count - 1; i >= 0; i--)
        if (fact_mentions(fact->constraints[i].mentions, number))
            laid_drop_constraint(overlay, laid, fact->constraints[i].name);
    for (int i = fact->index_count - 1; i >= 0; i--)
        if (fact_mentions(fact->indexes[i].mentions, number))
            laid_drop_index(overlay, laid, fact->indexes[i].name.name);
    MEMBER_REMOVE(overlay, fact, columns, column_count, at);
}

/* --- indexes --------------------------------------------------------------------- */

/* table_column_key, as the server puts names together; a number behind it where it is
 * taken. */
static char *
name_chosen(Overlay *overlay, const TableFact *fact, const Reads *reads,
            const char *ending)
{
    Buf base = buf_begin(overlay->mem);

    buf_add(&base, fact->name.name);
    for (int i = 0; i < reads->count; i++)
        buf_format(&base, "_%s", reads->columns[i]);
    if (reads->computed)
        buf_add(&base, "_expr");
    buf_format(&base, "_%s", ending);

    char *name = base.text;

    for (int i = 1; index_at(fact, name) >= 0 || constraint_at(fact, name) >= 0; i++)
        name = mem_text(overlay->mem, "%s%d", base.text, i);
    return name;
}

IndexFact *
laid_index(Overlay *overlay, Laid *laid, const char *name)
{
    return MEMBER_CHANGE(overlay, &laid->fact, indexes, index_count,
                         index_at(&laid->fact, name));
}

/* An index is a relation too. */
void
laid_add_index(Overlay *overlay, Laid *laid, const MadeIndex *made)
{
    IndexFact index = made->fact;

    if (index_at(&laid->fact, index.name.name) >= 0)
        return;
    if (index.name.name == NULL)
        index.name.name = name_chosen(overlay, &laid->fact, &made->reads, "idx");
    index.name.schema = laid->fact.name.schema;
    index.mentions = mentions_of(overlay->mem, &laid->fact, &made->reads);
    *MEMBER_ADD(overlay, &laid->fact, indexes, index_count) = index;
    laid_add(overlay, &index.name, "i")->fact.definition = index.definition;
}

void
laid_drop_index(Overlay *overlay, Laid *laid, const char *name)
{
    int at = index_at(&laid->fact, name);

    if (at < 0)
        return;

    const QName gone = laid->fact.indexes[at].name;

    MEMBER_REMOVE(overlay, &laid->fact, indexes, index_count, at);

    const Laid *index = laid_find(overlay, &gone);

    if (index != NULL && index->fact.kind[0] == 'i')
        laid_remove(overlay, index);
}

/* --- constraints ----------------------------------------------------------------- */

static const char *
constraint_ending(const char *kind)
{
    static const char *const endings[] = {"ccheck", "ffkey", "ppkey",
                                          "ukey",   "xexcl", "nnot_null"};

    for (int i = 0; i < LENGTH(endings); i++)
        if (endings[i][0] == kind[0])
            return endings[i] + 1;
    return "check";
}

/* A key's name says its columns, a primary key's and a wide check's does not. */
static char *
constraint_name(Overlay *overlay, const TableFact *fact, const MadeConstraint *made)
{
    bool wide = made->fact.kind[0] == 'c' && made->reads.count != 1;
    const Reads none = {0};

    if (made->fact.name != NULL)
        return made->fact.name;
    if (made->using_index != NULL)
        return mem_copy(overlay->mem, made->using_index);
    return name_chosen(overlay, fact,
                       wide || made->fact.kind[0] == 'p' ? &none : &made->reads,
                       constraint_ending(made->fact.kind));
}

ConstraintFact *
laid_constraint(Overlay *overlay, Laid *laid, const char *name)
{
    return MEMBER_CHANGE(overlay, &laid->fact, constraints, constraint_count,
                         constraint_at(&laid->fact, name));
}

static void
constraint_index(Overlay *overlay, Laid *laid, const MadeConstraint *made, char *name)
{
    IndexFact *found = laid_index(overlay, laid, made->using_index);
    MadeIndex index = {.fact = {.name = {NULL, name},
                                .definition = "",
                                .unique = made->fact.kind[0] != 'x',
                                .primary = made->fact.kind[0] == 'p',
                                .constraint = true,
                                .valid = true,
                                .ready = true},
                       .reads = made->reads};

    if (found == NULL)
    {
        laid_add_index(overlay, laid, &index);
        return;
    }
    found->name.name = name;
    found->constraint = true;
    found->primary = index.fact.primary;
}

static void
constraint_of_key(Overlay *overlay, Laid *laid, const MadeConstraint *made)
{
    for (int i = 0; made->fact.kind[0] == 'p' && i < made->reads.count; i++)
    {
        ColumnFact *column = laid_column(overlay, laid, made->reads.columns[i]);

        if (column != NULL)
            column->not_null = true;
    }
}

/* The table at the other end hears of the key as well. */
static void
constraint_of_other(Overlay *overlay, const TableFact *fact, ConstraintFact *key)
{
    Laid *other = laid_find(overlay, &key->other);

    if (other == NULL || key->kind[0] != 'f')
        return;
    key->other = other->fact.name;
    if (other->fact.oid == fact->oid)
        return;

    ConstraintFact *incoming =
        MEMBER_ADD(overlay, &other->fact, constraints, constraint_count);

    *incoming = *key;
    incoming->incoming = true;
    incoming->mentions = "";
    incoming->other = fact->name;
}

void
laid_add_constraint(Overlay *overlay, Laid *laid, const MadeConstraint *made)
{
    ConstraintFact fact = made->fact;

    if (constraint_at(&laid->fact, fact.name) >= 0)
        return;
    fact.name = constraint_name(overlay, &laid->fact, made);
    fact.mentions = mentions_of(overlay->mem, &laid->fact, &made->reads);
    constraint_of_key(overlay, laid, made);
    constraint_of_other(overlay, &laid->fact, &fact);
    *MEMBER_ADD(overlay, &laid->fact, constraints, constraint_count) = fact;
    if (strchr("pux", fact.kind[0]) != NULL)
        constraint_index(overlay, laid, made, fact.name);
}

void
laid_drop_constraint(Overlay *overlay, Laid *laid, const char *name)
{
    int at = constraint_at(&laid->fact, name);

    if (at < 0)
        return;

    const ConstraintFact gone = laid->fact.constraints[at];
    const QName table = laid->fact.name;

    MEMBER_REMOVE(overlay, &laid->fact, constraints, constraint_count, at);
    if (strchr("pux", gone.kind[0]) != NULL && !gone.incoming)
        laid_drop_index(overlay, laid, gone.name);

    Laid *other = gone.kind[0] == 'f' ? laid_find(overlay, &gone.other) : NULL;
    int there = other == NULL ? -1 : constraint_at(&other->fact, gone.name);

    if (there >= 0 && qname_equal(&other->fact.constraints[there].other, &table))
        MEMBER_REMOVE(overlay, &other->fact, constraints, constraint_count, there);
}

/* --- triggers -------------------------------------------------------------------- */

TriggerFact *
laid_trigger(Overlay *overlay, Laid *laid, const char *name)
{
    return MEMBER_CHANGE(overlay, &laid->fact, triggers, trigger_count,
                         trigger_at(&laid->fact, name));
}

void
laid_add_trigger(Overlay *overlay, Laid *laid, const TriggerFact *made)
{
    if (trigger_at(&laid->fact, made->name) < 0)
        *MEMBER_ADD(overlay, &laid->fact, triggers, trigger_count) = *made;
}

void
laid_drop_trigger(Overlay *overlay, Laid *laid, const char *name)
{
    int at = trigger_at(&laid->fact, name);

    if (at >= 0)
        MEMBER_REMOVE(overlay, &laid->fact, triggers, trigger_count, at);
}
