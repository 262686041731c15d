#include "base/digest.h"

#include <nettle/base64.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <zlib.h>

/* Nettle's: OpenSSL reads its configuration and its providers before the first digest,
 * which is a twentieth of a run that finds nothing to do. */
struct Digest
{
    struct sha256_ctx state;
};

Digest *
digest_begin(Mem *mem)
{
    Digest *digest = mem_new(mem, Digest);

    sha256_init(&digest->state);
    return digest;
}

void
digest_add(Digest *digest, const void *bytes, size_t length)
{
    sha256_update(&digest->state, length, bytes);
}

static void
hex_write(const uint8_t *raw, size_t length, char *hex)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < length; i++)
    {
        hex[2 * i] = digits[raw[i] >> 4];
        hex[2 * i + 1] = digits[raw[i] & 15];
    }
    hex[2 * length] = '\0';
}

void
digest_end(Digest *digest, char hex[DIGEST_HEX])
{
    uint8_t raw[SHA256_DIGEST_SIZE];

    sha256_digest(&digest->state, sizeof(raw), raw);
    hex_write(raw, sizeof(raw), hex);
}

void
digest_so_far(const Digest *digest, char base64[DIGEST_BASE64])
{
    struct sha256_ctx copy = digest->state;
    uint8_t raw[SHA256_DIGEST_SIZE];

    sha256_digest(&copy, sizeof(raw), raw);
    base64_encode_raw(base64, sizeof(raw), raw);
    base64[BASE64_ENCODE_RAW_LENGTH(sizeof(raw))] = '\0';
}

uint32_t
digest_crc32(uint32_t before, const void *bytes, size_t length)
{
    return (uint32_t)crc32(before, bytes, (unsigned)length);
}

void
digest_sha1(const void *bytes, size_t length, char hex[DIGEST_SHA1_HEX])
{
    struct sha1_ctx state;
    uint8_t raw[SHA1_DIGEST_SIZE];

    sha1_init(&state);
    sha1_update(&state, length, bytes);
    sha1_digest(&state, sizeof(raw), raw);
    hex_write(raw, sizeof(raw), hex);
}

void
digest_text(const char *text, size_t length, char hex[DIGEST_HEX])
{
    Digest digest;

    sha256_init(&digest.state);
    digest_add(&digest, text, length);
    digest_end(&digest, hex);
}
