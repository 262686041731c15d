#include "core/locks/lock_blame.h"

#include "base/buf.h"
#include "base/units.h"
#include "core/locks/holder.h"

#define NAMED_MOST 8

/* 14 tries in 6.2 s, 41 ms queued */
static char *
cost_spent_show(Mem *mem, const Cost *cost, double elapsed_ms)
{
    return mem_text(mem, "%d %s in %s, %s queued", cost->tries,
                    cost->tries == 1 ? "try" : "tries", duration_show(mem, elapsed_ms),
                    duration_show(mem, cost->queued_ms));
}

/* ACCESS EXCLUSIVE on "shop.orders" and "customers" */
static char *
locks_show(Mem *mem, const LockBlame *blame)
{
    Buf text = buf_begin(mem);

    for (int i = 0; i < blame->lock_count; i++)
    {
        const LockNeed *lock = &blame->locks[i];

        if (i == 0 || lock->mode != blame->locks[i - 1].mode)
            buf_format(&text, "%s%s on ", i > 0 ? ", " : "", lock_mode_sql(lock->mode));
        else
            buf_add(&text, " and ");
        buf_format(&text, "\"%s\"", qname_show(mem, &lock->relation));
    }
    return blame->lock_count > 0 ? text.text : "what the statements touch";
}

/* Those that others may have to end; passers-by only where there is nobody else. */
static void
name_holders(Mem *mem, const LockBlame *blame, Err *err)
{
    double budget_ms = blame->terms->budget_ms;
    bool any_old = false;
    int named = 0, more = 0;

    for (int i = 0; i < blame->look->count; i++)
        any_old = any_old || holder_is_old(&blame->look->holders[i], budget_ms);
    for (int i = 0; i < blame->look->count; i++)
    {
        const Holder *holder = &blame->look->holders[i];

        if (any_old && !holder_is_old(holder, budget_ms))
            continue;
        if (++named > NAMED_MOST)
            more++;
        else
            err_detail(err, "%s by %s", holder->granted ? "held" : "wanted",
                       holder_show(mem, holder));
    }
    if (more > 0)
        err_detail(err, "and by %d more", more);
    if (named == 0)
        err_detail(err, "nobody holds it for long: short statements follow each other "
                        "without a gap");
}

static bool
refuse_too_long(Mem *mem, const LockBlame *blame, Err *err)
{
    err_set(err, ERR_REFUSED,
            "its statements hold %s for longer than the stall budget of %s",
            locks_show(mem, blame), duration_show(mem, blame->terms->budget_ms));
    err_detail(err, "%s; every try was rolled back",
               cost_spent_show(mem, blame->cost, blame->cost->took_ms));
    if (blame->decision->hold_ms > 0)
        err_detail(err, "while nobody waited it could have taken %s",
                   duration_show(mem, blame->decision->hold_ms));
    return err_hint(err, "Raise the budget with --max-stall, or split the step.");
}

bool
lock_blame(const LockBlame *blame, Err *err)
{
    MEM_SCOPE(scope, NULL);

    if (blame->decision->move == LOCK_GIVE_UP_TOO_LONG)
        return refuse_too_long(scope, blame, err);
    err_set(err, ERR_BUSY, "could not get %s within %s", locks_show(scope, blame),
            duration_show(scope, blame->terms->patience_ms));
    name_holders(scope, blame, err);
    err_detail(err, "%s", cost_spent_show(scope, blame->cost, blame->cost->took_ms));
    if (blame->decision->holder != NULL)
        return err_hint(err, "%s", holder_advice(scope, blame->decision->holder));
    return err_hint(err, "Run it again when there is less traffic, or with a longer "
                         "--lock-patience.");
}
