#include "core/plan/overlay_table.h"

#include <stdlib.h>
#include <string.h>

#include "core/sql/sql.h"

/* Where temporary relations are, whatever the server calls it. */
#define TEMPORARY "pg_temp"

/* --- relations ------------------------------------------------------------------- */

/* The n-th schema of the search path, as quote_ident writes it; false behind the last.
 */
static bool
path_item(const char *path, int n, const char **start, size_t *length)
{
    for (*start = path; *start != NULL && **start != '\0'; n--)
    {
        const char *end = strstr(*start, ", ");

        *length = end == NULL ? strlen(*start) : (size_t)(end - *start);
        if (n == 0)
            return true;
        *start = end == NULL ? NULL : end + 2;
    }
    return false;
}

/* Where the search path has the schema; -1: nowhere. */
static int
path_place(const Overlay *overlay, const char *schema)
{
    MEM_SCOPE(scope, NULL);
    const char *quoted = schema == NULL ? "" : ident_show(scope, schema);
    const char *start;
    size_t length;

    for (int i = 0; path_item(overlay->live->search_path, i, &start, &length); i++)
        if (strlen(quoted) == length && strncmp(quoted, start, length) == 0)
            return i;
    return -1;
}

/* FNV-1a. */
static uint32_t
name_hash(const char *name)
{
    uint32_t hash = 2166136261u;

    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    return hash;
}

void
laid_call(Laid *laid, QName name)
{
    laid->fact.name = name;
    laid->name_hash = name_hash(name.name);
}

/* The one that the catalog found by that very text has the last word: it knows of
 * temporary and of system schemas. */
Laid *
laid_find(const Overlay *overlay, const QName *name)
{
    uint32_t hash = name->name == NULL ? 0 : name_hash(name->name);
    Laid *found = NULL;
    int best = -1;

    for (int i = 0; name->name != NULL && i < overlay->tables.count; i++)
    {
        Laid *laid = overlay->tables.items[i];

        if (laid->name_hash != hash || strcmp(laid->fact.name.name, name->name) != 0)
            continue;
        if (qname_equal(&laid->fact.name, name))
            return laid;
        if (name->schema != NULL)
            continue;

        int place = path_place(overlay, laid->fact.name.schema);

        if (place < 0 && !qname_equal(&laid->fact.asked, name))
            continue;
        if (found == NULL || place < best)
        {
            found = laid;
            best = place;
        }
    }
    return found;
}

Laid *
laid_add(Overlay *overlay, const QName *name, const char *kind)
{
    Laid *laid = mem_new(overlay->mem, Laid);
    const char *start = "";
    size_t length = 0;
    char *schema_given = mem_copy(overlay->mem, name->schema);
    char *schema = schema_given;
    bool is_temporary = schema != NULL && strcmp(schema, TEMPORARY) == 0;

    if (schema == NULL && path_item(overlay->live->search_path, 0, &start, &length))
        schema = start[0] == '"' && length > 2
                     ? mem_slice(overlay->mem, start + 1, length - 2)
                     : mem_slice(overlay->mem, start, length);
    laid->fact = (TableFact){
        .asked = {is_temporary ? NULL : schema_given,
                  mem_copy(overlay->mem, name->name)},
        .oid = --overlay->last_oid,
        .exists = true,
        .fresh = true,
        .kind = mem_copy(overlay->mem, kind),
        .owner = overlay->live->user,
        .fillfactor = 100,
        .may_own = true,
        .may_update = true,
        .may_delete = true,
        .access_method = strchr("rm", kind[0]) != NULL ? "heap" : NULL,
    };
    laid_call(laid, (QName){schema, mem_copy(overlay->mem, name->name)});
    *list_add(overlay->mem, &overlay->tables) = laid;
    return laid;
}

/* A foreign key is told of at both of its ends. */
static void
forget_keys(Overlay *overlay, const TableFact *gone)
{
    for (int i = 0; i < overlay->tables.count; i++)
    {
        Laid *laid = overlay->tables.items[i];

        for (int j = laid->fact.constraint_count - 1; j >= 0; j--)
            if (qname_equal(&laid->fact.constraints[j].other, &gone->name))
                laid_drop_constraint(overlay, laid, laid->fact.constraints[j].name);
    }
}

