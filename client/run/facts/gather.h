/* Facts for core: what the catalog says about everything a migration names. */
#ifndef PGSTRIDE_RUN_GATHER_H
#define PGSTRIDE_RUN_GATHER_H

#include "model/facts.h"
#include "run/run.h"

/* A table that does not exist is a fact too (exists = false), not an error. */
bool gather_facts(Run *run, Mem *mem, const Needs *needs, Facts *facts, Err *err);

bool postgres_gather(Run *run, Mem *mem, const Needs *needs, Facts *facts, Err *err);

#endif
