#include "model/facts.h"

#include <stdlib.h>
#include <string.h>

const TableFact *
facts_table(const Facts *facts, const QName *asked)
{
    for (int i = 0; i < facts->table_count; i++)
        if (qname_equal(&facts->tables[i].asked, asked) ||
            (facts->tables[i].exists && qname_equal(&facts->tables[i].name, asked)))
            return &facts->tables[i];
    return NULL;
}

const ColumnFact *
table_column(const TableFact *table, const char *name)
{
    for (int i = 0; table != NULL && i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    return NULL;
}

/* mentions is "1,4,12": attribute numbers as the catalog queries join them. */
bool
fact_mentions(const char *mentions, int64_t number)
{
    const char *at = mentions;

    while (at != NULL && *at != '\0')
    {
        char *end;

        if (strtoll(at, &end, 10) == number)
            return true;
        at = *end == ',' ? end + 1 : NULL;
    }
    return false;
}
