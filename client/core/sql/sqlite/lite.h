/*
 * SQLite's SQL, as far as core must understand it: its tokens, where statements end,
 * what they do, and how a table's own CREATE TABLE is written anew.
 *
 * What is not understood runs as it is written: the library's own parser has the last
 * word, in the rehearsal and when it runs. Shared between the files of this folder and
 * run/engines/sqlite.
 */
#ifndef PGSTRIDE_CORE_SQL_LITE_H
#define PGSTRIDE_CORE_SQL_LITE_H

#include "core/sql/dialect.h"

typedef enum LiteKind
{
    LITE_WORD,   /* a keyword or a bare name */
    LITE_NAME,   /* "..." `...` [...] */
    LITE_STRING, /* '...' and x'...' */
    LITE_NUMBER,
    LITE_SIGN /* one character of anything else */
} LiteKind;

typedef struct LiteToken
{
    LiteKind kind;
    int start;
    int end;
} LiteToken;

typedef struct LiteTokens
{
    const char *text;
    LiteToken *items;
    int count;
    int room;
    int open; /* offset of a quote or comment that is never closed; -1: none */
} LiteTokens;

LiteTokens lite_tokens(Mem *mem, const char *text);

/* Is token `at` that keyword, or that sign? False behind the last. */
bool lite_is(const LiteTokens *tokens, int at, const char *word);
/* The name it spells, without its quotes; NULL: it is no name. */
char *lite_name(Mem *mem, const LiteTokens *tokens, int at);
/* Behind the parenthesis that closes the one at `at`. */
int lite_behind(const LiteTokens *tokens, int at);
/* From that token to the one before `end`, as written. */
char *lite_slice(Mem *mem, const LiteTokens *tokens, int from, int end);

/* What no migration may say. */
typedef struct LiteRefusal
{
    const char *first;
    const char *second; /* NULL: whatever follows */
    const char *why;
    const char *cure;
    bool ours; /* only of our own files: in those of other runners it does no harm */
} LiteRefusal;

/* Of a statement that begins with that word, and behind PRAGMA that name; or NULL. */
const LiteRefusal *lite_refusal(const char *first, const char *second, bool verbatim);

bool lite_parse(Mem *mem, const Section *section, Statements *statements, Err *err);
SqlSpans lite_spans(Mem *mem, const char *text, size_t length);
bool lite_digest(const char *text, char hex[65]);
bool lite_read_fill(Mem *mem, const BackfillSource *source, Backfill *fill, Err *err);
bool lite_level(Mem *mem, const LevelAsk *ask, LevelSql *level, Err *err);
const char *lite_note(Mem *mem, const Statement *statement, const Facts *facts);

/* The acts of one statement, whose tokens these are. */
void lite_classify(Mem *mem, const LiteTokens *tokens, Statement *statement);

/* Of an act that makes a unique key. */
bool lite_unique_key(Mem *mem, const Act *act, IndexShape *shape);

/* Does ALTER TABLE lack it, so that the table is made again? */
bool lite_rebuilds(const Act *act);

/*
 * The CREATE TABLE of a table under the name `as`, with what the act changes in it.
 * ERR_REFUSED: the column or constraint is not there.
 */
bool lite_altered(Mem *mem, const char *create, const Act *act, const char *as,
                  SqlParsed *sql, Err *err);

#endif
