#include "core/plan/probe.h"

#include <string.h>

/* Longer values are cut where they are shown. */
#define SHOWN_CHARACTERS 60

/* --- the frame: how many, and the first of them ---------------------------------- */

static SqlText
probe_begin(const Draft *draft)
{
    SqlText sql = sql_begin(draft->mem, draft->request->caps);

    sql_raw(&sql, "SELECT pg_catalog.count(*) AS left_over, "
                  "pg_catalog.string_agg(found.row_named, '; ' ORDER BY found.place) "
                  "FILTER (WHERE found.place <= 3) AS examples FROM (SELECT ");
    return sql;
}

static Probe
probe_end(SqlText *sql)
{
    sql_raw(sql, " LIMIT 100) AS found");
    return (Probe){.sql = {sql_done(sql)}};
}

/* --- rows ------------------------------------------------------------------------ */

static const char *
primary_key_numbers(const TableFact *table)
{
    for (int i = 0; table != NULL && i < table->index_count; i++)
        if (table->indexes[i].primary)
            return table->indexes[i].mentions;
    return NULL;
}

/* "id 881", or "row at (7,3)". */
static void
row_named(const Draft *draft, const QName *name, SqlText *sql)
{
    const TableFact *table = draft_table(draft, name);
    const char *key = primary_key_numbers(table);

    sql_raw(sql, "pg_catalog.concat_ws(', '");
    for (int i = 0; key != NULL && i < table->column_count; i++)
        if (fact_mentions(key, table->columns[i].number))
        {
            sql_raw(sql, ", pg_catalog.concat(");
            sql_string(sql, table->columns[i].name);
            sql_raw(sql, ", ' ', ");
            sql_ident(sql, table->columns[i].name);
            sql_raw(sql, ")");
        }
    if (key == NULL)
        sql_raw(sql, ", pg_catalog.concat('row at ', ctid)");
    sql_raw(sql, ") AS row_named, pg_catalog.row_number() OVER () AS place FROM ");
}

Probe
probe_of_rows(const Draft *draft, const QName *table, SqlParsed condition)
{
    SqlText sql = probe_begin(draft);

    row_named(draft, table, &sql);
    sql_qname(&sql, table);
    sql_raw(&sql, " WHERE (");
    sql_parsed(&sql, condition);
    sql_raw(&sql, ") IS FALSE");
    return probe_end(&sql);
}

Probe
probe_of_nulls(const Draft *draft, const QName *table, SqlParsed condition)
{
    Probe probe = probe_of_rows(draft, table, condition);

    probe.asks = mem_text(draft->mem, "%s in every row", condition.text);
    probe.one = mem_text(draft->mem, "row of \"%s\" is NULL where it must not be: %s",
                         table->name, condition.text);
    probe.many = mem_text(draft->mem,
                          "rows of \"%s\" are NULL where they must not be: "
                          "%s",
                          table->name, condition.text);
    return probe;
}

/* --- foreign keys ---------------------------------------------------------------- */

/* NULLs point at nothing and need not; MATCH FULL wants all of them NULL, or none. */
static void
orphans_where(SqlText *sql, const Act *key)
{
    for (int i = 0; i < key->column_count; i++)
    {
        if (i > 0 && key->match_full)
            sql_raw(sql, " OR ");
        else if (i > 0)
            sql_raw(sql, " AND ");
        sql_raw(sql, "pgstride_row.");
        sql_ident(sql, key->columns[i]);
        sql_raw(sql, " IS NOT NULL");
    }
}

static bool
is_partitioned(const Draft *draft, const QName *name)
{
    const TableFact *table = draft_table(draft, name);

    return table != NULL && strcmp(table->kind, "p") == 0;
}

Probe
probe_of_orphans(const Draft *draft, const Act *key, const char *const *columns)
{
    SqlText sql = probe_begin(draft);

    row_named(draft, &key->relation, &sql);
    if (!is_partitioned(draft, &key->relation))
        sql_raw(&sql, "ONLY ");
    sql_qname(&sql, &key->relation);
    sql_raw(&sql, " AS pgstride_row WHERE (");
    orphans_where(&sql, key);
    sql_raw(&sql, ") AND NOT EXISTS (SELECT FROM ");
    if (!is_partitioned(draft, &key->other))
        sql_raw(&sql, "ONLY ");
    sql_qname(&sql, &key->other);
    sql_raw(&sql, " AS pgstride_target WHERE true");
    for (int i = 0; i < key->column_count; i++)
    {
        sql_raw(&sql, " AND pgstride_target.");
        sql_ident(&sql, columns[i]);
        sql_raw(&sql, " = pgstride_row.");
        sql_ident(&sql, key->columns[i]);
    }
    sql_raw(&sql, ")");

    Probe probe = probe_end(&sql);

    probe.asks =
        mem_text(draft->mem, "every row points at a row of %s", key->other.name);
    probe.one = mem_text(draft->mem, "row of \"%s\" points at no row of \"%s\"",
                         key->relation.name, key->other.name);
    probe.many = mem_text(draft->mem, "rows of \"%s\" point at no row of \"%s\"",
                          key->relation.name, key->other.name);
    return probe;
}

