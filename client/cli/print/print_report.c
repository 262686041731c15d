#include "cli/print/print_report.h"

#include "base/buf.h"
#include "cli/json.h"
#include "cli/print/print_plan.h"
#include "cli/text.h"

/* clang-format off */
static const struct Words
{
    const char *nothing;   /* there was nothing to do */
    const char *moved;     /* before "N migrations:" */
    const char *completed; /* behind the list */
} words[VERB_COUNT] = {
    [VERB_UP]       = {"Migrations already up to date, nothing to apply",
                       "Successfully applied", "Migrations completed successfully!"},
    [VERB_CONTRACT] = {"No migration waits for contract.",
                       "Successfully contracted", "Contract completed successfully!"},
    [VERB_DOWN]     = {"There are apparently no migrations to roll back.",
                       "Successfully rolled back", "Rollback completed successfully!"},
    [VERB_GOTO]     = {"Already there, nothing to apply and nothing to roll back",
                       NULL, "Arrived."}, /* moved: the words of up and of down */
};
/* clang-format on */

static bool
moved_at_all(const Moved *moved)
{
    return moved->from != moved->to;
}

/* The verb that moves it that way: of the two that goto is made of, or the one. */
static Verb
moved_verb(Verb verb, const Moved *moved)
{
    if (verb != VERB_GOTO)
        return verb;
    return moved->to > moved->from ? VERB_UP : VERB_DOWN;
}

static int
moved_count(const Report *report, Verb verb, Verb part)
{
    int count = 0;

    for (int i = 0; i < report->count; i++)
        count += moved_at_all(&report->items[i]) &&
                 moved_verb(verb, &report->items[i]) == part;
    return count;
}

/* "(email goes on working)": names that mean the new column after contract. */
static char *
surviving_text(Mem *mem, const Plan *plan)
{
    Buf buf = buf_begin(mem);

    for (int i = 0; i < plan->surviving_count; i++)
        buf_format(&buf, "%s%s", i == 0 ? " (" : ", ", plan->surviving[i]);
    if (plan->surviving_count > 0)
        buf_add(&buf,
                plan->surviving_count == 1 ? " goes on working)" : " go on working)");
    return buf.text;
}

/* What stands between this migration and its end: a deploy, and one command. */
static void
print_next(Out *out, const Moved *moved)
{
    MEM_SCOPE(scope, NULL);
    const Plan *plan = moved->plan;
    const char *names = plan == NULL ? NULL : plan_vanishing(scope, plan);

    out_print(out, "\n%s is expanded and backfilled.\n", moved->migration->label);
    if (names == NULL)
        out_print(out, "Next: deploy the code that uses the new shape, then\n");
    else
        out_paragraph(out, 0,
                      mem_text(scope,
                               "Next: deploy code that no longer uses %s%s, then",
                               names, surviving_text(scope, plan)));
    out_print(out, "  pgstride contract %s\n", moved->migration->version);
}

static void
print_list(Out *out, const Report *report, Verb verb, Verb part)
{
    for (int i = 0; i < report->count; i++)
    {
        const Moved *moved = &report->items[i];

        if (!moved_at_all(moved) || moved_verb(verb, moved) != part)
            continue;
        out_print(out, "  %s%s\n", moved->migration->file,
                  moved->to == STATE_EXPANDED ? " (expanded, backfill pending)" : "");
    }
}

/* "Successfully applied 2 migrations:" and their files, a verb at a time; how many. */
static int
print_moved(Out *out, Verb verb, const Report *report, bool complete)
{
    MEM_SCOPE(scope, NULL);
    int all = 0;

    for (Verb part = 0; part < VERB_COUNT; part++)
    {
        int count = moved_count(report, verb, part);

        if (count > 0 && complete)
            out_print(out, "%s %s:\n", words[part].moved,
                      text_count(scope, count, "migration"));
        else if (count > 0 && all == 0)
            out_print(out, "Done so far:\n");
        print_list(out, report, verb, part);
        all += count;
    }
    return all;
}

/* Which of them wait now for a deploy, and for contract. */
static void
print_waiting(Out *out, Verb verb, const Report *report)
{
    MEM_SCOPE(scope, NULL);
    int told = 0;

    if (verb != VERB_UP && verb != VERB_GOTO)
        return;
    for (int i = 0; i < report->count; i++)
        if (report->items[i].to == STATE_BACKFILLED)
        {
            print_next(out, &report->items[i]);
            told++;
        }
    if (told < report->waiting_contract)
        out_print(out, "\n%s for contract: pgstride status names %s\n",
                  report->waiting_contract == 1
                      ? "1 migration waits"
                      : mem_text(scope, "%d migrations wait", report->waiting_contract),
                  report->waiting_contract == 1 ? "it" : "them");
}

void
print_report(Out *out, Verb verb, const Report *report, bool complete)
{
    int count = print_moved(out, verb, report, complete);

    if (!complete)
        return;
    if (count > 0)
        out_print(out, "\n%s\n", words[verb].completed);
    else
        out_print(out, "%s\n", words[verb].nothing);
    print_waiting(out, verb, report);
}

void
print_recorded(Out *out, const Report *report)
{
    MEM_SCOPE(scope, NULL);
    int count = 0;

    for (int i = 0; i < report->count; i++)
        count += moved_at_all(&report->items[i]);
    if (count == 0 && report->leveled != NULL)
        out_print(out, "The history says so already; %s was brought level with it.\n",
                  report->leveled);
    else if (count == 0)
        out_print(out, "The history says so already; nothing was changed.\n");
    else
        out_print(out, "Recorded %s, running nothing:\n",
                  text_count(scope, count, "migration"));
    for (int i = 0; i < report->count; i++)
        if (moved_at_all(&report->items[i]))
            out_print(out, "  %s: %s, was %s\n", report->items[i].migration->file,
                      state_name(report->items[i].to),
                      state_name(report->items[i].from));
}

json_t *
report_json(const Report *report)
{
    json_t *array = json_array();

    for (int i = 0; i < report->count; i++)
    {
        const Moved *moved = &report->items[i];

        json_array_append_new(
            array,
            json_pack("{s:o, s:o, s:o, s:s, s:s, s:o, s:o, s:o}", "version",
                      json_text(moved->migration->version), "name",
                      json_text(moved->migration->name), "file",
                      json_text(moved->migration->file), "from",
                      state_name(moved->from), "to", state_name(moved->to), "took_ms",
                      json_millis(moved->took_ms), "rows", json_count(moved->rows),
                      "stall_ms", json_millis(moved->stall_ms)));
    }
    return json_pack("{s:o, s:i}", "migrations", array, "waiting_contract",
                     report->waiting_contract);
}
