/*
 * Fuzzing of what reads SQL: target.c holds every dialect to its promises for any text,
 * places.c and mysql.c are second opinions written apart from client/core/sql.
 *
 * A promise that is broken aborts, as the sanitizers do: whoever drives the target
 * (libFuzzer, or drive.c without clang) keeps the text and says how to have it again.
 */
#ifndef PGSTRIDE_TESTS_FUZZ_H
#define PGSTRIDE_TESTS_FUZZ_H

#include <stdint.h>

#include "core/sql/sql.h"

/* Shows the text and aborts unless it holds. */
#define PROMISE(text, holds)                                                           \
    do                                                                                 \
    {                                                                                  \
        if (!(holds))                                                                  \
            promise_broken((text), #holds, __FILE__, __LINE__);                        \
    } while (0)

_Noreturn void promise_broken(const char *text, const char *promise, const char *file,
                              int line);

/* libFuzzer's entry; the rest of the data behind a NUL is not looked at. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* How many texts each engine has split into several statements. */
extern long fuzz_split_count[3];

/* --- second opinions ------------------------------------------------------------- */

/* One engine's quotes and comments. */
typedef struct PlaceRules
{
    const char *engine;
    const char *open;    /* what opens a string or a name ... */
    const char *close;   /* ... and what closes it, at the same position */
    const char *escaped; /* of those, where a backslash escapes */
    bool servers;        /* "#", a blank behind "--", comments that servers run */
} PlaceRules;

/* NULL: nobody but the dialect itself knows (PostgreSQL). */
const PlaceRules *place_rules_of(const char *engine);

/* A letter for every byte: c(ode), q(uoted), l(ine) and b(lock) comment, and "?" where
 * both sides may think as they like. */
char *places_of(Mem *mem, const PlaceRules *rules, const char *text);

/* What my_split and nothing above it promises. */
void mysql_split_check(const char *text);

#endif
