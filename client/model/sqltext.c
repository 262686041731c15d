#include "model/sqltext.h"

#include <inttypes.h>
#include <string.h>

#include "model/keywords.h"

const OwnSql own_postgres = {
    .prefix = "pgstride.",
    .now = "pg_catalog.clock_timestamp()",
    .uuid = "::pg_catalog.uuid",
    .begin = "BEGIN",
    .hasty = "SET LOCAL synchronous_commit = off; ",
    .user = "current_user",
    .age_ms = "CAST(1000 * extract(epoch FROM pg_catalog.clock_timestamp() - "
              "least(started_at, pg_catalog.transaction_timestamp())) AS bigint)",
    .on_conflict = true,
    .deed_done = true,
};

const OwnSql own_mysql = {
    .prefix = "pgstride_",
    .now = "UTC_TIMESTAMP(6)",
    .uuid = "",
    .begin = "START TRANSACTION",
    .hasty = "",
    .user = "substring_index(user(), '@', 1)",
    .age_ms = "timestampdiff(MICROSECOND, started_at, UTC_TIMESTAMP(6)) DIV 1000",
};

SqlText
sql_begin(Mem *mem, const Caps *caps)
{
    return (SqlText){.buf = buf_begin(mem), .caps = caps};
}

void
sql_raw_bytes(SqlText *sql, const char *literal, size_t length)
{
    buf_bytes(&sql->buf, literal, length);
}

/* Other engines have other keywords, so only PostgreSQL's names ever go bare. */
void
sql_ident(SqlText *sql, const char *ident)
{
    MEM_SCOPE(scope, NULL);
    char quote = sql->caps->ident_quote;

    buf_add(&sql->buf, quote == '"' && !sql->caps->quotes_names && ident_plain(ident)
                           ? ident
                           : ident_quoted(scope, ident, quote));
}

void
sql_qname(SqlText *sql, const QName *name)
{
    if (name->schema != NULL)
    {
        sql_ident(sql, name->schema);
        sql_raw(sql, ".");
    }
    sql_ident(sql, name->name);
}

static bool
is_doubled(const Caps *caps, char c)
{
    return c == '\'' || (c == '\\' && !caps->string_verbatim);
}

/*
 * A backslash is doubled wherever it could mean something: always inside PostgreSQL's
 * E'...', whatever standard_conforming_strings says, and in engines that escape with
 * it.
 */
void
sql_string(SqlText *sql, const char *value)
{
    if (value == NULL)
    {
        sql_raw(sql, "NULL");
        return;
    }

    bool backslash = strchr(value, '\\') != NULL && !sql->caps->string_verbatim;

    if (backslash && !sql->caps->string_backslash)
        sql_raw(sql, "E");
    sql_raw(sql, "'");
    for (const char *c = value; *c != '\0'; c++)
    {
        if (is_doubled(sql->caps, *c))
            buf_bytes(&sql->buf, c, 1);
        buf_bytes(&sql->buf, c, 1);
    }
    sql_raw(sql, "'");
}

void
sql_int(SqlText *sql, int64_t value)
{
    buf_format(&sql->buf, "%" PRId64, value);
}

void
sql_bool(SqlText *sql, bool value)
{
    buf_add(&sql->buf, value ? "true" : "false");
}

void
sql_millis(SqlText *sql, int64_t millis)
{
    buf_format(&sql->buf, "'%" PRId64 "ms'", millis);
}

void
sql_parsed(SqlText *sql, SqlParsed parsed)
{
    buf_add(&sql->buf, parsed.text);
}

void
sql_add(SqlText *sql, const SqlText *other)
{
    buf_bytes(&sql->buf, other->buf.text, other->buf.length);
}

/* The opening of the tag must not occur either: a body may end with "$pgstride". */
void
sql_dollar(SqlText *sql, const SqlText *body)
{
    MEM_SCOPE(scope, NULL);
    const char *tag = "$pgstride";

    for (int i = 1; strstr(body->buf.text, tag) != NULL; i++)
        tag = mem_text(scope, "$pgstride%d", i);
    buf_format(&sql->buf, "%s$", tag);
    sql_add(sql, body);
    buf_format(&sql->buf, "%s$", tag);
}

/* --- pgstride's own tables ------------------------------------------------------- */

const OwnSql *
caps_own(const Caps *caps)
{
    return caps->own == NULL ? &own_postgres : caps->own;
}

void
sql_own(SqlText *sql, const char *table)
{
    buf_format(&sql->buf, "%s%s", caps_own(sql->caps)->prefix, table);
}

void
sql_now(SqlText *sql)
{
    buf_add(&sql->buf, caps_own(sql->caps)->now);
}

void
sql_user(SqlText *sql)
{
    buf_add(&sql->buf, caps_own(sql->caps)->user);
}

void
sql_age(SqlText *sql)
{
    buf_add(&sql->buf, caps_own(sql->caps)->age_ms);
}

void
sql_hasty(SqlText *sql)
{
    buf_add(&sql->buf, caps_own(sql->caps)->hasty);
}

void
sql_uuid(SqlText *sql, const char *uuid)
{
    sql_string(sql, uuid);
    buf_add(&sql->buf, caps_own(sql->caps)->uuid);
}

void
sql_upsert_into(SqlText *sql, const char *table)
{
    sql_raw(sql, "INSERT INTO ");
    sql_own(sql, table);
    if (caps_own(sql->caps)->on_conflict)
        buf_format(&sql->buf, " AS %s", table);
}

void
sql_upsert(SqlText *sql, const char *keys)
{
    if (caps_own(sql->caps)->on_conflict)
        buf_format(&sql->buf, " ON CONFLICT (%s) DO UPDATE SET ", keys);
    else
        sql_raw(sql, " ON DUPLICATE KEY UPDATE ");
}

void
sql_old(SqlText *sql, const char *table, const char *column)
{
    if (caps_own(sql->caps)->on_conflict)
        buf_format(&sql->buf, "%s.", table);
    sql_ident(sql, column);
}

void
sql_new(SqlText *sql, const char *column)
{
    bool on_conflict = caps_own(sql->caps)->on_conflict;

    buf_add(&sql->buf, on_conflict ? "excluded." : "VALUES(");
    sql_ident(sql, column);
    buf_add(&sql->buf, on_conflict ? "" : ")");
}

const char *
sql_done(const SqlText *sql)
{
    return sql->buf.text;
}
