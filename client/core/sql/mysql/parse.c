/* The dialect: a section's text as Statements, and its backfills. */
#include <string.h>

#include "core/sql/actions.h"
#include "core/sql/dialect.h"
#include "core/sql/mysql/mysql.h"
#include "core/sql/tokens.h"

typedef struct Parser
{
    Mem *mem;
    const Section *section;
    LIST(Statement) statements;
    int counted_to; /* lines are counted once, not from the start for every statement */
    int line;
} Parser;

#define MODE_WHY "the SQL mode decides how the rest of the file is read"
#define MODE_CURE "Give it in the address: ?sql_mode=..."

/* What a migration does not say, because pgstride says it or has to know. */
static const struct
{
    const char *words;
    const char *text;
    const char *hint;
    bool ours; /* only of our own files: in those of other runners it does no harm */
} refusals[] = {
    {"BEGIN", "a migration does not control transactions itself",
     "Leave it out: a change of schema commits at once here, whatever stands around "
     "it.",
     true},
    {"START TRANSACTION", "a migration does not control transactions itself",
     "Leave it out: a change of schema commits at once here, whatever stands around "
     "it.",
     true},
    {"COMMIT", "a migration does not control transactions itself", "Leave it out.",
     true},
    {"ROLLBACK", "a migration does not control transactions itself", "Leave it out.",
     false},
    {"SAVEPOINT", "a migration does not control transactions itself", "Leave it out.",
     false},
    {"XA", "a migration does not control transactions itself", "Leave it out.", false},
    {"USE", "a migration stays in its database",
     "Write the other database's name before the table's.", false},
    {"LOCK TABLES", "a migration does not lock tables itself", "Leave it out.", true},
    {"UNLOCK TABLES", "a migration does not lock tables itself", "Leave it out.", true},
    {"SOURCE", "the client's command \"source\" is not SQL", "Put the statements here.",
     false},
    {"SET AUTOCOMMIT", "a migration does not control transactions itself",
     "Leave it out.", true},
    {"SET SQL_MODE", MODE_WHY, MODE_CURE, true},
    {"SET SESSION SQL_MODE", MODE_WHY, MODE_CURE, true},
};

static bool
piece_refuse(const Parser *parser, const MyPiece *piece, Err *err)
{
    MEM_SCOPE(scope, NULL);
    MyCursor cursor = my_cursor(scope, parser->section->text, piece);

    if (my_take_all(&cursor, "BEGIN NOT ATOMIC"))
        return true;
    for (int i = 0; i < LENGTH(refusals); i++)
        if (!(refusals[i].ours && parser->section->options.verbatim) &&
            my_take_all(&cursor, refusals[i].words))
        {
            section_error(parser->section, piece->tokens[0].start, err, "%s",
                          refusals[i].text);
            return err_hint(err, "%s", refusals[i].hint);
        }
    return true;
}

static void
tokens_hash(const char *text, const MyToken *tokens, int count, char hex[DIGEST_HEX])
{
    MEM_SCOPE(scope, NULL);
    PgRanges ranges = {mem_array(scope, PgRange, count), count};

    for (int i = 0; i < count; i++)
        ranges.items[i] = (PgRange){tokens[i].start, tokens[i].end};
    tokens_digest(text, &ranges, hex);
}

static bool
piece_read(Parser *parser, const MyPiece *piece, Err *err)
{
    const Section *section = parser->section;
    const MyToken *first = &piece->tokens[0];
    int length = piece->tokens[piece->count - 1].end - first->start;

    if (!piece_refuse(parser, piece, err))
        return false;

    Statement *statement = list_add(parser->mem, &parser->statements);

    for (; parser->counted_to < first->start; parser->counted_to++)
        parser->line += section->text[parser->counted_to] == '\n';
    statement->sql.text =
        mem_slice(parser->mem, section->text + first->start, (size_t)length);
    statement->span = (Span){.file = section->file,
                             .line = parser->line,
                             .offset = section->text_offset + first->start,
                             .length = length};
    tokens_hash(section->text, piece->tokens, piece->count, statement->hash);
    my_classify(parser->mem, section->text, piece, statement);
    return true;
}

bool
mysql_parse(Mem *mem, const Section *section, Statements *statements, Err *err)
{
    MEM_SCOPE(scope, mem);
    Parser parser = {.mem = mem, .section = section, .line = section->text_line};
    MyPieces pieces;
    MyFault fault;

    *statements = (Statements){0};
    if (!foreign_text_refuse(section, err))
        return false;
    if (!my_split(scope, section->text, &pieces, &fault))
    {
        section_error(section, fault.offset, err, "%s", fault.message);
        return err_hint(err, "%s", fault.hint);
    }
    for (int i = 0; i < pieces.count; i++)
        if (!piece_read(&parser, &pieces.items[i], err))
            return false;
    *statements = (Statements){parser.statements.items, parser.statements.count};
    return true;
}

bool
mysql_digest(const char *text, char hex[DIGEST_HEX])
{
    MEM_SCOPE(scope, NULL);
    MyLexer lexer = my_lexer(text);
    MyTokens tokens = {0};

    for (MyToken token = my_next(&lexer); token.kind != MY_END; token = my_next(&lexer))
    {
        if (token.open)
            return false;
        *list_add(scope, &tokens) = token;
    }
    tokens_hash(text, tokens.items, tokens.count, hex);
    return lexer.at == lexer.length;
}
