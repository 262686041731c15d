#include "core/plan/phase.h"

#include <string.h>

#include "unit/sources.h"
#include "unit/unit.h"

static Section whole[] = {{.phase = PHASE_UP}};
static Section expand[] = {{.phase = PHASE_EXPAND}};
static Section phased[] = {
    {.phase = PHASE_EXPAND}, {.phase = PHASE_BACKFILL}, {.phase = PHASE_CONTRACT}};
static Section undoable[] = {{.phase = PHASE_CONTRACT},
                             {.phase = PHASE_CONTRACT, .down = true}};
static Section undone_whole[] = {{.phase = PHASE_CONTRACT},
                                 {.phase = PHASE_UP, .down = true}};

#define MIGRATION(of)                                                                  \
    ((Migration){.version = "7",                                                       \
                 .label = "7_" #of,                                                    \
                 .sections = (of),                                                     \
                 .section_count = LENGTH(of)})

/* The state that is reached, or STATE_COUNT when the move is refused. */
static State
reach(Migration migration, State from, Verb verb)
{
    const Transition *move = NULL;
    Err err = {0};
    bool moved = phase_move(&migration, from, verb, &move, &err);

    ck_assert(moved == (move != NULL));
    ck_assert(moved || err.kind == ERR_REFUSED);
    err_clear(&err);
    return moved ? move->to : STATE_COUNT;
}

START_TEST(every_edge_is_walked_one_at_a_time)
{
    ck_assert_int_eq(reach(MIGRATION(phased), STATE_PENDING, VERB_UP), STATE_EXPANDED);
    ck_assert_int_eq(reach(MIGRATION(phased), STATE_EXPANDED, VERB_UP),
                     STATE_BACKFILLED);
    ck_assert_int_eq(reach(MIGRATION(phased), STATE_BACKFILLED, VERB_CONTRACT),
                     STATE_CONTRACTED);
    ck_assert_int_eq(reach(MIGRATION(phased), STATE_EXPANDED, VERB_DOWN),
                     STATE_PENDING);
    ck_assert_int_eq(reach(MIGRATION(phased), STATE_BACKFILLED, VERB_DOWN),
                     STATE_PENDING);
}
END_TEST

START_TEST(up_finishes_what_has_nothing_to_contract)
{
    ck_assert_int_eq(reach(MIGRATION(whole), STATE_PENDING, VERB_UP), STATE_CONTRACTED);
    ck_assert_int_eq(reach(MIGRATION(expand), STATE_PENDING, VERB_UP),
                     STATE_CONTRACTED);
    ck_assert_int_eq(reach(MIGRATION(whole), STATE_CONTRACTED, VERB_DOWN),
                     STATE_PENDING);
    ck_assert_int_eq(reach(MIGRATION(expand), STATE_CONTRACTED, VERB_DOWN),
                     STATE_PENDING);
}
END_TEST

START_TEST(an_edge_says_which_phase_it_runs)
{
    Migration migration = MIGRATION(expand);
    const Transition *move = NULL;
    Err err = {0};

    ck_assert(phase_move(&migration, STATE_PENDING, VERB_UP, &move, &err));
    ck_assert_int_eq(move->phase, PHASE_EXPAND);
    migration = MIGRATION(phased);
    ck_assert(phase_move(&migration, STATE_EXPANDED, VERB_UP, &move, &err));
    ck_assert_int_eq(move->phase, PHASE_BACKFILL);
}
END_TEST

START_TEST(contract_is_taken_back_only_where_the_file_says_how)
{
    ck_assert_int_eq(reach(MIGRATION(undoable), STATE_CONTRACTED, VERB_DOWN),
                     STATE_PENDING);
    ck_assert_int_eq(reach(MIGRATION(undone_whole), STATE_CONTRACTED, VERB_DOWN),
                     STATE_PENDING);
    ck_assert_int_eq(reach(MIGRATION(phased), STATE_CONTRACTED, VERB_DOWN),
                     STATE_COUNT);
}
END_TEST

