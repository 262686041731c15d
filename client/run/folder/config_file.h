/* A configuration file from the disk, or from a pipe: -c <(sops -d prod.yml). */
#ifndef PGSTRIDE_RUN_CONFIG_FILE_H
#define PGSTRIDE_RUN_CONFIG_FILE_H

#include "core/config/config.h"

/* Also sees whether everybody may read it. ERR_USAGE names the file. */
bool config_file_read(Mem *mem, const char *path, Config *config, Err *err);

#endif
