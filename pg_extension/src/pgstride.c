/*
 * The module itself, and the number by which client and server know each other.
 */
#include "postgres.h"

#include "fmgr.h"

#include "compat.h"

PG_MODULE_MAGIC;

/* Goes up by one when a function's arguments, results or meaning change. */
#define PROTOCOL 1

PG_FUNCTION_INFO_V1(pgstride_protocol);

Datum
pgstride_protocol(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT32(PROTOCOL);
}
