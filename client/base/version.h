/* The version of this tool, as `version` prints it and the history keeps it, its day,
 * and the protocol that it speaks with the server extension. */
#ifndef PGSTRIDE_BASE_VERSION_H
#define PGSTRIDE_BASE_VERSION_H

#define PGSTRIDE_VERSION "0.1.0"
#define PGSTRIDE_DATE "2026-11-21"
#define PGSTRIDE_PROTOCOL 1

#endif