/* One that holds no row yet is read in no time. */
Probe
probe_of_parts(const Draft *draft, const QName *table, const char *constraint)
{
    const TableFact *fact = draft_table(draft, table);
    SqlText sql = probe_begin(draft);

    sql_raw(&sql, "part.relid::pg_catalog.text AS row_named, pg_catalog.row_number() "
                  "OVER (ORDER BY part.relid) AS place "
                  "FROM pg_catalog.pg_partition_tree(");
    sql_int(&sql, fact == NULL ? 0 : fact->oid);
    sql_raw(&sql, "::pg_catalog.regclass) AS part WHERE part.isleaf "
                  "AND pg_catalog.pg_relation_size(part.relid) > 0 "
                  "AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS own "
                  "WHERE own.conrelid = part.relid AND own.contype = 'f' "
                  "AND own.convalidated AND own.conname = ");
    sql_string(&sql, constraint);
    sql_raw(&sql, ")");

    Probe probe = probe_end(&sql);

    probe.asks =
        mem_text(draft->mem, "every partition of %s has its foreign key", table->name);
    probe.one = mem_text(draft->mem,
                         "partition of \"%s\" came while the others got their foreign "
                         "key: the next run sees to it",
                         table->name);
    probe.many = mem_text(draft->mem,
                          "partitions of \"%s\" came while the others got their "
                          "foreign key: the next run sees to them",
                          table->name);
    return probe;
}

/* --- keys ------------------------------------------------------------------------ */

/* "(email, lower(name))" */
static const char *
keys_shown(Mem *mem, const IndexShape *shape)
{
    Buf text = buf_begin(mem);

    for (int i = 0; i < shape->key_count; i++)
        buf_format(&text, "%s%s", i == 0 ? "(" : ", ", shape->keys[i].shown);
    buf_add(&text, ")");
    return text.text;
}

/* "email twice@example.com, 2 rows" */
static void
key_named(SqlText *sql, const IndexShape *shape)
{
    sql_raw(sql, "pg_catalog.concat_ws(', '");
    for (int i = 0; i < shape->key_count; i++)
    {
        const IndexKey *key = &shape->keys[i];

        sql_raw(sql, ", pg_catalog.concat(");
        sql_string(sql, key->shown);
        sql_raw(sql, ", ' ', pg_catalog.left(pg_catalog.concat(");
        sql_parsed(sql, key->value);
        sql_raw(sql, "), ");
        sql_int(sql, SHOWN_CHARACTERS);
        sql_raw(sql, "))");
    }
    sql_raw(sql, ", pg_catalog.concat(pg_catalog.count(*), ' rows')) AS row_named, "
                 "pg_catalog.row_number() OVER () AS place FROM ");
}

/* Only rows that are in the index; a NULL is like no other, unless it says so. */
static void
keys_where(SqlText *sql, const IndexShape *shape)
{
    sql_raw(sql, " WHERE true");
    for (int i = 0; i < shape->key_count && !shape->nulls_equal; i++)
    {
        sql_raw(sql, " AND ");
        sql_parsed(sql, shape->keys[i].value);
        sql_raw(sql, " IS NOT NULL");
    }
    if (shape->where.text == NULL)
        return;
    sql_raw(sql, " AND (");
    sql_parsed(sql, shape->where);
    sql_raw(sql, ")");
}

Probe
probe_of_duplicates(const Draft *draft, const QName *table, const IndexShape *shape)
{
    const char *shown = keys_shown(draft->mem, shape);
    SqlText sql = probe_begin(draft);

    key_named(&sql, shape);
    /* An index of a table is not one of those that inherit from it. */
    if (!is_partitioned(draft, table))
        sql_raw(&sql, "ONLY ");
    sql_qname(&sql, table);
    keys_where(&sql, shape);
    sql_raw(&sql, " GROUP BY ");
    for (int i = 0; i < shape->key_count; i++)
    {
        if (i > 0)
            sql_raw(&sql, ", ");
        sql_parsed(&sql, shape->keys[i].value);
    }
    sql_raw(&sql, " HAVING pg_catalog.count(*) > 1");

    Probe probe = probe_end(&sql);

    probe.asks = mem_text(draft->mem, "no two rows share %s", shown);
    probe.one = mem_text(draft->mem, "key %s of \"%s\" is there more than once", shown,
                         table->name);
    probe.many = mem_text(draft->mem, "keys %s of \"%s\" are there more than once",
                          shown, table->name);
    return probe;
}
