/*
 * From the trigger's arguments to its plan, which a backend keeps.
 *
 * A plan holds column numbers and types, so any change of its table makes it stale: the
 * server tells (an invalidation of the relation), and the next row reads the arguments
 * again. Plans may be in use further up the stack when that happens; what is replaced
 * lives until the transaction ends.
 */
#include "postgres.h"

#include "catalog/pg_trigger.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "sync.h"

/* Where nothing is looked up by name but what the server brings along. */
#define PATH_OF_NOTHING "pg_catalog, pg_temp"

/* --- arguments ------------------------------------------------------------------- */

typedef struct Reader
{
    SyncPlan *plan;
    Relation relation;
    const Trigger *trigger;
    const char *path; /* or NULL */
    int at;           /* the next argument */
} Reader;

static void
argument_refuse(const Reader *reader)
{
    const Trigger *trigger = reader->trigger;

    ereport(ERROR,
            (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
             errmsg("sync trigger \"%s\" of \"%s\" has arguments that this version of "
                    "pgstride does not know",
                    trigger->tgname, RelationGetRelationName(reader->relation)),
             reader->at <= trigger->tgnargs && reader->at > 0
                 ? errdetail("Argument %d is \"%s\".", reader->at,
                             trigger->tgargs[reader->at - 1])
                 : errdetail("It ends after %d arguments.", trigger->tgnargs),
             errhint("Install the version of the extension that it was made with, or "
                     "let pgstride make it again: pgstride down, then pgstride up.")));
}

static const char *
argument(Reader *reader)
{
    if (reader->at++ >= reader->trigger->tgnargs)
        argument_refuse(reader);
    return reader->trigger->tgargs[reader->at - 1];
}

static AttrNumber
argument_column(Reader *reader)
{
    const char *name = argument(reader);
    AttrNumber column = get_attnum(RelationGetRelid(reader->relation), name);

    if (column <= 0)
        ereport(ERROR,
                (errcode(ERRCODE_UNDEFINED_COLUMN),
                 errmsg("column \"%s\" of \"%s\" does not exist, and sync trigger "
                        "\"%s\" keeps it level",
                        name, RelationGetRelationName(reader->relation),
                        reader->trigger->tgname),
                 errhint("Give the column its name back, or take the migration back: "
                         "pgstride down.")));
    if (TupleDescAttr(RelationGetDescr(reader->relation), column - 1)->attgenerated)
        ereport(ERROR, (errcode(ERRCODE_GENERATED_ALWAYS),
                        errmsg("column \"%s\" of \"%s\" is generated, and sync trigger "
                               "\"%s\" cannot keep it level",
                               name, RelationGetRelationName(reader->relation),
                               reader->trigger->tgname)));
    return column;
}

static SyncExpr *
argument_expr(Reader *reader, AttrNumber column)
{
    TupleDesc desc = RelationGetDescr(reader->relation);
    SyncExpr *expr = &reader->plan->exprs[reader->plan->expr_count++];

    expr->path = reader->path;
    sync_expr_make(expr, reader->relation, argument(reader),
                   column == 0 ? NULL : TupleDescAttr(desc, column - 1));
    return expr;
}

static SyncFill *
fill_open(Reader *reader)
{
    if (reader->plan->fill_count == 0)
        argument_refuse(reader);
    return &reader->plan->fills[reader->plan->fill_count - 1];
}

/* --- the words ------------------------------------------------------------------- */

static void
read_path(Reader *reader)
{
    if (reader->plan->expr_count > 0)
        argument_refuse(reader);
    reader->path = pstrdup(argument(reader));
    sync_path_pin(reader->path);
}

static void
read_default(Reader *reader)
{
    SyncDefault *known = &reader->plan->defaults[reader->plan->default_count++];

    known->column = argument_column(reader);
    known->value = argument_expr(reader, known->column);
}

/* It can have no more parts than there are arguments. */
static void
read_fill(Reader *reader)
{
    SyncFill *fill = &reader->plan->fills[reader->plan->fill_count++];

    fill->sets = palloc0(reader->trigger->tgnargs * sizeof(SyncSet));
    fill->backs = palloc0(reader->trigger->tgnargs * sizeof(SyncBack));
}

