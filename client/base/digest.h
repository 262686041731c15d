/*
 * SHA-256 as 64 lower-case hex digits: of text at once, or of pieces one by one. And
 * what other runners keep in their histories: the same in base 64, SHA-1 and CRC-32.
 */
#ifndef PGSTRIDE_BASE_DIGEST_H
#define PGSTRIDE_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

#define DIGEST_HEX 65 /* with the terminating zero */
#define DIGEST_BASE64 45
#define DIGEST_SHA1_HEX 41

/* The work of a digest under way; freed with the Mem that it was begun under. */
typedef struct Digest Digest;

Digest *digest_begin(Mem *mem);
void digest_add(Digest *digest, const void *bytes, size_t length);
void digest_end(Digest *digest, char hex[DIGEST_HEX]);

/* Of what was added so far, in base 64; more may be added behind it. */
void digest_so_far(const Digest *digest, char base64[DIGEST_BASE64]);

/* CRC-32 as zip files have it, going on from the one of what stands before; begins at
 * 0. */
uint32_t digest_crc32(uint32_t before, const void *bytes, size_t length);

void digest_sha1(const void *bytes, size_t length, char hex[DIGEST_SHA1_HEX]);

void digest_text(const char *text, size_t length, char hex[DIGEST_HEX]);

#endif