void
laid_remove(Overlay *overlay, const Laid *laid)
{
    const TableFact *gone = &laid->fact;
    int kept = 0;

    for (int i = 0; i < overlay->tables.count; i++)
        if (overlay->tables.items[i] != laid)
            overlay->tables.items[kept++] = overlay->tables.items[i];
    overlay->tables.count = kept;
    forget_keys(overlay, gone);
    for (int i = 0; i < gone->index_count; i++)
    {
        const Laid *index = laid_find(overlay, &gone->indexes[i].name);

        if (index != NULL && index->fact.kind[0] == 'i')
            laid_remove(overlay, index);
    }
}

Laid *
laid_of_index(const Overlay *overlay, const QName *index)
{
    for (int i = 0; i < overlay->tables.count; i++)
        for (int j = 0; j < overlay->tables.items[i]->fact.index_count; j++)
        {
            const QName *name = &overlay->tables.items[i]->fact.indexes[j].name;

            if (qname_may_equal(name, index))
                return overlay->tables.items[i];
        }
    return NULL;
}

/* --- what plans ask -------------------------------------------------------------- */

Overlay *
overlay_begin(Mem *mem, const Facts *live)
{
    Overlay *overlay = mem_new(mem, Overlay);

    *overlay = (Overlay){.mem = mem, .live = live, .last_oid = -1};
    for (int i = 0; i < live->table_count; i++)
    {
        bool known = !live->tables[i].exists;
        Laid *laid;

        for (int j = 0; j < overlay->tables.count; j++)
            known = known || overlay->tables.items[j]->fact.oid == live->tables[i].oid;
        if (known)
            continue;
        laid = mem_new(mem, Laid);
        laid->fact = live->tables[i];
        laid_call(laid, laid->fact.name);
        *list_add(mem, &overlay->tables) = laid;
    }
    return overlay;
}

void
overlay_facts(const Overlay *overlay, Mem *mem, const Needs *needs, Facts *facts)
{
    *facts = *overlay->live;
    facts->tables = mem_array(mem, TableFact, needs->table_count + 1);
    facts->table_count = needs->table_count;
    for (int i = 0; i < needs->table_count; i++)
    {
        const Laid *laid = laid_find(overlay, &needs->tables[i]);

        facts->tables[i] =
            laid == NULL ? (TableFact){.oid = -1, .fillfactor = 100} : laid->fact;
        facts->tables[i].asked = needs->tables[i];
    }
}

const char *
overlay_clouded(const Overlay *overlay)
{
    return overlay->clouded;
}

/* --- going on -------------------------------------------------------------------- */

/* The state that a migration has when that phase is behind it. */
static const State state_behind[PHASE_COUNT] = {
    [PHASE_UP] = STATE_CONTRACTED,
    [PHASE_EXPAND] = STATE_EXPANDED,
    [PHASE_BACKFILL] = STATE_BACKFILLED,
    [PHASE_CONTRACT] = STATE_CONTRACTED,
};

/* The live facts have its effects already. */
static bool
step_is_done(const History *history, const Step *step)
{
    const StepRecord *record = history_of_step(history, step);

    if (step->undoes)
        return record != NULL && record->done;
    return history_state(history, step->migration->version) >=
               state_behind[step->phase] ||
           (record != NULL && record->done);
}

static int
span_follows(const void *wanted, const void *statement)
{
    return ((const Span *)wanted)->offset - ((const Statement *)statement)->span.offset;
}

/* What is sent as it was written has been read already. A file may hold half a million
 * statements: each is looked up by its place. */
static const Statement *
statement_written(const Step *step, int at)
{
    const Migration *migration = step->migration;
    const Span *span = &step->spans[at];

    for (int i = 0; i < migration->section_count && span->file != NULL; i++)
    {
        const Section *section = &migration->sections[i];
        const Statements *written = &section->statements;
        const Statement *found =
            written->count == 0 || strcmp(section->file, span->file) != 0
                ? NULL
                : bsearch(span, written->items, (size_t)written->count,
                          sizeof(*written->items), span_follows);

        if (found != NULL && strcmp(found->sql.text, step->sql[at].text) == 0)
            return found;
    }
    return NULL;
}

