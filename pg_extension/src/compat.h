/*
 * What differs between PostgreSQL 13 and 18, and nothing else: the only file that asks
 * for the version.
 */
#ifndef PGSTRIDE_SERVER_COMPAT_H
#define PGSTRIDE_SERVER_COMPAT_H

#if PG_VERSION_NUM < 130000 || PG_VERSION_NUM >= 190000
#error "pgstride's extension is for PostgreSQL 13 to 18"
#endif

#endif
