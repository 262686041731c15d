#include <string.h>

#include "core/sql/sqlite/lite.h"
#include "core/sql/tokens.h"

/* --- what no migration may say --------------------------------------------------- */

/* clang-format off */
static const LiteRefusal refusals[] = {
    {"BEGIN", NULL, "a migration does not control transactions itself",
        "Leave it out: adjacent statements of a section commit together, with their history rows.", true},
    {"COMMIT", NULL, "a migration does not control transactions itself",
        "Leave it out: adjacent statements of a section commit together, with their history rows.", true},
    {"END", NULL, "a migration does not control transactions itself",
        "Leave it out: adjacent statements of a section commit together, with their history rows.", true},
    {"ROLLBACK", NULL, "a migration does not control transactions itself", "Leave it out.", false},
    {"SAVEPOINT", NULL, "a migration does not control transactions itself", "Leave it out.", false},
    {"RELEASE", NULL, "a migration does not control transactions itself", "Leave it out.", false},
    {"ATTACH", NULL, "ATTACH does not work in a transaction, and no history covers another file",
        "Give the other file a component of its own.", false},
    {"DETACH", NULL, "DETACH does not work in a transaction", "Leave it out.", false},
    {"PRAGMA", "foreign_keys", "PRAGMA foreign_keys does nothing inside a transaction",
        "Leave it out: pgstride switches them off before a migration and checks every key behind it.", true},
    {"PRAGMA", "defer_foreign_keys", "PRAGMA defer_foreign_keys does not keep a cascade from deleting rows",
        "Leave it out: pgstride switches foreign keys off before a migration and checks every key behind it.", true},
    {"PRAGMA", "writable_schema", "PRAGMA writable_schema can destroy the database",
        "Write ALTER TABLE: what SQLite's own lacks, pgstride does by making the table again.", false},
    {"PRAGMA", "legacy_alter_table", "PRAGMA legacy_alter_table leaves views and triggers behind that name nothing",
        "Leave it out.", true},
    {"PRAGMA", "journal_mode", "PRAGMA journal_mode is how the application and its operators run the file, no part of its schema",
        "Set it where the application opens the file.", false},
    {"PRAGMA", "locking_mode", "PRAGMA locking_mode would lock out the application", "Leave it out.", false},
    {"PRAGMA", "query_only", "PRAGMA query_only would keep pgstride from recording what it did", "Leave it out.", false},
    {"PRAGMA", "schema_version", "PRAGMA schema_version can destroy the database", "Leave it out.", false},
};
/* clang-format on */

const LiteRefusal *
lite_refusal(const char *first, const char *second, bool verbatim)
{
    for (int i = 0; i < LENGTH(refusals); i++)
    {
        const LiteRefusal *row = &refusals[i];

        if (!(verbatim && row->ours) && strcasecmp(first, row->first) == 0 &&
            (row->second == NULL ||
             (second != NULL && strcasecmp(second, row->second) == 0)))
            return row;
    }
    return NULL;
}

static const LiteRefusal *
refusal_at(Mem *mem, const LiteTokens *tokens, int at, bool verbatim)
{
    int second = lite_is(tokens, at + 2, ".") ? at + 3 : at + 1;

    return lite_refusal(lite_slice(mem, tokens, at, at + 1),
                        lite_name(mem, tokens, second), verbatim);
}

/* --- where statements end -------------------------------------------------------- */

static bool
is_trigger(const LiteTokens *tokens, int at)
{
    int next = at + 1;

    if (lite_is(tokens, next, "TEMP") || lite_is(tokens, next, "TEMPORARY"))
        next++;
    return lite_is(tokens, at, "CREATE") && lite_is(tokens, next, "TRIGGER");
}

/* The semicolon behind it, or the end; that of a trigger's body stands behind END. */
static int
statement_end(const LiteTokens *tokens, int at)
{
    bool trigger = is_trigger(tokens, at);

    for (int i = at; i < tokens->count; i++)
        if (lite_is(tokens, i, ";") && (!trigger || (lite_is(tokens, i - 1, "END") &&
                                                     lite_is(tokens, i - 2, ";"))))
            return i;
    return tokens->count;
}

/* --- statements ------------------------------------------------------------------ */

typedef struct LiteParser
{
    Mem *mem;
    const Section *section;
    const LiteTokens *all;
    LIST(Statement) statements;
} LiteParser;

static bool
first_check(const LiteParser *parser, int at, Err *err)
{
    static const char *const firsts[] = {
        "CREATE",  "DROP",   "ALTER",   "INSERT", "REPLACE", "UPDATE",
        "DELETE",  "SELECT", "WITH",    "VALUES", "PRAGMA",  "ANALYZE",
        "REINDEX", "VACUUM", "EXPLAIN", "BEGIN",  "COMMIT",  "END"};
    const LiteTokens *all = parser->all;
    int offset = all->items[at].start;
    const LiteRefusal *refusal =
        refusal_at(parser->mem, all, at, parser->section->options.verbatim);

    if (refusal != NULL)
    {
        section_error(parser->section, offset, err, "%s", refusal->why);
        return err_hint(err, "%s", refusal->cure);
    }
    for (int i = 0; i < LENGTH(firsts); i++)
        if (lite_is(all, at, firsts[i]))
            return true;
    if (lite_is(all, at, "."))
    {
        section_error(parser->section, offset, err,
                      "dot-commands are the shell's, not SQL");
        return err_hint(err, "Write rows as INSERT, and leave out what only prints.");
    }
    return section_error(parser->section, offset, err, "syntax error at or near \"%s\"",
                         lite_slice(parser->mem, all, at, at + 1));
}

static bool
statement_read(LiteParser *parser, int from, int end, Err *err)
{
    const LiteTokens *all = parser->all;
    const Section *section = parser->section;

    if (!first_check(parser, from, err))
        return false;

    Statement *statement = list_add(parser->mem, &parser->statements);
    int offset = all->items[from].start;

    statement->sql.text = lite_slice(parser->mem, all, from, end);
    statement->span = (Span){.file = section->file,
                             .line = section_line(section, offset),
                             .offset = section->text_offset + offset,
                             .length = (int)strlen(statement->sql.text)};
    lite_digest(statement->sql.text, statement->hash);

    LiteTokens own = lite_tokens(parser->mem, statement->sql.text);

    lite_classify(parser->mem, &own, statement);
    return true;
}

bool
lite_parse(Mem *mem, const Section *section, Statements *statements, Err *err)
{
    LiteTokens all = lite_tokens(mem, section->text);
    LiteParser parser = {.mem = mem, .section = section, .all = &all};

    *statements = (Statements){0};
    if (!foreign_text_refuse(section, err))
        return false;
    if (all.open >= 0)
        return section_error(section, all.open, err, "a quote that is never closed");
    for (int at = 0; at < all.count;)
    {
        int end = statement_end(&all, at);

        if (end > at && !statement_read(&parser, at, end, err))
            return false;
        at = end + 1;
    }
    *statements = (Statements){parser.statements.items, parser.statements.count};
    return true;
}
