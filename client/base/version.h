/* The version of this tool, as `version` prints it and the history keeps it, and its
 * day. */
#ifndef PGSTRIDE_BASE_VERSION_H
#define PGSTRIDE_BASE_VERSION_H

#define PGSTRIDE_VERSION "0.1.0"
#define PGSTRIDE_DATE "2026-11-21"

#endif
