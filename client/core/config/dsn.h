/*
 * Connection strings taken apart: the parameters of a URL's query and of a keyword
 * string, what other tools put among them, and how they are written again for libpq.
 *
 * Errors never quote a value: a string that cannot be read may be a password.
 */
#ifndef PGSTRIDE_CORE_DSN_H
#define PGSTRIDE_CORE_DSN_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

typedef struct Parameter
{
    const char *name;
    const char *value; /* decoded */
} Parameter;

typedef struct Parameters
{
    Parameter *items;
    int count;
    int room;
} Parameters;

/* The first `length` bytes of text without %XX; NULL when a % starts no code. */
char *percent_decode(Mem *mem, const char *text, size_t length);
void percent_encode(Buf *buf, const char *text, const char *kept);

/* "a=b&c=d" of a URL, NULL for none; "a=b c='d e'" of a keyword string. */
bool parameters_read_query(Mem *mem, const char *query, Parameters *parameters,
                           Err *err);
bool parameters_read_keywords(Mem *mem, const char *text, Parameters *parameters,
                              Err *err);

/* Drops what only pools and other tools understand, renames what libpq calls otherwise.
 */
Parameters parameters_translate(Mem *mem, const Parameters *given);

/* The value, or NULL when it is not given. */
const char *parameter_value(const Parameters *parameters, const char *name);

/* For libpq, or (shown) for people: without the passwords. */
char *parameters_query(Mem *mem, const Parameters *parameters, bool shown);
char *parameters_keywords(Mem *mem, const Parameters *parameters, bool shown);

/* Nobody may read these values from now on. */
void parameters_hide(const Parameters *parameters);

#endif
