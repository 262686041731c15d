#include <ctype.h>
#include <string.h>

#include "base/nearest.h"
#include "core/sql/actions.h"
#include "core/sql/dialect.h"
#include "core/sql/makes.h"
#include "core/sql/pg/pg.h"
#include "core/sql/tokens.h"

typedef struct Parser
{
    Mem *mem;
    const Section *section; /* its text without the rows of its COPYs */
    const char *written;    /* ... and with them */
    SqlDataList data;
    bool lenient; /* what the grammar does not know runs as written */
    LIST(Statement) statements;
    int counted_to; /* lines are counted once, not from the start for every statement */
    int line;
} Parser;

/* A statement that begins with a word that is nearly a known one is a slip of the pen.
 */
static const char *
meant_word(Mem *mem, const char *text, int offset)
{
    static const char *const words[] = {
        "ALTER",   "ANALYZE", "CALL",  "CLUSTER", "COMMENT", "COPY",       "CREATE",
        "DELETE",  "DO",      "DROP",  "GRANT",   "INSERT",  "LOCK",       "MERGE",
        "REFRESH", "REINDEX", "RESET", "REVOKE",  "SELECT",  "SET",        "TRUNCATE",
        "UPDATE",  "VACUUM",  "WITH",  "TABLE",   "COLUMN",  "CONSTRAINT", "INDEX",
        "DEFAULT", "WHERE",   "FROM",  "VALUES",  "PRIMARY", "REFERENCES", "UNIQUE"};
    int length = (int)strspn(text + offset,
                             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_");

    if (length < 3)
        return NULL;

    const char *word = mem_slice(mem, text + offset, (size_t)length);
    const char *meant = nearest_name(word, words, LENGTH(words));

    return meant == NULL || strcasecmp(meant, word) == 0 ? NULL : meant;
}

static bool
begins_with(const char *text, const char *word)
{
    size_t length = strlen(word);

    return strncasecmp(text, word, length) == 0 &&
           !isalnum((unsigned char)text[length]);
}

/* Other engines know UPDATE ... LIMIT, which is how people batch by hand there. A table
 * called order is another matter. */
static bool
is_limit(const Section *section, int offset)
{
    if (section->phase != PHASE_BACKFILL || offset < 0)
        return false;

    const char *text = section->text + offset;

    return begins_with(text, "limit") ||
           (begins_with(text, "order") &&
            begins_with(text + 5 + strspn(text + 5, " \t\r\n"), "by"));
}

/* A word that is no name where only a name may stand, is one that SQL keeps for itself:
 * order, user, table. NULL: it is something else. */
static const char *
reserved_word(Mem *mem, const char *text, int offset)
{
    static const char *const before[] = {"UPDATE", "TABLE", "FROM", "INTO", "COLUMN"};
    size_t end = (size_t)offset;
    size_t length = 0;

    while (isalpha((unsigned char)text[(size_t)offset + length]))
        length++;
    while (end > 0 && isspace((unsigned char)text[end - 1]))
        end--;
    for (int i = 0; length > 0 && end < (size_t)offset && i < LENGTH(before); i++)
    {
        size_t word = strlen(before[i]);

        if (end >= word && strncasecmp(text + end - word, before[i], word) == 0 &&
            (end == word || isspace((unsigned char)text[end - word - 1])))
            return mem_slice(mem, text + offset, length);
    }
    return NULL;
}

static bool
limit_refused(const Section *section, int offset, Err *err)
{
    section_error(section, offset, err,
                  "LIMIT has no place in a backfill: pgstride does the batching");
    return err_hint(err, "Leave out ORDER BY and LIMIT; keep the WHERE.");
}

static bool
syntax_error(const Section *section, const PgFault *fault, Err *err)
{
    MEM_SCOPE(scope, NULL);
    bool placed = fault->offset >= 0;
    const char *meant = placed ? meant_word(scope, section->text, fault->offset) : NULL;
    const char *reserved =
        placed ? reserved_word(scope, section->text, fault->offset) : NULL;

    if (is_limit(section, fault->offset))
        return limit_refused(section, fault->offset, err);
    section_error(section, fault->offset, err, "%s",
                  fault_shown(scope, section, fault));
    if (reserved != NULL)
        return err_hint(err,
                        "SQL keeps \"%s\" for itself: as a name it is written in "
                        "quotes.",
                        reserved);
    if (meant != NULL)
        return err_hint(err, "Did you mean \"%s\"?", meant);
    return err_hint(err, "If it is newer syntax than pgstride knows, say "
                         "allow:unparsed:\"why\" in the section line and let the "
                         "statement stand alone in its section.");
}

static Statement *
statement_add(Parser *parser, PgRange range)
{
    const Section *section = parser->section;
    Statement *statement = list_add(parser->mem, &parser->statements);
    int length = range.end - range.start;

    for (; parser->counted_to < range.start; parser->counted_to++)
        parser->line += section->text[parser->counted_to] == '\n';
    statement->sql.text =
        mem_slice(parser->mem, section->text + range.start, (size_t)length);
    statement->span = (Span){.file = section->file,
                             .line = parser->line,
                             .offset = section->text_offset + range.start,
                             .length = length};
    return statement;
}

/* BEGIN and COMMIT of a file that brings its own transactions: they say where ours end.
 */
static bool
statement_wraps(const Statement *statement)
{
    static const char *const words[] = {"begin", "start", "commit", "end"};

    for (int i = 0; i < LENGTH(words); i++)
    {
        size_t length = strlen(words[i]);
        const char *text = statement->sql.text;

        if (strncasecmp(text, words[i], length) == 0 &&
            (text[length] == '\0' || strchr(" \t\r\n", text[length]) != NULL))
            return true;
    }
    return false;
}

/* A file of another runner has them: its own, or within the transaction that it gets.
 */
static bool
statement_controls(const Parser *parser, const Statement *statement)
{
    bool verbatim = parser->section->options.verbatim;

    return (statement_act(statement, ACTION_TRANSACTION) != NULL &&
            !(verbatim && statement_wraps(statement))) ||
           (statement_act(statement, ACTION_SAVEPOINT) != NULL && !verbatim);
}

/* The rows of a COPY become a part of it. */
static void
statement_take_data(const Parser *parser, Statement *statement, int end)
{
    const SqlData *rows = sql_data_of(&parser->data, (size_t)end);
    const SqlDataList only = {.items = (SqlData *)(uintptr_t)rows, .count = 1};
    const Act *copy = statement_act(statement, ACTION_COPY);

    if (rows == NULL || copy == NULL || copy->object == NULL ||
        strcmp(copy->object, "STDIN") != 0)
        return;
    statement->sql.data =
        mem_slice(parser->mem, parser->written + rows->offset, rows->length);
    sql_data_digest(parser->written, &only, statement->hash);
}

/* What the grammar allows and a migration does not. */
static bool
statement_refuse(const Parser *parser, const Statement *statement, int offset, Err *err)
{
    const Act *copy = statement_act(statement, ACTION_COPY);

    if (statement_controls(parser, statement))
    {
        section_error(parser->section, offset, err,
                      "a migration does not control transactions itself");
        return err_hint(err, "Leave it out: adjacent statements of a section commit "
                             "together, with their history rows.");
    }
    if (copy != NULL && copy->object != NULL && statement->sql.data == NULL)
    {
        section_error(parser->section, offset, err, "COPY has no %s in a migration",
                      copy->object);
        return err_hint(err, parser->section->options.verbatim
                                 ? "Its rows stand behind it, and a line of \"\\\\.\" "
                                   "ends them."
                                 : "Write the rows as INSERT.");
    }
    return true;
}

static bool
statement_too_large(const Parser *parser, PgRange range, Err *err)
{
    if (range.end - range.start <= SQL_STATEMENT_MAX)
        return false;
    section_error(parser->section, range.start, err,
                  "the statement is larger than %d MB", SQL_STATEMENT_MAX >> 20);
    err_hint(err, "Cut it into several; rows in bulk belong into several INSERTs.");
    return true;
}

/* Nobody here knows what it does. */
static bool
statement_verbatim(const Parser *parser, Statement *statement)
{
    Act *act = mem_new(parser->mem, Act);

    act->action = ACTION_UNPARSED;
    statement->acts = act;
    statement->act_count = 1;
    if (statement->makes == NULL)
        statement->makes = &makes_unread;
    return true;
}

/* A piece of the split: comments before its first token and behind its last are cut. */
static bool
piece_read(Parser *parser, PgRange piece, Err *err)
{
    MEM_SCOPE(scope, parser->mem);
    const char *all = parser->section->text;
    const char *text =
        mem_slice(scope, all + piece.start, (size_t)(piece.end - piece.start));
    PgRanges tokens;
    PgFault fault = {0};

    if (!pg_scan(scope, text, &tokens) || tokens.count == 0)
        return true;

    PgRange range = {piece.start + tokens.items[0].start,
                     piece.start + tokens.items[tokens.count - 1].end};

    if (statement_too_large(parser, range, err))
        return false;

    Statement *statement = statement_add(parser, range);

    tokens_digest(text, &tokens, statement->hash);
    if (!pg_classify(parser->mem, statement->sql.text, statement, &fault))
    {
        int at = range.start + fault.offset;

        if (parser->lenient && fault.offset >= 0 && is_limit(parser->section, at))
            return limit_refused(parser->section, at, err);
        if (parser->lenient)
            return statement_verbatim(parser, statement);
        section_error(parser->section, range.start, err, "%s",
                      fault.message != NULL ? fault.message
                                            : "the statement cannot be read");
        return err_hint(err, "Write it as several smaller statements.");
    }
    statement_take_data(parser, statement, range.end);
    return statement_refuse(parser, statement, range.start, err);
}

/* --- statements that only a newer parser knows ----------------------------------- */

/* The bytes from the first that is code to the last; empty where there is none. */
static PgRange
code_range(const char *text, const SqlSpans *spans)
{
    PgRange range = {-1, -1};

    for (int at = 0, span = 0; text[at] != '\0'; at++)
    {
        while (span < spans->count &&
               (size_t)at >= spans->items[span].offset + spans->items[span].length)
            span++;

        bool inside = span < spans->count && (size_t)at >= spans->items[span].offset;
        bool comment = inside && spans->items[span].place >= SQL_PLACE_LINE_COMMENT;

        if (comment || (!inside && strchr(" \t\r\n\f;", text[at]) != NULL))
            continue;
        if (range.start < 0)
            range.start = at;
        range.end = at + 1;
    }
    return range;
}

static bool
has_semicolon(const char *text, const SqlSpans *spans, PgRange range)
{
    for (int at = range.start; at < range.end; at++)
        if (text[at] == ';' && sql_place_at(spans, (size_t)at) == SQL_PLACE_CODE)
            return true;
    return false;
}

/* Nothing can split what nothing can parse, so the section must be one statement. */
static bool
unparsed_read(Parser *parser, const PgFault *fault, Err *err)
{
    MEM_SCOPE(scope, parser->mem);
    const Section *section = parser->section;
    SqlSpans spans = sql_token_spans(scope, section->text, strlen(section->text));
    PgRange range = code_range(section->text, &spans);

    if (range.start < 0 || has_semicolon(section->text, &spans, range))
    {
        syntax_error(section, fault, err);
        return err_hint(err, "allow:unparsed is for one statement that stands alone in "
                             "its section: give it a file of its own.");
    }

    Statement *statement = statement_add(parser, range);

    digest_text(statement->sql.text, (size_t)statement->span.length, statement->hash);
    return statement_verbatim(parser, statement);
}

/* Files that psql would take may hold data; those of our own hold SQL alone. */
static Section
section_lift(Parser *parser, Mem *mem, const Section *section)
{
    Section lifted = *section;

    if (!section->options.verbatim)
        return lifted;
    parser->data = sql_inline_data(mem, section->text);
    lifted.text = sql_without_data(mem, section->text, &parser->data);
    return lifted;
}

static bool
section_parse(Mem *mem, const Section *written, bool lenient, Statements *statements,
              Err *err)
{
    MEM_SCOPE(scope, mem);
    Parser parser = {.mem = mem,
                     .written = written->text,
                     .lenient = lenient,
                     .line = written->text_line};
    const Section section = section_lift(&parser, scope, written);
    PgRanges pieces;
    PgFault fault;
    bool good = foreign_text_refuse(&section, err);

    parser.section = &section;
    *statements = (Statements){0};
    if (!good)
        return false;
    if (!(lenient ? pg_split_tokens : pg_split)(scope, section.text, &pieces, &fault))
        good = section_allows(&section, "unparsed") != NULL
                   ? unparsed_read(&parser, &fault, err)
                   : syntax_error(&section, &fault, err);
    for (int i = 0; good && i < pieces.count; i++)
        good = piece_read(&parser, pieces.items[i], err);
    if (good)
        *statements = (Statements){parser.statements.items, parser.statements.count};
    return good;
}

bool
postgres_parse(Mem *mem, const Section *section, Statements *statements, Err *err)
{
    return section_parse(mem, section, false, statements, err);
}

/* What is said where nothing can be read. */
const char *
cockroach_note(Mem *mem, const Statement *statement, const Facts *facts)
{
    (void)mem;
    (void)facts;
    return statement->acts[0].action != ACTION_UNPARSED
               ? NULL
               : "pgstride cannot read this: it is sent as it stands, and nothing of "
                 "it "
                 "was checked";
}

bool
cockroach_parse(Mem *mem, const Section *section, Statements *statements, Err *err)
{
    return section_parse(mem, section, true, statements, err);
}