/* False: the parser cannot read all of it. */
static bool
statement_sent(Mem *mem, const Step *step, int at, Statements *sent)
{
    Section section = {.text = step->sql[at].text, .text_line = 1, .file = ""};
    const Statement *written = statement_written(step, at);
    Err unread = {0};

    if (written != NULL)
    {
        *sent = (Statements){.items = mem_array(mem, Statement, 1), .count = 1};
        sent->items[0] = *written;
        return true;
    }

    bool clear = sql_parse(mem, &section, &section.statements, &unread);

    *sent = section.statements;
    err_clear(&unread);
    return clear;
}

/* Every statement that the step sends, as the parser reads it; with `check` only if it
 * finds what it names. pgstride's own have no place in a file, and nobody to mend them;
 * another runner would not ask, either: of its files the server alone says no. */
static bool
step_lay(Overlay *overlay, const Step *step, bool check, Err *err)
{
    for (int i = 0; i < step->sql_count; i++)
    {
        const Span *span = &step->spans[i];
        Statements sent;
        bool clear = statement_sent(overlay->mem, step, i, &sent);

        for (int j = 0; j < sent.count; j++)
        {
            if (check && !step->verbatim && overlay->clouded == NULL &&
                span->file != NULL &&
                !overlay_admits(overlay, &sent.items[j], span, err))
                return false;
            clear = overlay_statement(overlay, &sent.items[j]) && clear;
        }
        if (!clear && span->file != NULL && overlay->clouded == NULL)
            overlay->clouded = step->migration->label;
    }
    return true;
}

/* They go with the session, and every migration has its own. */
static void
temporary_gone(Overlay *overlay)
{
    for (int i = overlay->tables.count - 1; i >= 0; i--)
    {
        const char *schema = overlay->tables.items[i]->fact.name.schema;

        if (schema != NULL && strcmp(schema, TEMPORARY) == 0)
            laid_remove(overlay, overlay->tables.items[i]);
    }
}

static Overlay
overlay_copy(Mem *mem, const Overlay *overlay)
{
    Overlay copy = *overlay;

    copy.mem = mem;
    memset(&copy.tables, 0, sizeof(copy.tables));
    for (int i = 0; i < overlay->tables.count; i++)
    {
        Laid *laid = mem_new(mem, Laid);

        *laid = *overlay->tables.items[i];
        *list_add(mem, &copy.tables) = laid;
    }
    return copy;
}

/* Killed on the way, it may have done all it does: its own question decides that. */
static bool
step_is_begun(const History *history, const Step *step)
{
    return history_of_step(history, step) != NULL;
}

/* All of it, on a copy: what stays for later has to fit as well. */
static bool
overlay_rehearse(const Overlay *overlay, const Plan *plan, const History *history,
                 Err *err)
{
    MEM_SCOPE(scope, overlay->mem);
    Overlay ahead = overlay_copy(scope, overlay);

    for (int i = 0; i < plan->step_count; i++)
        if (!step_is_done(history, &plan->steps[i]) &&
            !step_lay(&ahead, &plan->steps[i], !step_is_begun(history, &plan->steps[i]),
                      err))
            return false;
    return true;
}

static bool
step_is_ahead(const Step *step, const History *history, State goal)
{
    return (step->undoes || state_behind[step->phase] <= goal) &&
           !step_is_done(history, step);
}

bool
overlay_go_on(Overlay *overlay, const Plan *plan, const History *history, State goal,
              Err *err)
{
    const Step *last =
        plan->step_count == 0 ? NULL : &plan->steps[plan->step_count - 1];
    bool whole = last == NULL || last->undoes || state_behind[last->phase] <= goal;

    if (!whole && !overlay_rehearse(overlay, plan, history, err))
        return false;
    for (int i = 0; i < plan->step_count; i++)
    {
        const Step *step = &plan->steps[i];

        if (step_is_ahead(step, history, goal) &&
            !step_lay(overlay, step, whole && !step_is_begun(history, step), err))
            return false;
    }
    temporary_gone(overlay);
    return true;
}
