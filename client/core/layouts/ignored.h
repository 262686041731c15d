/*
 * Files of a folder that its runner passes over though they are named as if they were
 * migrations: V16_x.sql, which has one "_" too few for Flyway. It says nothing of them,
 * and neither they nor what they should have done are missed before it is too late.
 */
#ifndef PGSTRIDE_CORE_IGNORED_H
#define PGSTRIDE_CORE_IGNORED_H

#include "core/layouts/layout.h"

/* Named by their beginning, as migrations are, wherever their ending leads: in a
 * subfolder only what could be Flyway's. */
bool name_is_meant(const char *name);

/* What is to be said of them, once for all; NULL: nothing. */
const char *ignored_show(Mem *mem, const LayoutRequest *request, const Layout *layout,
                         const Migrations *migrations);

#endif
