/* Which names need quotes, as the server's quote_ident decides. */
#ifndef PGSTRIDE_MODEL_KEYWORDS_H
#define PGSTRIDE_MODEL_KEYWORDS_H

#include <stdbool.h>

#include "base/mem.h"

/* [a-z_][a-z0-9_]* and no keyword that means something: needs no quotes. */
bool ident_plain(const char *ident);

/* Between quotes, those inside doubled. */
char *ident_quoted(Mem *mem, const char *ident, char quote);

#endif
