#include "core/plan/plain_probe.h"

#include <string.h>

#include "core/sql/dialect.h"

enum
{
    FOUND_MOST = 100
};

/* --- whether --------------------------------------------------------------------- */

static bool
makes_key(const Act *act)
{
    return act->expression.text != NULL && act->relation.name != NULL &&
           (act->action == ACTION_ADD_UNIQUE || act->action == ACTION_ADD_PRIMARY_KEY ||
            (act->action == ACTION_CREATE_INDEX && act->unique));
}

/* --- the question ---------------------------------------------------------------- */

/* What people could not read is told in digits. */
static bool
is_bytes(const TableFact *table, const IndexKey *key)
{
    for (int i = 0; table != NULL && key->column != NULL && i < table->column_count;
         i++)
    {
        const ColumnFact *column = &table->columns[i];

        if (strcasecmp(column->name, key->column) == 0 && column->type != NULL)
            return strcasestr(column->type, "binary") != NULL ||
                   strcasestr(column->type, "blob") != NULL ||
                   strncasecmp(column->type, "bit", 3) == 0;
    }
    return false;
}

/* MIN(a) AS key_1, MIN(b) AS key_2, COUNT(*) AS held: where what is compared is less
 * than the whole, there are several to choose from. */
static void
values_shown(SqlText *sql, const IndexShape *shape, const TableFact *table)
{
    for (int i = 0; i < shape->key_count; i++)
    {
        if (is_bytes(table, &shape->keys[i]))
            sql_raw(sql, "HEX(MIN(");
        else
            sql_raw(sql, "(MIN(");
        sql_parsed(sql, shape->keys[i].value);
        sql_raw(sql, ")) AS key_");
        sql_int(sql, i + 1);
        sql_raw(sql, ", ");
    }
    sql_raw(sql, "COUNT(*) AS held");
}

/* A NULL is like no other; a primary key bears none. */
static void
values_compared(SqlText *sql, const IndexShape *shape, bool primary)
{
    sql_raw(sql, " WHERE 1 = 1");
    for (int i = 0; i < shape->key_count && !primary; i++)
    {
        sql_raw(sql, " AND ");
        sql_parsed(sql, shape->keys[i].value);
        sql_raw(sql, " IS NOT NULL");
    }
    if (shape->where.text != NULL)
    {
        sql_raw(sql, " AND (");
        sql_parsed(sql, shape->where);
        sql_raw(sql, "\n)");
    }
    for (int i = 0; i < shape->key_count; i++)
    {
        if (i == 0)
            sql_raw(sql, " GROUP BY ");
        else
            sql_raw(sql, ", ");
        sql_parsed(sql, shape->keys[i].value);
    }
    sql_raw(sql, " HAVING COUNT(*) > 1");
    for (int i = 0; i < shape->key_count && primary; i++)
    {
        sql_raw(sql, " OR MIN(");
        sql_parsed(sql, shape->keys[i].value);
        sql_raw(sql, ") IS NULL");
    }
}

static const char *
keys_named(Mem *mem, const IndexShape *shape, Probe *probe)
{
    const char **names = mem_array(mem, const char *, shape->key_count);
    Buf text = buf_begin(mem);

    for (int i = 0; i < shape->key_count; i++)
    {
        names[i] = shape->keys[i].column != NULL ? shape->keys[i].column
                                                 : shape->keys[i].shown;
        buf_format(&text, "%s%s", i == 0 ? "(" : ", ", names[i]);
    }
    buf_add(&text, ")");
    probe->keys = names;
    probe->key_count = shape->key_count;
    return text.text;
}

Probe
plain_probe_of(Mem *mem, const Caps *caps, const Act *act, const TableFact *table)
{
    const Dialect *dialect = dialect_of(caps->engine);
    bool primary = act->action == ACTION_ADD_PRIMARY_KEY;
    const char *also = primary ? ", or NULL" : "";
    SqlText sql = sql_begin(mem, caps);
    Probe probe = {0};
    IndexShape shape;

    if (!makes_key(act) || dialect->unique_key == NULL ||
        !dialect->unique_key(mem, act, &shape))
        return probe;
    sql_raw(&sql, "SELECT ");
    values_shown(&sql, &shape, table);
    sql_raw(&sql, " FROM ");
    sql_qname(&sql, &act->relation);
    values_compared(&sql, &shape, primary);
    sql_raw(&sql, " ORDER BY key_1 LIMIT ");
    sql_int(&sql, FOUND_MOST);

    const char *shown = keys_named(mem, &shape, &probe);

    probe.sql.text = sql_done(&sql);
    probe.asks = mem_text(mem, "no two rows share %s%s", shown,
                          primary ? ", and none is NULL" : "");
    probe.one = mem_text(mem, "key %s of \"%s\" is there more than once%s", shown,
                         act->relation.name, also);
    probe.many = mem_text(mem, "keys %s of \"%s\" are there more than once%s", shown,
                          act->relation.name, also);
    return probe;
}

Probe
plain_probe(const Draft *draft, const Statement *statement)
{
    for (int i = 0; i < statement->act_count; i++)
    {
        const Act *act = &statement->acts[i];
        const TableFact *table = draft_table(draft, &act->relation);

        if (!makes_key(act) || table == NULL)
            continue;

        Probe probe = plain_probe_of(draft->mem, draft->request->caps, act, table);

        probe.blame = act->if_exists; /* it may be there: then nothing is compared */
        return probe;
    }
    return (Probe){0};
}
