/* doctor and repair: what is half done, and what mends it. */
#include <string.h>

#include "cli/confirm.h"
#include "cli/json.h"
#include "cli/print/print_doctor.h"
#include "cli/session.h"
#include "cli/settings.h"
#include "cli/text.h"

static bool
examine(Invocation *call, Ailments *ailments, Err *err)
{
    Session session;

    if (!settings_fill(call, err))
        return false;
    call->settings.examines = true;
    if (!session_open(call, &session, false, err))
        return false;

    bool good = run_doctor(session.run, call->mem, ailments, err);

    session_close(call, &session);
    return good;
}

static bool
doctor_verdict(const Ailments *ailments, Err *err)
{
    MEM_SCOPE(scope, NULL);

    if (ailments->count == 0)
        return true;
    for (int i = 0; i < ailments->count; i++)
        if (strcmp(ailments->items[i].kind->name, "dirty") == 0 ||
            strcmp(ailments->items[i].kind->name, "stopped") == 0)
            return err_set(err, ERR_DIRTY, "Database is in dirty state at version %s",
                           ailments->items[i].version);
    return err_set(err, ERR_PENDING, "%s half done",
                   text_count(scope, ailments->count, "thing"));
}

bool
command_doctor(Invocation *call, Err *err)
{
    Ailments ailments = {0};

    if (!examine(call, &ailments, err))
        return false;
    if (options_json(&call->options))
        json_give(call, doctor_json(&ailments));
    else
        print_doctor(&call->out, call->database, &ailments);
    return doctor_verdict(&ailments, err);
}

/* --- repair VERSION: a dirty migration ------------------------------------------- */

static bool
dirty_ask(Invocation *call, bool accept, DirtyPart *part, bool *found, Err *err)
{
    Session session;

    if (!settings_fill(call, err) || !session_open(call, &session, accept, err))
        return false;

    bool good = run_dirty(session.run, call->mem, accept, part, found, err);

    session_close(call, &session);
    return good;
}

static bool
dirty_unasked(const DirtyPart *part, Err *err)
{
    err_set(err, ERR_UNCONFIRMED, "nobody is at a terminal to say which is true");
    err_detail(err, "in the database: %s", part->kept);
    err_detail(err, "in the file:     %s",
               part->written == NULL ? "(nothing)" : part->written);
    return err_hint(err, "Run it on a terminal, or put the old text back in %s.",
                    part->file);
}

static bool
repair_dirty(Invocation *call, Err *err)
{
    DirtyPart part;
    bool found = false;

    if (!dirty_ask(call, false, &part, &found, err))
        return false;
    if (!found)
    {
        out_print(&call->out,
                  "It is not dirty: nothing half done of it differs from its file.\n");
        return true;
    }
    if (!call->person)
        return dirty_unasked(&part, err);
    print_dirty(&call->out, &part);
    if (!confirm(&call->out, call->in,
                 "Is the file right, and the database level with it?", err))
    {
        err_clear(err);
        err_set(err, ERR_DIRTY, "nothing was changed");
        return err_hint(err, "Put the old text back in %s, then: pgstride up",
                        part.file);
    }
    if (!dirty_ask(call, true, &part, &found, err))
        return false;
    out_print(&call->out, "Recorded: what is there is what %s says.\n", part.file);
    return true;
}

/* --- repair ---------------------------------------------------------------------- */

static int
mendable_count(const Ailments *ailments)
{
    int count = 0;

    for (int i = 0; i < ailments->count; i++)
        count += ailment_mendable(&ailments->items[i]);
    return count;
}

static bool
repair_confirmed(Invocation *call, const Ailments *ailments, Err *err)
{
    if (!options_json(&call->options) || call->person)
        print_doctor(options_json(&call->options) ? &call->log : &call->out,
                     call->database, ailments);
    if (call->options.yes)
        return true;
    if (call->person)
        return confirm(&call->log, call->in, "Mend what pgstride can mend?", err);
    err_set(err, ERR_UNCONFIRMED, "nobody is at a terminal to confirm it");
    return err_hint(err, "Run it with --yes to go on without a question.");
}

/* Looked at again, now that no other run is at work. */
static bool
repair_act(Invocation *call, int *mended, Err *err)
{
    Ailments ailments = {0};
    Session session;

    if (!session_open(call, &session, true, err))
        return false;

    bool good = run_doctor(session.run, call->mem, &ailments, err) &&
                run_repair(session.run, &ailments, mended, err);

    session_close(call, &session);
    return good;
}

static void
repair_tell(Invocation *call, int mended, const Ailments *left)
{
    MEM_SCOPE(scope, NULL);

    if (options_json(&call->options))
    {
        json_t *result = doctor_json(left);

        json_object_set_new(result, "mended", json_integer(mended));
        json_give(call, result);
        return;
    }
    if (mended == 0 && left->count == 0)
        out_print(&call->out, "Nothing is half done.\n");
    if (mended > 0)
        out_print(&call->out, "Mended %s.\n", text_count(scope, mended, "thing"));
    if (left->count > 0)
        out_print(&call->out, "%s left: pgstride doctor names %s\n",
                  text_count(scope, left->count, "thing"),
                  left->count == 1 ? "it" : "them");
}

bool
command_repair(Invocation *call, Err *err)
{
    Ailments ailments = {0};
    Ailments left = {0};
    int mended = 0;

    if (call->line.argument_count > 0)
        return repair_dirty(call, err);
    if (!examine(call, &ailments, err))
        return false;
    if (mendable_count(&ailments) > 0 &&
        (!repair_confirmed(call, &ailments, err) || !repair_act(call, &mended, err) ||
         !examine(call, &left, err)))
        return false;
    if (mendable_count(&ailments) == 0)
        left = ailments;
    repair_tell(call, mended, &left);
    return doctor_verdict(&left, err);
}
