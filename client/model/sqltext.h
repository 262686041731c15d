/*
 * SQL under construction, in which a name cannot become syntax.
 *
 * Raw text is accepted only as a string literal of our own source; names, values, and
 * text that the parser has understood each have their own call.
 */
#ifndef PGSTRIDE_MODEL_SQLTEXT_H
#define PGSTRIDE_MODEL_SQLTEXT_H

#include <stdint.h>

#include "base/buf.h"
#include "model/caps.h"
#include "model/names.h"

typedef struct SqlText
{
    Buf buf;
    const Caps *caps;
} SqlText;

/*
 * SQL that was parsed whole: a statement of the user's file, or an expression that the
 * deparser wrote from a tree. Only core/sql makes one from foreign text.
 */
typedef struct SqlParsed
{
    const char *text;
    const char *data; /* the rows of a COPY ... FROM STDIN; NULL: it is none */
} SqlParsed;

SqlText sql_begin(Mem *mem, const Caps *caps);

/* Only a literal compiles here. */
#define sql_raw(sql, literal) sql_raw_bytes((sql), "" literal "", sizeof(literal) - 1)

void sql_ident(SqlText *sql, const char *ident);
void sql_qname(SqlText *sql, const QName *name);
void sql_string(SqlText *sql, const char *value); /* NULL becomes NULL */
void sql_int(SqlText *sql, int64_t value);
void sql_bool(SqlText *sql, bool value);
void sql_millis(SqlText *sql, int64_t millis); /* '100ms' */
void sql_parsed(SqlText *sql, SqlParsed parsed);
void sql_add(SqlText *sql, const SqlText *other);

/* A body inside a dollar quote whose tag does not occur in it. */
void sql_dollar(SqlText *sql, const SqlText *body);

/* The finished text, owned by the Mem given to sql_begin. */
const char *sql_done(const SqlText *sql);

/* --- pgstride's own tables, in the words of Caps.own ----------------------------- */

void sql_own(SqlText *sql, const char *table);
void sql_now(SqlText *sql);
void sql_user(SqlText *sql);
void sql_age(SqlText *sql); /* of the started_at of a row */
void sql_uuid(SqlText *sql, const char *uuid);
void sql_hasty(SqlText *sql); /* before a text that need not be on disk at once */

/* INSERT INTO table, to be followed by (columns) VALUES (...), then by ON CONFLICT on
 * those keys; what is written behind that may name the old row's columns and the new.
 */
void sql_upsert_into(SqlText *sql, const char *table);
void sql_upsert(SqlText *sql, const char *keys);
void sql_old(SqlText *sql, const char *table, const char *column);
void sql_new(SqlText *sql, const char *column);

void sql_raw_bytes(SqlText *sql, const char *literal, size_t length);

#endif
