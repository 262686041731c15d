/* Shared between the files of core/sql only. */
#ifndef PGSTRIDE_CORE_SQL_TOKENS_H
#define PGSTRIDE_CORE_SQL_TOKENS_H

#include "base/digest.h"
#include "core/sql/pg/pg.h"
#include "core/sql/sql.h"

/* SHA-256 over the tokens of text: layout and comments do not count. */
void tokens_digest(const char *text, const PgRanges *tokens, char hex[DIGEST_HEX]);

/* err_at(ERR_USAGE) with the line at byte `offset` of the section and a caret below. */
bool section_error(const Section *section, int offset, Err *err, const char *format,
                   ...) __attribute__((format(printf, 4, 5)));

/* The parser's message, without secrets and without the rest of the file. */
const char *fault_shown(Mem *mem, const Section *section, const PgFault *fault);

/* The line in the file of byte `offset` of the section's text. */
int section_line(const Section *section, int offset);

#endif
