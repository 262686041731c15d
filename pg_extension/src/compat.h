/*
 * What differs between PostgreSQL 13 and 18, and nothing else: the only file that asks
 * for the version.
 */
#ifndef PGSTRIDE_SERVER_COMPAT_H
#define PGSTRIDE_SERVER_COMPAT_H

#if PG_VERSION_NUM < 130000 || PG_VERSION_NUM >= 190000
#error "pgstride's extension is for PostgreSQL 13 to 18"
#endif

/* Since 14 the parser says what kind of text it is given, and knows a coercion that
 * takes the way of PL/pgSQL's assignments: by text where no cast leads there. */
#if PG_VERSION_NUM < 140000
#define parse_statement(text) raw_parser(text)
#define COERCION_PLPGSQL COERCION_ASSIGNMENT
#else
#define parse_statement(text) raw_parser((text), RAW_PARSE_DEFAULT)
#endif

/* What no other transaction of this backend is numbered. */
#if PG_VERSION_NUM < 170000
#define MyLocalTransaction (MyProc->lxid)
#else
#define MyLocalTransaction (MyProc->vxid.lxid)
#endif

#endif
