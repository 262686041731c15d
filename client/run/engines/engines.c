#include "run/engines/engines.h"

#include <string.h>

#include "run/connect/runner.h"
#include "run/facts/gather.h"
#include "run/steps/gate.h"

static const Engine *const engines[] = {&postgres_engine, &cockroach_engine,
                                        &sqlite_engine, &mysql_engine};

const Engine *
engine_named(const char *name)
{
    for (int i = 0; name != NULL && i < LENGTH(engines); i++)
        if (strcmp(name, engines[i]->name) == 0)
            return engines[i];
    return engines[0];
}

const Engine *
engine_of(const Run *run)
{
    return engine_named(run->caps->engine);
}

bool
engine_may_write(Run *run, Err *err)
{
    const Engine *engine = engine_of(run);

    return engine->may_write == NULL || engine->may_write(run, err);
}

bool
gather_facts(Run *run, Mem *mem, const Needs *needs, Facts *facts, Err *err)
{
    return engine_of(run)->gather(run, mem, needs, facts, err);
}

bool
gate_check(Run *run, const Plan *plan, const Facts *facts, Err *err)
{
    return engine_of(run)->gate(run, plan, facts, err);
}

SqlText
runner_guard(Mem *mem, const Run *run)
{
    return engine_of(run)->guard(mem, run);
}
