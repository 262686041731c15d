#include "core/plan/draft.h"

#include <stdarg.h>
#include <string.h>

#include "base/digest.h"
#include "core/sql/actions.h"

/* Of its statements, in what a step is called. */
#define PARTS_MOST 5

const TableFact *
draft_table(const Draft *draft, const QName *name)
{
    const TableFact *table =
        name->name == NULL ? NULL : facts_table(draft->request->facts, name);

    return table != NULL && table->exists ? table : NULL;
}

bool
draft_same_table(const Draft *draft, const QName *a, const QName *b)
{
    const TableFact *one = draft_table(draft, a);
    const TableFact *other = draft_table(draft, b);

    return one != NULL && other != NULL ? one->oid == other->oid : qname_equal(a, b);
}

SqlText
draft_alter(const Draft *draft, const QName *table)
{
    SqlText sql = sql_begin(draft->mem, draft->request->caps);

    sql_raw(&sql, "ALTER TABLE ");
    sql_qname(&sql, table);
    return sql;
}

/* What the migration itself adds is known too, by the time it is named. */
static void
names_of_section(Draft *draft, const Section *section)
{
    for (int i = 0; i < section->statements.count; i++)
        for (int j = 0; j < section->statements.items[i].act_count; j++)
        {
            const Act *act = &section->statements.items[i].acts[j];

            if (action_adds_column(act->action))
                *list_add(draft->mem, &draft->names) = act->column;
        }
}

void
draft_begin(Draft *draft, Mem *mem, const PlanRequest *request)
{
    const Facts *facts = request->facts;

    *draft = (Draft){.mem = mem, .request = request};
    for (int i = 0; i < facts->table_count; i++)
    {
        const TableFact *table = &facts->tables[i];

        if (table->exists)
            *list_add(mem, &draft->names) = table->name.name;
        for (int j = 0; table->exists && j < table->column_count; j++)
            *list_add(mem, &draft->names) = table->columns[j].name;
    }
    for (int i = 0; i < request->migration->section_count; i++)
        names_of_section(draft, &request->migration->sections[i]);
}

/* One transaction, as the runner had it that the folder was written for. */
bool
draft_verbatim(const Draft *draft)
{
    return draft->section != NULL && draft->section->options.verbatim &&
           draft->request->safe != SAFE_REWRITE;
}

/* May the open step take this seed in, or must it be closed first? */
static bool
draft_joins(const Draft *draft, const StepSeed *seed)
{
    const Step *open = &draft->step;

    if (!draft->open || seed->alone || draft->whole != NULL ||
        seed->kind != STEP_TRANSACTION || open->kind != STEP_TRANSACTION ||
        open->phase != draft->phase)
        return false;
    if (draft->section != NULL && draft->section->options.no_transaction)
        return false;
    return draft_verbatim(draft) || seed->table.name == NULL ||
           open->table.name == NULL || qname_may_equal(&seed->table, &open->table);
}

/* A flag beats the section's option, and that beats environment and default. */
static Millis
draft_limit(Millis section, Millis request, bool flag)
{
    return flag || section == 0 ? request : section;
}

static void
draft_identify(Buf *identity, const StepSeed *seed)
{
    buf_format(identity, "%s %s\n", seed->recipe == NULL ? "" : seed->recipe,
               seed->statement == NULL ? "" : seed->statement->hash);
    if (seed->detail != NULL)
        buf_format(identity, "%s\n", seed->detail);
}

bool
draft_record_is(const Draft *draft, const StepRecord *record, const StepSeed *seed)
{
    MEM_SCOPE(scope, draft->mem);
    Buf identity = buf_begin(scope);
    char hash[DIGEST_HEX];

    draft_identify(&identity, seed);
    digest_text(identity.text, identity.length, hash);
    return strcmp(record->version, draft->request->migration->version) == 0 &&
           strcmp(record->phase, phase_name(draft->phase)) == 0 &&
           strcmp(record->hash, hash) == 0;
}

const StepRecord *
draft_record(const Draft *draft, const char *recipe, const Statement *statement)
{
    const History *history = draft->request->history;
    const StepSeed seed = {.recipe = recipe, .statement = statement};

    for (int i = 0; history != NULL && i < history->step_count; i++)
        if (draft_record_is(draft, &history->steps[i], &seed))
            return &history->steps[i];
    return NULL;
}

