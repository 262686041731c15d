/* What doctor and repair show. */
#ifndef PGSTRIDE_CLI_PRINT_DOCTOR_H
#define PGSTRIDE_CLI_PRINT_DOCTOR_H

#include <jansson.h>

#include "cli/out.h"
#include "run/doctor/doctor.h"

void print_doctor(Out *out, const char *database, const Ailments *ailments);
void print_dirty(Out *out, const DirtyPart *part);

/* {"healthy", "ailments": [...], "notes": [...]} */
json_t *doctor_json(const Ailments *ailments);

#endif