START_TEST(no_row_no_move)
{
    ck_assert_int_eq(reach(MIGRATION(phased), STATE_PENDING, VERB_CONTRACT),
                     STATE_COUNT);
    ck_assert_int_eq(reach(MIGRATION(phased), STATE_PENDING, VERB_DOWN), STATE_COUNT);
    ck_assert_int_eq(reach(MIGRATION(phased), STATE_BACKFILLED, VERB_UP), STATE_COUNT);
    ck_assert_int_eq(reach(MIGRATION(phased), STATE_CONTRACTED, VERB_UP), STATE_COUNT);
    ck_assert_int_eq(reach(MIGRATION(whole), STATE_BACKFILLED, VERB_CONTRACT),
                     STATE_COUNT);
}
END_TEST

START_TEST(a_refusal_names_state_and_way_out)
{
    MEM_SCOPE(scope, NULL);
    Migration migration = MIGRATION(phased);
    const Transition *move;
    Err err = {0};

    phase_move(&migration, STATE_EXPANDED, VERB_CONTRACT, &move, &err);
    ck_assert_str_eq(err_line(scope, &err),
                     "cannot contract a migration that is expanded: 7_phased | Run it "
                     "first: pgstride up 7.");
    phase_move(&migration, STATE_PENDING, VERB_DOWN, &move, &err);
    ck_assert_str_eq(err_line(scope, &err),
                     "cannot take down a migration that is pending: 7_phased");
    phase_move(&migration, STATE_CONTRACTED, VERB_DOWN, &move, &err);
    ck_assert_ptr_nonnull(
        strstr(err_line(scope, &err), "7_phased has no \"down contract\" section"));
}
END_TEST

START_TEST(up_stops_where_the_application_must_be_deployed)
{
    Migration migration = MIGRATION(phased);

    ck_assert_int_eq(phase_goal(&migration, PHASE_BACKFILL), STATE_BACKFILLED);
    ck_assert_int_eq(phase_goal(&migration, PHASE_EXPAND), STATE_EXPANDED);
    ck_assert_int_eq(phase_goal(&migration, PHASE_CONTRACT), STATE_CONTRACTED);
    migration = MIGRATION(whole);
    ck_assert_int_eq(phase_goal(&migration, PHASE_BACKFILL), STATE_CONTRACTED);
    migration = MIGRATION(expand);
    ck_assert_int_eq(phase_goal(&migration, PHASE_BACKFILL), STATE_CONTRACTED);
}
END_TEST

START_TEST(the_diagram_has_a_line_for_every_edge)
{
    MEM_SCOPE(scope, NULL);
    const char *diagram = phase_diagram(scope);
    int lines = 0;

    for (const char *at = diagram; *at != '\0'; at++)
        lines += *at == '\n';
    ck_assert_int_eq(lines, 10);
    ck_assert_ptr_nonnull(strstr(
        diagram,
        "backfilled  -- contract -->  contracted  only the new shape is left\n"));
    ck_assert_ptr_nonnull(strstr(diagram, "(by \"down contract\" only)\n"));
}
END_TEST

START_TEST(words_are_read_back)
{
    State state;

    for (int i = 0; i < STATE_COUNT; i++)
        ck_assert(state_read(state_name((State)i), &state) && (int)state == i);
    ck_assert(!state_read("Pending", &state));
    ck_assert_str_eq(verb_name(VERB_CONTRACT), "contract");
}
END_TEST

UNIT("phase", every_edge_is_walked_one_at_a_time,
     up_finishes_what_has_nothing_to_contract, an_edge_says_which_phase_it_runs,
     contract_is_taken_back_only_where_the_file_says_how, no_row_no_move,
     a_refusal_names_state_and_way_out, up_stops_where_the_application_must_be_deployed,
     the_diagram_has_a_line_for_every_edge, words_are_read_back)
