/*
 * What Flyway is told besides its scripts: each key of its configuration that changes
 * what is run is honoured, refused or warned about; none is passed over in silence.
 *
 * They are asked for as the variables that Flyway has for them: FLYWAY_CHERRY_PICK is
 * `cherryPick` in flyway.conf.
 */
#ifndef PGSTRIDE_CORE_FLYWAY_SETTINGS_H
#define PGSTRIDE_CORE_FLYWAY_SETTINGS_H

#include "core/layouts/layout.h"

#define FLYWAY_HISTORY "flyway_schema_history"

/* As a variable or its own configuration file has it. */
const char *flyway_setting(const LayoutRequest *request, const char *variable,
                           const char *usual);
bool flyway_says(const LayoutRequest *request, const char *variable, const char *value);

/* The table, the baseline and the warnings; ERR_REFUSED names the key, and where it
 * stands. */
bool flyway_settings_read(Mem *mem, const LayoutRequest *request,
                          Migrations *migrations, Err *err);

#endif
