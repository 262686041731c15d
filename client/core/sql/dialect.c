#include "core/sql/dialect.h"

#include <string.h>

#include "core/sql/mysql/mysql.h"
#include "core/sql/sqlite/lite.h"

/* clang-format off */
static const Dialect dialects[] = {
    {"postgres", postgres_parse, sql_token_spans, postgres_digest, postgres_read_fill, NULL, NULL, NULL},
    {"mysql", mysql_parse, mysql_spans, mysql_digest, mysql_read_fill, mysql_level, NULL, my_unique_key},
    {"cockroach", cockroach_parse, sql_token_spans, postgres_digest, postgres_read_fill, NULL, cockroach_note, NULL},
    {"sqlite3", lite_parse, lite_spans, lite_digest, lite_read_fill, lite_level, lite_note, lite_unique_key},
};
/* clang-format on */

const Dialect *
dialect_of(const char *engine)
{
    for (int i = 0; engine != NULL && i < LENGTH(dialects); i++)
        if (strcmp(engine, dialects[i].engine) == 0)
            return &dialects[i];
    return &dialects[0];
}

bool
sql_parse(Mem *mem, const Section *section, Statements *statements, Err *err)
{
    return dialect_of(section->engine)->parse(mem, section, statements, err);
}

SqlSpans
sql_spans(Mem *mem, const char *engine, const char *text, size_t length)
{
    return dialect_of(engine)->spans(mem, text, length);
}

void
sql_checksums(const char *engine, const char *text, Checksums *sums)
{
    sql_checksum_exact(text, sums);
    if (!dialect_of(engine)->digest(text, sums->normal))
        memcpy(sums->normal, sums->exact, sizeof(sums->normal));
}

bool
backfill_read(Mem *mem, const BackfillSource *source, Backfill *fill, Err *err)
{
    return dialect_of(source->section->engine)->read_fill(mem, source, fill, err);
}
