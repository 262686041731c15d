/* Shared between the files of core/sql only. */
#ifndef PGSTRIDE_CORE_SQL_TOKENS_H
#define PGSTRIDE_CORE_SQL_TOKENS_H

#include "base/digest.h"
#include "core/sql/pg/pg.h"
#include "core/sql/sql.h"

/* SHA-256 over the tokens of text: layout and comments do not count. */
void tokens_digest(const char *text, const PgRanges *tokens, char hex[DIGEST_HEX]);

/* The rows of a COPY ... FROM STDIN, up to the line "\\." that ends them. */
typedef struct SqlData
{
    size_t behind; /* the end of its statement, semicolon included */
    size_t offset;
    size_t length;
} SqlData;

typedef LIST(SqlData) SqlDataList;

/* Of text that psql would take: rows stand between its statements, in their order. */
SqlDataList sql_inline_data(Mem *mem, const char *text);
/* The text with blanks instead of them, and of the guards of pg_dump. */
char *sql_without_data(Mem *mem, const char *text, const SqlDataList *data);
/* Of the COPY that stands at that place; NULL: it has none. */
const SqlData *sql_data_of(const SqlDataList *data, size_t place);
/* Makes the digest of a text without data that of the text with it. */
void sql_data_digest(const char *text, const SqlDataList *data, char hex[DIGEST_HEX]);

/* err_at(ERR_USAGE) with the line at byte `offset` of the section and a caret below. */
bool section_error(const Section *section, int offset, Err *err, const char *format,
                   ...) __attribute__((format(printf, 4, 5)));

/* The parser's message, without secrets and without the rest of the file. */
const char *fault_shown(Mem *mem, const Section *section, const PgFault *fault);

/* The line in the file of byte `offset` of the section's text. */
int section_line(const Section *section, int offset);

#endif
