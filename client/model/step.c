#include "model/step.h"

static const char *const work_names[WORK_COUNT] = {
    [WORK_FAST] = "fast",       [WORK_SCAN] = "scan",       [WORK_BUILD] = "build",
    [WORK_REWRITE] = "rewrite", [WORK_BATCHES] = "batches",
};

static const char *const kind_names[STEP_KIND_COUNT] = {
    [STEP_TRANSACTION] = "transaction", [STEP_ALONE] = "alone",
    [STEP_INDEX_BUILD] = "index build", [STEP_INDEX_DROP] = "index drop",
    [STEP_REINDEX] = "reindex",         [STEP_VALIDATE] = "validate",
    [STEP_BACKFILL] = "backfill",       [STEP_ANALYZE] = "analyze",
};

static const char *const undo_phases[PHASE_COUNT] = {
    [PHASE_UP] = "undo up",
    [PHASE_EXPAND] = "undo expand",
    [PHASE_BACKFILL] = "undo backfill",
    [PHASE_CONTRACT] = "undo contract",
};

const char *
work_name(Work work)
{
    return work_names[work];
}

const char *
step_kind_name(StepKind kind)
{
    return kind_names[kind];
}

const char *
step_phase(const Step *step)
{
    return step->undoes ? undo_phases[step->phase] : phase_name(step->phase);
}

bool
step_is_concurrent(const Step *step)
{
    return step->kind == STEP_INDEX_BUILD || step->kind == STEP_INDEX_DROP ||
           step->kind == STEP_REINDEX;
}

const char *
step_heading(const Step *step)
{
    return step->repairs ? "repair" : step->undoes ? "down" : phase_name(step->phase);
}