static void
read_where(Reader *reader)
{
    fill_open(reader)->where = argument_expr(reader, 0);
}

static void
read_scope(Reader *reader)
{
    fill_open(reader)->scope = argument_expr(reader, 0);
}

static void
read_assignment(Reader *reader, SyncSet *set)
{
    set->column = argument_column(reader);
    set->value = argument_expr(reader, set->column);
    reader->plan->set_count++;
}

static void
read_set(Reader *reader)
{
    SyncFill *fill = fill_open(reader);

    read_assignment(reader, &fill->sets[fill->set_count++]);
}

static void
read_back(Reader *reader)
{
    SyncFill *fill = fill_open(reader);

    read_assignment(reader, &fill->backs[fill->back_count++].set);
}

typedef struct Word
{
    const char *word;
    void (*read)(Reader *reader);
} Word;

/* clang-format off */
static const Word words[] = {
    {"path",    read_path},
    {"default", read_default},
    {"fill",    read_fill},
    {"where",   read_where},
    {"scope",   read_scope},
    {"set",     read_set},
    {"back",    read_back},
};
/* clang-format on */

static void
read_word(Reader *reader)
{
    const char *word = argument(reader);

    for (int i = 0; i < lengthof(words); i++)
        if (strcmp(words[i].word, word) == 0)
        {
            words[i].read(reader);
            return;
        }
    argument_refuse(reader);
}

/* --- what only all of them together tell ----------------------------------------- */

static SyncExpr *
default_of(const SyncPlan *plan, AttrNumber column)
{
    for (int i = 0; i < plan->default_count; i++)
        if (plan->defaults[i].column == column)
            return plan->defaults[i].value;
    return NULL;
}

static SyncSet *
set_of(const SyncPlan *plan, AttrNumber column)
{
    for (int f = 0; f < plan->fill_count; f++)
        for (int i = 0; i < plan->fills[f].set_count; i++)
            if (plan->fills[f].sets[i].column == column)
                return &plan->fills[f].sets[i];
    return NULL;
}

static void
back_link(const SyncPlan *plan, SyncBack *back)
{
    const SyncExpr *value = back->set.value;

    back->set.default_value = default_of(plan, back->set.column);
    back->sources = palloc0((value->read_count + 1) * sizeof(SyncSet *));
    for (int i = 0; i < value->read_count; i++)
    {
        SyncSet *source = set_of(plan, value->reads[i]);

        if (source != NULL)
            back->sources[back->source_count++] = source;
    }
}

static void
plan_link(SyncPlan *plan)
{
    for (int f = 0; f < plan->fill_count; f++)
    {
        SyncFill *fill = &plan->fills[f];

        for (int i = 0; i < fill->set_count; i++)
            fill->sets[i].default_value = default_of(plan, fill->sets[i].column);
        for (int i = 0; i < fill->back_count; i++)
            back_link(plan, &fill->backs[i]);
    }
}

static bool
is_alone(const TriggerDesc *triggers)
{
    int count = 0;

    for (int i = 0; i < triggers->numtriggers; i++)
        count += TRIGGER_TYPE_MATCHES(triggers->triggers[i].tgtype, TRIGGER_TYPE_ROW,
                                      TRIGGER_TYPE_BEFORE, TRIGGER_TYPE_UPDATE);
    return count <= 1;
}

/* --- making one ------------------------------------------------------------------ */

/* What the server's plan cache keeps for us goes with the plan, an unfinished one too.
 */
static void
plan_release(void *arg)
{
    SyncPlan *plan = arg;

    for (int i = 0; i < plan->expr_count; i++)
        sync_expr_free(&plan->exprs[i]);
}

