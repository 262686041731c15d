/*
 * An error, described once by the place that understood it.
 *
 * A function that can fail takes `Err *err` last and returns false; false always means
 * that err is filled. Others may add a line of context with err_in; main prints it.
 */
#ifndef PGSTRIDE_BASE_ERR_H
#define PGSTRIDE_BASE_ERR_H

#include <stdbool.h>

#include "base/mem.h"

/* A kind is a decision for the caller, not a place in the code; err.c maps it to an
 * exit. */
typedef enum ErrKind
{
    ERR_NONE,
    ERR_SQL,     /* a statement failed; the server answered */
    ERR_USAGE,   /* command line, configuration, file grammar */
    ERR_DIRTY,   /* a kept part whose truth cannot be read */
    ERR_REFUSED, /* unsafe or invalid as asked: checksum, order, hazard, gate */
    ERR_BUSY,    /* a lock was not to be had in time; trying again may help */
    ERR_CONNECT, /* no connection, or no permission */
    ERR_LOST,    /* the connection died; the outcome of the last message is unknown */
    ERR_UNCONFIRMED, /* a question was not answered with yes */
    ERR_PENDING,     /* `status --exit-code`, or `wait` ran out of time */
    ERR_STOPPED,     /* asked to stop, and stopped cleanly: run again to go on */
    ERR_INTERNAL,    /* a bug in pgstride */
    ERR_KIND_COUNT
} ErrKind;

typedef struct Err
{
    ErrKind kind;
    char *text;       /* one sentence, lower case, no full stop */
    char *detail;     /* further lines for people, or NULL */
    char *hint;       /* what to do next, or NULL */
    char *file;       /* the migration file it is about, or NULL */
    int line;         /* 1-based; 0 when there is none */
    int byte;         /* 1-based, where its statement begins there; 0 when unknown */
    char sqlstate[6]; /* of the server, or empty */
    char
        *missing_table; /* that it is about, for whoever knows what there is; or NULL */
    Mem *mem;           /* owns the texts; made on first use */
} Err;

/* Fills err; all return false so that `return err_set(...)` reads as a sentence. */
bool err_set(Err *err, ErrKind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool err_at(Err *err, ErrKind kind, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Adds to a filled err: an outer context before the text, a line of detail, the hint.
 */
bool err_in(Err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool err_detail(Err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool err_hint(Err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for what it is about: a table of that name that is not there. */
bool err_missing(Err *err, const char *table);

/* Forgets the error and its memory; the Err can be used again. */
void err_clear(Err *err);

/* The documented exit code, and the word that JSON gives as "code". */
int err_exit_code(ErrKind kind);
const char *err_code(ErrKind kind);

#endif
