#include "core/locks/holder.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/units.h"
#include "base/utf8.h"

#define QUERY_SHOWN 120

bool
holder_is_old(const Holder *holder, double budget_ms)
{
    if (holder->kind == HOLDER_PREPARED || holder->kind == HOLDER_WRAPAROUND)
        return true;
    return !holder->age_known || (double)holder->age_ms > budget_ms;
}

/* Ages that are hidden from us do not hide how long we have met the same transaction.
 */
bool
holder_is_passing(const Holder *holder, double budget_ms)
{
    int64_t age_ms = holder->age_known ? holder->age_ms : holder->seen_ms;

    return holder->kind == HOLDER_SESSION &&
           (double)age_ms <= HOLDER_PASSES * budget_ms;
}

/* The query on one line: white space folded, cut between characters. */
static void
add_query(Buf *text, const char *query)
{
    size_t length = strlen(query);
    size_t shown = utf8_cut(query, QUERY_SHOWN);

    buf_add(text, " (");
    for (size_t i = 0; i < shown; i++)
    {
        bool blank = isspace((unsigned char)query[i]);

        if (!blank)
            buf_bytes(text, &query[i], 1);
        else if (i > 0 && !isspace((unsigned char)query[i - 1]))
            buf_add(text, " ");
    }
    buf_add(text, shown < length ? " …)" : ")");
}

/* app_report@10.0.0.7 "nightly" */
static void
add_who(Buf *text, const Holder *holder)
{
    if (holder->user != NULL)
        buf_format(text, " %s@%s", holder->user,
                   holder->client != NULL ? holder->client : "local");
    if (holder->application != NULL && holder->application[0] != '\0')
        buf_format(text, " \"%s\"", holder->application);
}

static void
add_time(Buf *text, Mem *mem, bool known, int64_t millis)
{
    if (known)
        buf_format(text, " for %s", duration_show(mem, (double)millis));
}

/* What it is doing, and for how long. */
static void
add_doing(Buf *text, Mem *mem, const Holder *holder)
{
    /* clang-format off */
    static const char *const doing[] = {
        [HOLDER_SESSION]             = NULL, /* the server's word for it */
        [HOLDER_IDLE_IN_TRANSACTION] = NULL,
        [HOLDER_AUTOVACUUM]          = "autovacuum",
        [HOLDER_WRAPAROUND]          = "autovacuum to prevent wraparound, which does not give way",
        [HOLDER_PREPARED]            = "prepared",
        [HOLDER_SLOT]                = "a standby may still show older rows",
        [HOLDER_UNSEEN]              = "it does not answer, so who reads there is not known",
        [HOLDER_OTHER]               = "background process",
    };
    /* clang-format on */
    const char *word =
        doing[holder->kind] != NULL ? doing[holder->kind] : holder->state;
    bool idle = holder->kind == HOLDER_IDLE_IN_TRANSACTION;

    if (word == NULL)
    {
        buf_add(text, ": its state is hidden from us");
        add_time(text, mem, holder->seen_ms > 0, holder->seen_ms);
        return;
    }
    buf_format(text, ": %s", word);
    add_time(text, mem, holder->age_known, idle ? holder->state_ms : holder->age_ms);
}

char *
holder_show(Mem *mem, const Holder *holder)
{
    Buf text = buf_begin(mem);

    if (holder->kind == HOLDER_UNSEEN)
        buf_format(&text, "standby \"%s\"", holder->standby);
    else if (holder->kind == HOLDER_SLOT)
        buf_format(&text, "replication slot \"%s\"", holder->gid);
    else if (holder->kind != HOLDER_PREPARED)
        buf_format(&text, "pid %" PRId64, holder->pid);
    else if (holder->gid != NULL)
        buf_format(&text, "transaction \"%s\"", holder->gid);
    else
        buf_add(&text, "a transaction");
    add_who(&text, holder);
    if (holder->standby != NULL && holder->kind != HOLDER_UNSEEN)
        buf_format(&text, " on standby \"%s\"", holder->standby);
    add_doing(&text, mem, holder);
    if (!holder->granted)
        buf_add(&text, ", waiting for the lock itself");
    if (holder->query != NULL && holder->query[0] != '\0')
        add_query(&text, holder->query);
    return text.text;
}

char *
holder_advice(Mem *mem, const Holder *holder)
{
    const char *gid = holder->gid != NULL ? holder->gid : "…";

    if (holder->kind == HOLDER_UNSEEN)
        return mem_text(mem, "Bring it back, or run this again without its --standby.");
    if (holder->standby != NULL)
        return mem_text(
            mem,
            "Let it finish, or on that standby: SELECT pg_%s_backend(%" PRId64 ");",
            holder->kind == HOLDER_IDLE_IN_TRANSACTION ? "terminate" : "cancel",
            holder->pid);
    switch (holder->kind)
    {
    case HOLDER_PREPARED:
        return mem_text(
            mem,
            "End it where it was prepared, or: ROLLBACK PREPARED '%s' (or COMMIT).",
            gid);
    case HOLDER_WRAPAROUND:
        return mem_text(
            mem, "Let it finish; a manual VACUUM (FREEZE) without cost limits is "
                 "faster.");
    case HOLDER_AUTOVACUUM:
        return mem_text(mem,
                        "Let it finish, or: SELECT pg_cancel_backend(%" PRId64 ");",
                        holder->pid);
    case HOLDER_SLOT:
        return mem_text(mem, "Let the standby's readers end their transactions.");
    case HOLDER_IDLE_IN_TRANSACTION:
        return mem_text(
            mem,
            "Let its owner commit, or end it when it idles: --on-blocker=%s:30s, or by "
            "hand: SELECT pg_terminate_backend(%" PRId64 ");",
            holder->wrote ? "terminate-idle" : "cancel-idle", holder->pid);
    case HOLDER_SESSION:
    case HOLDER_UNSEEN:
    case HOLDER_OTHER:
        break;
    }
    return mem_text(mem,
                    "Let it finish, or: SELECT pg_cancel_backend(%" PRId64
                    "); then run "
                    "this again.",
                    holder->pid);
}
