/*
 * SQL understood: the only face of the parser that other rooms include.
 *
 * The real grammar splits and explains; parse trees are freed as soon as a statement is
 * classified, so memory does not grow with the size of a file. Every function is pure:
 * the same text gives the same answer. Texts in results belong to the Mem given.
 */
#ifndef PGSTRIDE_CORE_SQL_H
#define PGSTRIDE_CORE_SQL_H

#include "base/err.h"
#include "model/backfill.h"
#include "model/facts.h"
#include "model/migration.h"
#include "model/statement.h"

/* One statement larger than this is refused: its tree would not fit in memory. */
#define SQL_STATEMENT_MAX (8 << 20)

/*
 * The statements of a section. Errors: ERR_USAGE with file and line for syntax (detail:
 * the line and a caret), psql meta-commands, templates, transaction control, and data
 * of a COPY outside files that were written for another runner. What only a newer
 * server parses needs `allow:unparsed:...` and a section of its own.
 */
bool sql_parse(Mem *mem, const Section *section, Statements *statements, Err *err);

/* What is not SQL at all, found before any parser meets it: psql's commands, templates,
 * bytes that are no UTF-8. True: clean. sql_parse asks it first. */
bool foreign_text_refuse(const Section *section, Err *err);

/* Of the text of one phase; text that cannot be scanned has both equal. */
void sql_checksums(const char *engine, const char *text, Checksums *sums);
/* The half of it that needs no scanner. */
void sql_checksum_exact(const char *text, Checksums *sums);

/* The text with every secret in it replaced by '********'; needs not parse. */
const char *sql_scrub(Mem *mem, const char *sql);

/* --- where strings and comments are, in text that may not even be SQL ------------ */

typedef enum SqlPlace
{
    SQL_PLACE_CODE,
    SQL_PLACE_STRING, /* '...', E'...' */
    SQL_PLACE_NAME,   /* "...", `...` */
    SQL_PLACE_DOLLAR, /* $tag$...$tag$ */
    SQL_PLACE_LINE_COMMENT,
    SQL_PLACE_BLOCK_COMMENT /* nested ones are one span */
} SqlPlace;

/* Everything but code, in order, delimiters included. */
typedef struct SqlSpan
{
    SqlPlace place;
    size_t offset; /* bytes */
    size_t length;
    bool open; /* the text ends before it does */
} SqlSpan;

typedef struct SqlSpans
{
    SqlSpan *items;
    int count;
} SqlSpans;

/* By PostgreSQL's rules, and by those of an engine (core/sql/dialect.h). */
SqlSpans sql_token_spans(Mem *mem, const char *text, size_t length);
SqlSpans sql_spans(Mem *mem, const char *engine, const char *text, size_t length);

/* Where the byte at offset lies; the first byte of a delimiter is already inside. */
SqlPlace sql_place_at(const SqlSpans *spans, size_t offset);

/* --- backfills ------------------------------------------------------------------- */

typedef struct BackfillSource
{
    const Migration *migration; /* its expand decides what sync defaults to */
    const Section *section;
    const Statement *statement;
    int number; /* 1-based within the migration */
} BackfillSource;

/*
 * Takes an UPDATE or DELETE apart. Errors name file and line: ERR_USAGE for what is not
 * a backfill (LIMIT, RETURNING, WITH, another kind of statement), ERR_REFUSED for a
 * sync that cannot be derived or is not row-local.
 */
bool backfill_read(Mem *mem, const BackfillSource *source, Backfill *fill, Err *err);

/*
 * What the catalog adds: Assignment.type and Backfill.is_volatile. Errors ERR_REFUSED:
 * a column that neither the table has nor expand adds, and values that change from one
 * transaction to the next without a WHERE to tell what is done.
 */
bool backfill_resolve(Mem *mem, const Migration *migration, const Facts *facts,
                      Backfill *fill, Err *err);

/* Whose columns an expression reads. */
typedef enum RowView
{
    ROW_BARE, /* column: the table is the only relation in scope */
    ROW_NEW   /* NEW.column, in a trigger */
} RowView;

