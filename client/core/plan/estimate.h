/* Estimates for `plan`: rows, WAL, growth and time of a step, from the catalog alone.
 */
#ifndef PGSTRIDE_CORE_ESTIMATE_H
#define PGSTRIDE_CORE_ESTIMATE_H

#include "model/facts.h"
#include "model/step.h"

void estimate_step(const Facts *facts, Step *step);

#endif
