/*
 * Whether the server extension can be used, and what is said where it cannot. Pure.
 *
 * Without it everything works from here, with the same results: that it cannot be used
 * is worth a warning, never an error.
 */
#ifndef PGSTRIDE_CORE_EXTENSION_H
#define PGSTRIDE_CORE_EXTENSION_H

#include "base/mem.h"
#include "model/caps.h"

/* What its protocol makes of it. */
ExtensionState extension_judge(int protocol);

/* What is wrong with it and what helps, in one line; NULL: nothing is. `why`: with
 * which words it failed, where it is broken. */
const char *extension_trouble(Mem *mem, const Extension *extension, const char *why);

#endif
