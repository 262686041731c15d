/* The object that --format json prints, as YAML: one document, in block style. */
#ifndef PGSTRIDE_CLI_YAML_OUT_H
#define PGSTRIDE_CLI_YAML_OUT_H

#include <jansson.h>

#include "cli/out.h"

void yaml_print(Out *out, json_t *value);

#endif
