#include "core/sync/sync_step.h"

bool
sync_wanted(const Draft *draft)
{
    for (int i = 0; i < draft->fills.count; i++)
        if (draft->fills.items[i].sync != SYNC_OFF)
            return true;
    return false;
}

static SyncRequest
sync_request(const Draft *draft, const QName *table)
{
    return (SyncRequest){.migration = draft->request->migration,
                         .component = draft->request->component,
                         .facts = draft->request->facts,
                         .table = draft_table(draft, table),
                         .fills = draft->fills.items,
                         .fill_count = draft->fills.count};
}

/* A table that this migration makes has no rows of before to keep level with. */
static bool
sync_of_fill(const Draft *draft, const Backfill *fill, SyncTrigger *trigger, Err *err)
{
    SyncRequest request = sync_request(draft, &fill->table);

    if (request.table != NULL)
        return sync_plan(draft->mem, &request, trigger, err);
    err_at(err, ERR_REFUSED, fill->statement->span.file, fill->statement->span.line,
           "sync needs a table that is there before this migration: \"%s\" is not",
           fill->table.name);
    return err_hint(err, "Say sync:off.");
}

/* The first backfill of a table speaks for all of them: one trigger a table. */
static bool
table_is_new(const Draft *draft, int index)
{
    for (int i = 0; i < index; i++)
        if (qname_equal(&draft->fills.items[i].table, &draft->fills.items[index].table))
            return false;
    return true;
}

/* `table` as the statements name it: by that name the open step is recognised. */
static void
sync_install(Draft *draft, const QName *table, const SyncTrigger *trigger)
{
    StepSeed seed = {.kind = STEP_TRANSACTION, .table = *table};

    draft_step(draft, &seed);
    draft_lock(draft, &trigger->table, LOCK_SHARE_ROW_EXCLUSIVE, false);
    for (int i = trigger->drop_count - 1; i >= 0; i--)
        draft_undo(draft, trigger->drop[i], "drop trigger");
    for (int i = 0; i < trigger->create_count; i++)
        draft_sql(draft, trigger->create[i], i == 0 ? trigger->title : NULL);
    draft_show(draft, mem_text(draft->mem, "+ %s (same transaction%s)", trigger->shows,
                               trigger->in_server ? ", run by the extension" : ""));
    for (int i = 0; i < trigger->note_count; i++)
        draft_note(draft, "%s", trigger->notes[i]);
}

bool
sync_draft(Draft *draft, Err *err)
{
    for (int i = 0; i < draft->fills.count; i++)
    {
        SyncTrigger trigger;

        if (draft->fills.items[i].sync == SYNC_OFF || !table_is_new(draft, i))
            continue;
        if (!sync_of_fill(draft, &draft->fills.items[i], &trigger, err))
            return false;
        if (trigger.needed)
            sync_install(draft, &draft->fills.items[i].table, &trigger);
    }
    return true;
}

void
sync_drop_draft(Draft *draft, const QName *table)
{
    SyncRequest request = sync_request(draft, table);

    if (request.table == NULL)
        return;

    SyncTrigger trigger = sync_installed(draft->mem, &request);

    for (int i = 0; trigger.needed && i < trigger.drop_count; i++)
        draft_sql(draft, trigger.drop[i], i == 0 ? "sync trigger dropped" : NULL);
    if (trigger.needed)
        draft_show(draft, mem_text(draft->mem, "- %s", trigger.shows));
}