static SyncPlan *
plan_begin(const TriggerData *call)
{
    MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "pgstride sync",
                                                  ALLOCSET_SMALL_SIZES);
    int most = call->tg_trigger->tgnargs + 1;
    SyncPlan *plan = MemoryContextAllocZero(context, sizeof(SyncPlan));

    plan->context = context;
    plan->release = (MemoryContextCallback){.func = plan_release, .arg = plan};
    MemoryContextRegisterResetCallback(context, &plan->release);
    plan->relation = RelationGetRelid(call->tg_relation);
    plan->alone = is_alone(call->tg_relation->trigdesc);
    plan->exprs = MemoryContextAllocZero(context, most * sizeof(SyncExpr));
    plan->defaults = MemoryContextAllocZero(context, most * sizeof(SyncDefault));
    plan->fills = MemoryContextAllocZero(context, most * sizeof(SyncFill));
    return plan;
}

static SyncPlan *
plan_make(const TriggerData *call)
{
    SyncPlan *plan = plan_begin(call);
    MemoryContext caller = MemoryContextSwitchTo(plan->context);
    Reader reader = {
        .plan = plan, .relation = call->tg_relation, .trigger = call->tg_trigger};
    int level = NewGUCNestLevel();

    sync_path_pin(PATH_OF_NOTHING);
    while (reader.at < call->tg_trigger->tgnargs)
        read_word(&reader);
    plan_link(plan);
    AtEOXact_GUC(true, level);
    MemoryContextSwitchTo(caller);
    return plan;
}

/* --- keeping them ---------------------------------------------------------------- */

/* What a name means depends on the schemas, and what may be called on the functions,
 * that the writer has rights on: each of them has plans of his own. */
typedef struct KeptBy
{
    Oid trigger;
    Oid user;
} KeptBy;

typedef struct Kept
{
    KeptBy by;
    SyncPlan *plan;
} Kept;

static HTAB *kept_plans;

/* May be called at any time, within catalog look-ups of our own too. */
static void
relation_changed(Datum arg, Oid relation)
{
    HASH_SEQ_STATUS scan;
    Kept *kept;

    hash_seq_init(&scan, kept_plans);
    while ((kept = hash_seq_search(&scan)) != NULL)
        if (relation == InvalidOid || relation == kept->plan->relation)
            kept->plan->stale = true;
}

static void
plans_open(void)
{
    HASHCTL info = {.keysize = sizeof(KeptBy), .entrysize = sizeof(Kept)};

    kept_plans = hash_create("pgstride sync", 16, &info, HASH_ELEM | HASH_BLOBS);
    CacheRegisterRelcacheCallback(relation_changed, (Datum)0);
}

static bool
plan_fits(const SyncPlan *plan)
{
    if (plan->stale)
        return false;
    for (int i = 0; i < plan->expr_count; i++)
        if (!sync_expr_valid(&plan->exprs[i]))
            return false;
    return true;
}

static void
plan_retire(Kept *kept)
{
    MemoryContextSetParent(kept->plan->context, TopTransactionContext);
    hash_search(kept_plans, &kept->by, HASH_REMOVE, NULL);
}

/* Those of tables that are gone, or not written any more, among them. */
static void
plans_tidy(void)
{
    HASH_SEQ_STATUS scan;
    Kept *kept;

    hash_seq_init(&scan, kept_plans);
    while ((kept = hash_seq_search(&scan)) != NULL)
        if (kept->plan->stale)
            plan_retire(kept);
}

static SyncPlan *
plan_keep(const KeptBy *by, SyncPlan *plan)
{
    bool found;
    Kept *kept;

    plans_tidy();
    kept = hash_search(kept_plans, by, HASH_ENTER, &found);
    if (found)
        MemoryContextSetParent(kept->plan->context, TopTransactionContext);
    kept->plan = plan;
    MemoryContextSetParent(plan->context, TopMemoryContext);
    return plan;
}

SyncPlan *
sync_plan_of(const TriggerData *call)
{
    const KeptBy by = {.trigger = call->tg_trigger->tgoid, .user = GetUserId()};
    Kept *kept;

    if (kept_plans == NULL)
        plans_open();
    kept = hash_search(kept_plans, &by, HASH_FIND, NULL);
    if (kept != NULL && plan_fits(kept->plan))
        return kept->plan;
    return plan_keep(&by, plan_make(call));
}