/* As its author wrote it, together with what stands beside it. */
static const char *
statement_written(const Statement *statement)
{
    return statement->whole != NULL ? statement->whole : statement->sql.text;
}

void
draft_step(Draft *draft, const StepSeed *seed)
{
    static const SectionOptions none = {0};
    const PlanRequest *request = draft->request;
    const SectionOptions *options =
        draft->section == NULL ? &none : &draft->section->options;
    Step *step = &draft->step;

    if (!draft_joins(draft, seed))
    {
        draft_close(draft);
        draft->open = true;
        *step = (Step){
            .kind = seed->kind,
            .work = seed->work,
            .phase = draft->phase,
            .recipe = seed->recipe,
            .verbatim = draft_verbatim(draft),
            .lean = request->facts->lean,
            .max_stall = draft_limit(options->max_stall, request->max_stall,
                                     request->max_stall_flag),
            .batch_time = draft_limit(options->batch_time, request->batch_time,
                                      request->batch_time_flag),
            .window = request->window_flag || options->window == NULL ? request->window
                                                                      : options->window,
            .migration = request->migration,
            .rows = -1,
            .wal_bytes = -1,
            .grows_to = -1,
            .estimate_ms = -1,
        };
        draft->identity = buf_begin(draft->mem);
        draft->stands_for = 0;
        draft->sessions = draft->settings = 0;
    }
    if (step->table.name == NULL)
        step->table = seed->table;
    if (step->work < seed->work)
        step->work = seed->work;
    draft->statement = seed->statement;
    draft_identify(&draft->identity, seed);
    if (seed->statement == NULL)
        return;
    if (draft->stands_for++ == 0)
        step->span = seed->statement->span;
    if (draft->whole != NULL)
        step->stands_for = statement_written(draft->whole);
    else if (seed->recipe != NULL ||
             (draft->stands_for == 1 && seed->statement->whole != NULL))
        step->stands_for = statement_written(seed->statement);
}

static bool
is_among(const char *part, const char *const *parts, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(part, parts[i]) == 0)
            return true;
    return false;
}

/* "drop column, drop trigger": each once, and of a whole file's no more than fit a
 * line.
 */
static const char *
draft_join(Mem *mem, const char *const *parts, int count)
{
    Buf text = buf_begin(mem);
    int said = 0, left = 0;

    for (int i = 0; i < count; i++)
        if (!is_among(parts[i], parts, i))
            left++;
    for (int i = 0; i < count; i++)
    {
        if (is_among(parts[i], parts, i))
            continue;
        if (said == PARTS_MOST - 1 && left > 1)
        {
            buf_format(&text, " and %d more", left);
            break;
        }
        buf_format(&text, "%s%s", said++ > 0 ? ", " : "", parts[i]);
        left--;
    }
    return text.text;
}

static void
draft_turn_undo(Draft *draft, Step *step)
{
    int count = draft->undo.count;

    step->undo = mem_array(draft->mem, SqlParsed, count + 1);
    step->undo_count = step->irreversible ? 0 : count;
    for (int i = 0; i < count; i++)
        step->undo[i] = draft->undo.items[count - 1 - i];
    if (step->irreversible)
        step->undo_show = "none: irreversible";
    else if (count > 0)
        step->undo_show =
            draft_join(draft->mem, draft->undo_shows.items, draft->undo_shows.count);
    else
        step->undo_show = "–";
}

static bool
session_before(const Draft *draft, const Step *step)
{
    bool before = false;

    for (int i = 0; i < draft->steps.count; i++)
        before = before || (draft->steps.items[i].phase == step->phase &&
                            draft->steps.items[i].session);
    return before;
}

