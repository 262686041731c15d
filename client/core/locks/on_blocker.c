#include "core/locks/on_blocker.h"

#include <string.h>

#include "base/units.h"
#include "core/locks/holder.h"

/* An application is often idle between two statements; shorter than this it works. */
#define IDLE_LEAST_MS 1000

/* clang-format off */
static const char *const rule_words[] = {
    [BLOCKER_WAIT]           = "wait",
    [BLOCKER_CANCEL_IDLE]    = "cancel-idle",
    [BLOCKER_TERMINATE_IDLE] = "terminate-idle",
};
/* clang-format on */

bool
on_blocker_read(const char *text, OnBlocker *rule)
{
    size_t length = strcspn(text, ":");

    *rule = (OnBlocker){.rule = BLOCKER_WAIT};
    if (strcmp(text, rule_words[BLOCKER_WAIT]) == 0)
        return true;
    for (int i = BLOCKER_CANCEL_IDLE; i < LENGTH(rule_words); i++)
        if (strlen(rule_words[i]) == length && text[length] == ':' &&
            strncmp(text, rule_words[i], length) == 0)
        {
            rule->rule = (BlockerRule)i;
            return duration_read(text + length + 1, &rule->idle) &&
                   rule->idle >= IDLE_LEAST_MS;
        }
    return false;
}

char *
on_blocker_show(Mem *mem, const OnBlocker *rule)
{
    MEM_SCOPE(scope, mem);

    if (rule->rule == BLOCKER_WAIT)
        return mem_copy(mem, rule_words[BLOCKER_WAIT]);
    return mem_text(mem, "%s:%s", rule_words[rule->rule],
                    duration_exact(scope, rule->idle));
}

static bool
may_end(const OnBlocker *rule, const Holder *holder)
{
    return holder->kind == HOLDER_IDLE_IN_TRANSACTION && holder->standby == NULL &&
           !holder->asked && holder->begun_us > 0 && holder->state_us > 0 &&
           holder->state_ms >= rule->idle &&
           (rule->rule == BLOCKER_TERMINATE_IDLE || !holder->wrote);
}

const Holder *
blocker_to_end(const OnBlocker *rule, const Look *look, double budget_ms)
{
    const Holder *idler = NULL;

    for (int i = 0; rule->rule != BLOCKER_WAIT && i < look->count; i++)
    {
        const Holder *holder = &look->holders[i];

        if (may_end(rule, holder))
            idler = idler != NULL ? idler : holder;
        else if (holder_is_old(holder, budget_ms) &&
                 holder->kind != HOLDER_AUTOVACUUM &&
                 !holder_is_passing(holder, budget_ms))
            return NULL;
    }
    return idler;
}
