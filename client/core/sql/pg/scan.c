/* Where statements and tokens stand in a text. */
#include <string.h>

#include "core/sql/pg/tree.h"

static bool
split_take(Mem *mem, const char *text, PgQuerySplitResult split, PgRanges *pieces,
           PgFault *fault)
{
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
pg_split(Mem *mem, const char *text, PgRanges *pieces, PgFault *fault)
{
    return split_take(mem, text, pg_query_split_with_parser(text), pieces, fault);
}

bool
pg_split_tokens(Mem *mem, const char *text, PgRanges *pieces, PgFault *fault)
{
    return split_take(mem, text, pg_query_split_with_scanner(text), pieces, fault);
}

/* NULL where the scanner gives up; freed by the library's own function. */
static PgQuery__ScanResult *
scan_text(const char *text)
{
    PgQueryScanResult scan = pg_query_scan(text);
    PgQuery__ScanResult *result =
        scan.error != NULL ? NULL
                           : pg_query__scan_result__unpack(
                                 NULL, scan.pbuf.len, (const uint8_t *)scan.pbuf.data);

    pg_query_free_scan_result(scan);
    return result;
}

bool
pg_scan(Mem *mem, const char *text, PgRanges *tokens)
{
    PgQuery__ScanResult *scan = scan_text(text);

    *tokens = (PgRanges){0};
    if (scan == NULL)
        return false;
    tokens->items = mem_array(mem, PgRange, scan->n_tokens);
    for (size_t i = 0; i < scan->n_tokens; i++)
    {
        const PgQuery__ScanToken *token = scan->tokens[i];

        if (token->token != PG_QUERY__TOKEN__SQL_COMMENT &&
            token->token != PG_QUERY__TOKEN__C_COMMENT)
            tokens->items[tokens->count++] = (PgRange){token->start, token->end};
    }
    pg_query__scan_result__free_unpacked(scan, NULL);
    return true;
}

/* --- how deep a tree would be ---------------------------------------------------- */

/* What a token does to the depth of the tree around it. */
typedef enum Pull
{
    PULL_NONE,
    PULL_LINK,  /* an operator: a || b || c hangs each below the next */
    PULL_JOIN,  /* a join or set operation: the same, and no comma ends it */
    PULL_BREAK, /* what follows is a sibling */
    PULL_OPEN,
    PULL_CLOSE
} Pull;

#define TOKEN(name) [PG_QUERY__TOKEN__##name]

/* clang-format off */
static const unsigned char pulls[] = {
    TOKEN(ASCII_40) /* ( */ = PULL_OPEN,  TOKEN(ASCII_41) /* ) */ = PULL_CLOSE,
    TOKEN(ASCII_91) /* [ */ = PULL_OPEN,  TOKEN(ASCII_93) /* ] */ = PULL_CLOSE,
    TOKEN(ASCII_44) /* , */ = PULL_BREAK, TOKEN(ASCII_59) /* ; */ = PULL_BREAK,
    TOKEN(AND)  = PULL_BREAK, TOKEN(OR)   = PULL_BREAK,
    TOKEN(WHEN) = PULL_BREAK, TOKEN(THEN) = PULL_BREAK, TOKEN(ELSE) = PULL_BREAK,

    TOKEN(UNION) = PULL_JOIN, TOKEN(INTERSECT) = PULL_JOIN,
    TOKEN(EXCEPT) = PULL_JOIN, TOKEN(JOIN) = PULL_JOIN,

    TOKEN(ASCII_43) /* + */ = PULL_LINK,  TOKEN(ASCII_45) /* - */ = PULL_LINK,
    TOKEN(ASCII_42) /* * */ = PULL_LINK,  TOKEN(ASCII_47) /* / */ = PULL_LINK,
    TOKEN(ASCII_37) /* % */ = PULL_LINK,  TOKEN(ASCII_94) /* ^ */ = PULL_LINK,
    TOKEN(ASCII_60) /* < */ = PULL_LINK,  TOKEN(ASCII_62) /* > */ = PULL_LINK,
    TOKEN(ASCII_61) /* = */ = PULL_LINK,  TOKEN(Op) = PULL_LINK,
    TOKEN(LESS_EQUALS) = PULL_LINK, TOKEN(GREATER_EQUALS) = PULL_LINK,
    TOKEN(NOT_EQUALS) = PULL_LINK, TOKEN(TYPECAST) = PULL_LINK,
    TOKEN(NOT) = PULL_LINK, TOKEN(IS) = PULL_LINK, TOKEN(COLLATE) = PULL_LINK,
    TOKEN(AT) = PULL_LINK, TOKEN(OPERATOR) = PULL_LINK, TOKEN(IN_P) = PULL_LINK,
    TOKEN(LIKE) = PULL_LINK, TOKEN(ILIKE) = PULL_LINK, TOKEN(SIMILAR) = PULL_LINK,
    TOKEN(BETWEEN) = PULL_LINK, TOKEN(ISNULL) = PULL_LINK, TOKEN(NOTNULL) = PULL_LINK,
};
/* clang-format on */

static Pull
token_pull(PgQuery__Token token)
{
    return token >= 0 && token < LENGTH(pulls) ? (Pull)pulls[token] : PULL_NONE;
}

typedef struct Level
{
    int links;
    int joins;
} Level;

/* An upper bound of the depth, from the tokens alone: chains within chains. */
static int
scan_depth(Mem *mem, const PgQuery__ScanResult *scan)
{
    LIST(Level) levels = {0};
    int depth = 0;
    int deepest = 0;

    list_add(mem, &levels);
    for (size_t i = 0; i < scan->n_tokens; i++)
    {
        Pull pull = token_pull(scan->tokens[i]->token);
        Level *level = &levels.items[levels.count - 1];

        depth += pull == PULL_LINK || pull == PULL_JOIN || pull == PULL_OPEN;
        level->links += pull == PULL_LINK;
        level->joins += pull == PULL_JOIN;
        if (pull == PULL_OPEN)
            list_add(mem, &levels);
        if (pull == PULL_BREAK || pull == PULL_CLOSE)
        {
            depth -= level->links;
            level->links = 0;
        }
        if (pull == PULL_CLOSE && levels.count > 1)
        {
            depth -= level->joins + 1;
            levels.count--;
        }
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest;
}

bool
scan_too_deep(Mem *mem, const char *text)
{
    enum
    {
        DEEPEST = 1500 /* a level takes 2 kB of stack; the usual stack has 8 MB */
    };
    if (strlen(text) <= DEEPEST) /* every level has a token of its own */
        return false;

    MEM_SCOPE(scope, mem);
    PgQuery__ScanResult *scan = scan_text(text);
    bool deep = scan != NULL && scan_depth(scope, scan) > DEEPEST;

    pg_query__scan_result__free_unpacked(scan, NULL);
    return deep;
}