void
draft_close(Draft *draft)
{
    Step *step = &draft->step;

    if (!draft->open)
        return;
    draft->open = false;
    step->sql = draft->sql.items;
    step->sql_count = draft->sql.count;
    step->spans = draft->spans.items;
    step->shows = draft->shows.items;
    step->show_count = draft->shows.count;
    step->locks = draft->locks.items;
    step->lock_count = draft->locks.count;
    step->secluded = step->secluded && draft->locks.count == 0;
    step->notes = draft->step_notes.items;
    step->note_count = draft->step_notes.count;
    step->title = draft_join(draft->mem, draft->titles.items, draft->titles.count);
    step->names = draft->names.items;
    step->name_count = draft->names.count;
    step->session_only = step->session && draft->sessions == step->sql_count;
    step->settings = step->session && draft->settings == step->sql_count;
    step->in_session = session_before(draft, step);
    draft_turn_undo(draft, step);
    digest_text(draft->identity.text, draft->identity.length, step->hash);
    *list_add(draft->mem, &draft->steps) = *step;

    /* The lists now belong to the step; the next one starts with its own. */
    memset(&draft->sql, 0, sizeof(draft->sql));
    memset(&draft->spans, 0, sizeof(draft->spans));
    memset(&draft->undo, 0, sizeof(draft->undo));
    memset(&draft->shows, 0, sizeof(draft->shows));
    memset(&draft->titles, 0, sizeof(draft->titles));
    memset(&draft->undo_shows, 0, sizeof(draft->undo_shows));
    memset(&draft->step_notes, 0, sizeof(draft->step_notes));
    memset(&draft->locks, 0, sizeof(draft->locks));
}

void
draft_number(const Draft *draft, Plan *plan)
{
    plan->steps = draft->steps.items;
    plan->step_count = draft->steps.count;
    for (int i = 0; i < plan->step_count; i++)
    {
        Step *step = &plan->steps[i];
        bool first = i == 0 || step[-1].phase != step->phase;

        step->number = i + 1;
        step->ordinal = first ? 1 : step[-1].ordinal + 1;
        step->last = i + 1 == plan->step_count || step[1].phase != step->phase;
    }
}

void
draft_sql(Draft *draft, SqlParsed sql, const char *title)
{
    *list_add(draft->mem, &draft->sql) = sql;
    *list_add(draft->mem, &draft->spans) =
        draft->statement == NULL ? (Span){0} : draft->statement->span;
    if (title != NULL)
        draft_title(draft, title);
}

void
draft_title(Draft *draft, const char *title)
{
    *list_add(draft->mem, &draft->titles) = title;
}

void
draft_show(Draft *draft, const char *line)
{
    *list_add(draft->mem, &draft->shows) = line;
}

void
draft_undo(Draft *draft, SqlParsed undo, const char *show)
{
    *list_add(draft->mem, &draft->undo) = undo;
    *list_add(draft->mem, &draft->undo_shows) = show;
}

void
draft_irreversible(Draft *draft)
{
    draft->step.irreversible = true;
}

/* What is computed may come out otherwise the next time; a temporary table was filled.
 */
void
draft_session(Draft *draft, const Statement *statement)
{
    if (!statement->session)
        return;
    draft->step.session = true;
    draft->sessions++;
    if (statement->acts[0].action == ACTION_SET &&
        strchr(statement->sql.text, '(') == NULL)
        draft->settings++;
    else
        draft_note(draft, "leaves session state behind: a run that is interrupted "
                          "later in this section cannot be continued");
}

void
draft_note(Draft *draft, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *note = mem_vtext(draft->mem, format, args);
    va_end(args);
    *list_add(draft->mem, &draft->step_notes) = note;
}

void
draft_lock_found(Draft *draft, const LockNeed *need, bool parent)
{
    for (int i = 0; i < draft->locks.count; i++)
        if (qname_equal(&draft->locks.items[i].relation, &need->relation))
        {
            if (draft->locks.items[i].mode < need->mode)
                draft->locks.items[i].mode = need->mode;
            return;
        }
    list_add(draft->mem, &draft->locks);
    if (parent)
        memmove(draft->locks.items + 1, draft->locks.items,
                sizeof(LockNeed) * (size_t)(draft->locks.count - 1));
    draft->locks.items[parent ? 0 : draft->locks.count - 1] = *need;
}

void
draft_lock(Draft *draft, const QName *relation, LockMode mode, bool parent)
{
    const TableFact *table = draft_table(draft, relation);

    if (table == NULL || !lock_mode_blocks_traffic(mode))
        return;

    LockNeed need = {.relation = table->name,
                     .oid = table->oid,
                     .mode = mode,
                     .lockable = table->lockable};

    draft_lock_found(draft, &need, parent);
}
