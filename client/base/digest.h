/* SHA-256 as 64 lower-case hex digits: of text at once, or of pieces one by one. */
#ifndef PGSTRIDE_BASE_DIGEST_H
#define PGSTRIDE_BASE_DIGEST_H

#include <stddef.h>

#include "base/mem.h"

#define DIGEST_HEX 65 /* with the terminating zero */

/* The work of a digest under way; freed with the Mem that it was begun under. */
typedef struct Digest Digest;

Digest *digest_begin(Mem *mem);
void digest_add(Digest *digest, const void *bytes, size_t length);
void digest_end(Digest *digest, char hex[DIGEST_HEX]);

void digest_text(const char *text, size_t length, char hex[DIGEST_HEX]);

#endif
