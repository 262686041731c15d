/* A MySQL or MariaDB server's address: URLs, and the strings of Go's driver. */
#ifndef PGSTRIDE_CORE_TARGET_MYSQL_H
#define PGSTRIDE_CORE_TARGET_MYSQL_H

#include "base/err.h"
#include "model/target.h"

/*
 * mysql://user:password@host:3306/shop?tls=require, with mariadb:// and maria:// for
 * the same; jdbc:mysql://... and jdbc:mariadb://...; user:password@tcp(host:3306)/shop
 * and
 * @unix(/path/to/socket)/shop with or without mysql:// before, where the password
 * stands raw. Of the parameters, those that protect the connection (every tool has its
 * own words for them), socket, option-file, time_zone and sql_mode count; what only
 * pools and other drivers read is dropped, and one that nobody knows is ERR_USAGE.
 *
 * Target.given is what db/mysql/address.h reads.
 */
bool target_mysql(Mem *mem, const char *given, Target *target, Err *err);

#endif
