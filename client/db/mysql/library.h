/* The client library's header, which has a list_add of its own. */
#ifndef PGSTRIDE_DB_MYSQL_LIBRARY_H
#define PGSTRIDE_DB_MYSQL_LIBRARY_H

#pragma push_macro("list_add")
#undef list_add
#include <mysql.h>
#pragma pop_macro("list_add")

#endif
