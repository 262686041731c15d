/*
 * Dialects: what core must know of an engine's SQL, a row each in dialect.c.
 *
 * A dialect is pure: text in, Statements out. Its rules:
 *   - It splits as the engine itself would, keeps file, line and offset of every
 *     statement, and cuts comments before the first and behind the last token.
 *   - It fills Act.action, relation, column and names as far as it reads them; what it
 *     does not understand is ACTION_OTHER and runs as written. What could change where
 *     it runs (USE, ATTACH, BEGIN, SET of what we pin) is refused with file and line.
 *   - Statement.hash is over tokens, so that comments and white space do not count.
 *   - A backfill is an UPDATE or DELETE of one table without LIMIT; its expressions are
 *     kept as text that is valid where that table is the only relation in scope.
 * Nothing else in core asks for an engine's name: what it can do is in Caps.
 */
#ifndef PGSTRIDE_CORE_DIALECT_H
#define PGSTRIDE_CORE_DIALECT_H

#include "core/sql/sql.h"

/* Whose two sides are to be kept level. */
typedef struct LevelAsk
{
    const Caps *caps;
    const char *component;
    const Migration *migration;
    const TableFact *table; /* NULL: it is not there yet */
    const Backfill *fill;   /* its sync is resolved: forward or both */
    bool back;              /* on the way back: nothing is refused */
} LevelAsk;

/* Triggers by which they are; each drop is the way back of a make, and can be run where
 * there is none. */
typedef struct LevelSql
{
    SqlParsed *make;
    int make_count;
    SqlParsed *drop;
    int drop_count;
} LevelSql;

typedef struct Dialect
{
    const char *engine; /* Target.engine, and the tag in FILE.ENGINE.up.sql */
    bool (*parse)(Mem *mem, const Section *section, Statements *statements, Err *err);
    /* Strings, names and comments of a text that may not even be SQL: never fails. */
    SqlSpans (*spans)(Mem *mem, const char *text, size_t length);
    /* Over the tokens without comments; false: the text cannot be scanned. */
    bool (*digest)(const char *text, char hex[65]);
    bool (*read_fill)(Mem *mem, const BackfillSource *source, Backfill *fill, Err *err);
    /* For plain paths (core/plan/plain.h); PostgreSQL has rooms of its own for these.
     * note: what plan says below the statement, or NULL. unique_key: what one that the
     * act makes would compare; false: it is not understood. */
    bool (*level)(Mem *mem, const LevelAsk *ask, LevelSql *level, Err *err);
    const char *(*note)(Mem *mem, const Statement *statement, const Facts *facts);
    bool (*unique_key)(Mem *mem, const Act *act, IndexShape *shape);
} Dialect;

/* NULL and names that no row has are PostgreSQL's. */
const Dialect *dialect_of(const char *engine);

/* --- the dialects ---------------------------------------------------------------- */

bool postgres_parse(Mem *mem, const Section *section, Statements *statements, Err *err);
/* What PostgreSQL's grammar reads is read; the rest runs as it is written. */
bool cockroach_parse(Mem *mem, const Section *section, Statements *statements,
                     Err *err);
const char *cockroach_note(Mem *mem, const Statement *statement, const Facts *facts);
bool postgres_digest(const char *text, char hex[65]);
bool postgres_read_fill(Mem *mem, const BackfillSource *source, Backfill *fill,
                        Err *err);

bool mysql_parse(Mem *mem, const Section *section, Statements *statements, Err *err);
SqlSpans mysql_spans(Mem *mem, const char *text, size_t length);
bool mysql_digest(const char *text, char hex[65]);
bool mysql_read_fill(Mem *mem, const BackfillSource *source, Backfill *fill, Err *err);
bool mysql_level(Mem *mem, const LevelAsk *ask, LevelSql *level, Err *err);

#endif
