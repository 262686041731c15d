/* Where statements and tokens stand in a text. */
#include "core/sql/pg/tree.h"

bool
pg_split(Mem *mem, const char *text, PgRanges *pieces, PgFault *fault)
{
    PgQuerySplitResult split = pg_query_split_with_parser(text);

    *pieces = (PgRanges){0};
    *fault = (PgFault){0};
    if (split.error != NULL)
        tree_fault(mem, text, split.error, fault);
    else
        pieces->items = mem_array(mem, PgRange, split.n_stmts);
    for (int i = 0; split.error == NULL && i < split.n_stmts; i++)
    {
        const PgQuerySplitStmt *piece = split.stmts[i];

        pieces->items[pieces->count++] =
            (PgRange){piece->stmt_location, piece->stmt_location + piece->stmt_len};
    }
    pg_query_free_split_result(split);
    return fault->message == NULL;
}

bool
pg_scan(Mem *mem, const char *text, PgRanges *tokens)
{
    PgQueryScanResult scan = pg_query_scan(text);
    PgQuery__ScanResult *result = NULL;

    *tokens = (PgRanges){0};
    if (scan.error == NULL)
        result = pg_query__scan_result__unpack(NULL, scan.pbuf.len,
                                               (const uint8_t *)scan.pbuf.data);
    if (result != NULL)
        tokens->items = mem_array(mem, PgRange, result->n_tokens);
    for (size_t i = 0; result != NULL && i < result->n_tokens; i++)
    {
        const PgQuery__ScanToken *token = result->tokens[i];

        if (token->token != PG_QUERY__TOKEN__SQL_COMMENT &&
            token->token != PG_QUERY__TOKEN__C_COMMENT)
            tokens->items[tokens->count++] = (PgRange){token->start, token->end};
    }

    bool scanned = result != NULL;

    pg_query__scan_result__free_unpacked(result, NULL);
    pg_query_free_scan_result(scan);
    return scanned;
}