/*
 * The row is not done: (WHERE) AND (target IS DISTINCT FROM expression OR ...), in
 * parentheses; the WHERE alone for a DELETE or where is_volatile (Backfill.is_volatile,
 * or the caller knows better). Text "true" when there is neither. An assignment whose
 * type is known is compared as that type, because that is how it is stored.
 */
SqlParsed sql_not_done(Mem *mem, const Backfill *fill, RowView view, bool is_volatile);

/*
 * The same of a Backfill.null_by_sources without working its value out: (WHERE) AND the
 * columns that it is made of are not NULL.
 */
SqlParsed sql_sources_given(Mem *mem, const Backfill *fill);

/* left IS DISTINCT FROM right for values of that type (format_type, or NULL), written
 * so that types without a usable "=" (json, xml, geometry, citext) compare as text. */
SqlParsed sql_distinct(Mem *mem, const char *left, const char *right, const char *type);

/*
 * The same CREATE INDEX, DROP INDEX, REINDEX or DETACH PARTITION said CONCURRENTLY;
 * CREATE without IF NOT EXISTS: whether it is there, and whether it is whole, is looked
 * up before (run/indexes/index.h).
 */
bool sql_make_concurrent(Mem *mem, const Statement *statement, SqlParsed *sql,
                         Err *err);

/*
 * ALTER TABLE or DROP of several things as several statements, in the order in which
 * the server would take them: the acts that are `apart` each alone, those between them
 * together. False: it is another statement, or a part of it has no faithful text.
 */
bool sql_split(Mem *mem, const Statement *statement, const bool *apart,
               SqlParsed **parts, int *count);

/* One key of an index: a column, or an expression over the row. */
typedef struct IndexKey
{
    const char *column; /* NULL: an expression */
    const char *shown;  /* to people */
    SqlParsed value;    /* over the row's columns, with the collation it names */
} IndexKey;

/* What a CREATE INDEX says, as far as its rows are concerned. */
typedef struct IndexShape
{
    IndexKey *keys;
    int key_count;
    SqlParsed where; /* text NULL: every row */
    bool unique;
    bool nulls_equal; /* NULLS NOT DISTINCT */
    bool btree;
    bool elsewhere; /* in a tablespace that it names */
} IndexShape;

/* Of a statement, or of what pg_get_indexdef gives. False: it is none, or an expression
 * in it has no faithful text. */
bool sql_index_shape(Mem *mem, const char *create, IndexShape *shape);

/* What of a CREATE INDEX is said otherwise. */
typedef struct IndexOn
{
    QName table;
    const char *name;       /* NULL: the server chooses one */
    const char *tablespace; /* NULL: as it was said */
    bool only;              /* ON ONLY: not of the partitions */
    bool concurrently;
} IndexOn;

/* The same index on another table: a partition has the columns of its parent. */
bool sql_index_on(Mem *mem, const char *create, const IndexOn *on, SqlParsed *sql,
                  Err *err);

/* CREATE INDEX ... ON ONLY: its author builds the partitions' indexes himself. */
bool sql_index_only(const char *create);

/* --- expressions and definitions, changed or compared on the tree ---------------- */

/*
 * Would definition a, with column_a renamed to column_b, be definition b? As
 * pg_get_indexdef and pg_get_constraintdef write them; the names of the indexes do not
 * count. A definition that cannot be parsed is nobody's twin.
 */
bool sql_same_index(const char *def_a, const char *def_b, const char *column_a,
                    const char *column_b);
bool sql_same_constraint(const char *def_a, const char *def_b, const char *column_a,
                         const char *column_b);
bool sql_same_expression(const char *expr_a, const char *expr_b, const char *column_a,
                         const char *column_b);

/* Would that CREATE INDEX, as somebody wrote it, make the index that pg_get_indexdef
 * describes? Names of index and table do not count: whoever asks has looked them up.
 * False also where only the server could tell (a cast that it adds). */
bool sql_builds_index(const char *create, const char *definition);

#endif
