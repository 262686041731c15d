/* What a text says, apart from how it is laid out. */
#include <string.h>

#include "base/digest.h"
#include "core/sql/dialect.h"
#include "core/sql/pg/pg.h"
#include "core/sql/tokens.h"

/* Every token ends in a zero byte, which SQL cannot contain, so that ab c is not a bc.
 */
void
tokens_digest(const char *text, const PgRanges *tokens, char hex[DIGEST_HEX])
{
    MEM_SCOPE(scope, NULL);
    Digest *digest = digest_begin(scope);

    for (int i = 0; i < tokens->count; i++)
    {
        const PgRange *token = &tokens->items[i];

        digest_add(digest, text + token->start, (size_t)(token->end - token->start));
        digest_add(digest, "", 1);
    }
    digest_end(digest, hex);
}

void
sql_checksum_exact(const char *text, Checksums *sums)
{
    digest_text(text, strlen(text), sums->exact);
}

bool
postgres_digest(const char *text, char hex[DIGEST_HEX])
{
    MEM_SCOPE(scope, NULL);
    SqlDataList data = sql_inline_data(scope, text);
    const char *sql = data.count == 0 ? text : sql_without_data(scope, text, &data);
    PgRanges tokens;

    if (!pg_scan(scope, sql, &tokens))
        return false;
    tokens_digest(sql, &tokens, hex);
    sql_data_digest(text, &data, hex);
    return true;
}
