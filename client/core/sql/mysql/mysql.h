/*
 * MySQL's and MariaDB's SQL, as far as a migration must be understood: lex.c finds the
 * tokens, split.c the statements, mode.c what the file says of quotes, classify.c and
 * alter.c what they do, update.c takes a backfill apart, level.c makes the triggers
 * that keep it level where level_check.c lets it, parse.c makes Statements of a
 * section.
 *
 * There is no grammar here: the servers disagree about theirs, and they alone are
 * right. What is not read is ACTION_OTHER and runs as written; what was split wrongly
 * the server refuses whole, because a message holds one statement. Positions are bytes
 * within the text given.
 */
#ifndef PGSTRIDE_CORE_SQL_MYSQL_H
#define PGSTRIDE_CORE_SQL_MYSQL_H

#include "core/sql/dialect.h"

typedef enum MyKind
{
    MY_END,        /* the text is over */
    MY_WORD,       /* a bare name or a keyword */
    MY_NAME,       /* `quoted`; "..." under ANSI_QUOTES */
    MY_STRING,     /* '...' and "..." */
    MY_COMMENT,    /* of my_next_any alone */
    MY_NUMBER,     /* digits alone */
    MY_SIGN,       /* any other character */
    MY_CODE_OPEN,  /* the head of a comment that servers run: the slash, star and '!' */
    MY_CODE_CLOSE, /* and its end */
    MY_DELIMITER   /* of statements, as the file says */
} MyKind;

typedef struct MyToken
{
    MyKind kind;
    int start;
    int end;   /* behind the last byte */
    bool open; /* a string, a name or a comment that the text does not close */
} MyToken;

typedef struct MyTokens
{
    MyToken *items;
    int count;
    int room;
} MyTokens;

/* What of the SQL mode decides how a text is read. */
typedef struct MyMode
{
    bool ansi_quotes; /* "..." is a name */
    bool no_escapes;  /* a backslash is a byte like any other */
} MyMode;

typedef struct MyLexer
{
    const char *text;
    int length;
    int at;
    const char *delimiter; /* ";" until the file says otherwise */
    bool in_code;          /* inside a comment that servers run */
    MyMode mode;
} MyLexer;

MyLexer my_lexer(const char *text);
/* The next token; the next that is no comment, unless the text does not close it. */
MyToken my_next_any(MyLexer *lexer);
MyToken my_next(MyLexer *lexer);

/* Is it that keyword, in capitals or not? */
bool my_is(const char *text, const MyToken *token, const char *word);
/* The name that a word or a quoted name stands for. */
char *my_name(Mem *mem, const char *text, const MyToken *token);

/* A statement: its tokens without the delimiter. */
typedef struct MyPiece
{
    MyToken *tokens;
    int count;
} MyPiece;

typedef struct MyPieces
{
    MyPiece *items;
    int count;
    int room;
} MyPieces;

/* Why a text cannot be split. */
typedef struct MyFault
{
    const char *message;
    const char *hint;
    int offset;
} MyFault;

bool my_split(Mem *mem, const char *text, MyPieces *pieces, MyFault *fault);
/* The mode that the statement leaves, where it sets one; false: nobody but the server
 * can tell. */
bool my_mode_after(const char *text, const MyPiece *piece, MyMode *mode);

/* --- reading one statement ------------------------------------------------------- */

/* A statement's tokens, read from the left; behind the last one comes MY_END. */
typedef struct MyCursor
{
    Mem *mem;
    const char *text;
    MyToken *tokens;
    int count;
    int at;
} MyCursor;

typedef struct MyActs
{
    Act *items;
    int count;
    int room;
} MyActs;

MyCursor my_cursor(Mem *mem, const char *text, const MyPiece *piece);
const MyToken *my_peek(const MyCursor *cursor, int ahead);
bool my_sees(const MyCursor *cursor, const char *word);
bool my_sees_sign(const MyCursor *cursor, char sign);
/* Take it if it is next. */
bool my_take(MyCursor *cursor, const char *word);
bool my_take_sign(MyCursor *cursor, char sign);
/* All words of `words`, blank between them, or none. */
bool my_take_all(MyCursor *cursor, const char *words);
/* A name, or NULL where none stands. */
char *my_take_name(MyCursor *cursor);
bool my_take_qname(MyCursor *cursor, QName *name);
/* To behind the parenthesis that closes the one that is next. */
void my_skip_parentheses(MyCursor *cursor);
/* To the next comma outside parentheses, or the end. */
void my_skip_item(MyCursor *cursor);
/* The text between two tokens of the statement, the latter not included. */
char *my_between(const MyCursor *cursor, int from, int until);

/* Fills acts, alone, alone_why, session. */
void my_classify(Mem *mem, const char *text, const MyPiece *piece,
                 Statement *statement);
/* The same change of another table; NULL: it is no ALTER TABLE and of no index,
 * or gives the table another name. */
char *my_aimed_at(Mem *mem, const char *text, const QName *table);
/* Of an act that makes a unique key of columns that are there; false: of a period, or
 * of what is not understood. */
bool my_unique_key(Mem *mem, const Act *act, IndexShape *shape);
/* What follows ALTER TABLE. */
void my_alter_table(MyCursor *cursor, MyActs *acts);

/* --- a backfill ------------------------------------------------------------------ */

typedef struct MyAssignment
{
    const char *target;
    const char *value;
    const char *over_new; /* the same with NEW. before every column */
    const char *plain;    /* the column it copies and nothing else; or NULL */
    const char **columns; /* what may be columns of the row in it, each once */
    int column_count;
    bool is_default;
} MyAssignment;

typedef struct MyUpdate
{
    QName table;
    bool is_delete;
    MyAssignment *assignments;
    int assignment_count;
    const char *where; /* NULL: every row */
    const char *where_over_new;
    const char *scope; /* its AND-terms that read no assigned column; or NULL */
    const char *scope_over_new;
    const char **where_columns;
    int where_column_count;
    const char **functions; /* each once; those of the values first */
    int function_count;
    int value_function_count;
    bool subquery;
} MyUpdate;

/* left <=> right for values of a column of that type (NULL: unknown), byte for byte. */
void my_put_same(SqlText *sql, const char *type, SqlParsed left, SqlParsed right);

bool my_update_read(Mem *mem, const char *text, MyUpdate *update, MyFault *fault);

#endif
