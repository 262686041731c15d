#include "base/digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

struct Digest
{
    EVP_MD_CTX *context;
};

static int
digest_free(Digest *digest)
{
    EVP_MD_CTX_free(digest->context);
    return 0;
}

/* A digest of bytes in memory fails only where memory does. */
static void
digest_must(bool good)
{
    if (!good)
    {
        fputs("Error: this machine's OpenSSL has no SHA\n", stderr);
        exit(70);
    }
}

/* OpenSSL looks for an algorithm at every start of a digest unless it was fetched
 * (EVP_MD_fetch(3), performance); that search is half of a short one. */
static const EVP_MD *
sha256(void)
{
    static EVP_MD *fetched;

    if (fetched == NULL)
        fetched = EVP_MD_fetch(NULL, "SHA256", NULL);
    return fetched;
}

Digest *
digest_begin(Mem *mem)
{
    Digest *digest = mem_new(mem, Digest);

    digest->context = EVP_MD_CTX_new();
    talloc_set_destructor(digest, digest_free);
    digest_must(digest->context != NULL && sha256() != NULL &&
                EVP_DigestInit_ex(digest->context, sha256(), NULL) == 1);
    return digest;
}

void
digest_add(Digest *digest, const void *bytes, size_t length)
{
    digest_must(EVP_DigestUpdate(digest->context, bytes, length) == 1);
}

static void
hex_write(const unsigned char *raw, unsigned int length, char *hex)
{
    static const char digits[] = "0123456789abcdef";

    for (unsigned int i = 0; i < length; i++)
    {
        hex[2 * i] = digits[raw[i] >> 4];
        hex[2 * i + 1] = digits[raw[i] & 15];
    }
    hex[2 * length] = '\0';
}

void
digest_end(Digest *digest, char hex[DIGEST_HEX])
{
    unsigned char raw[EVP_MAX_MD_SIZE];
    unsigned int length = 0;

    digest_must(EVP_DigestFinal_ex(digest->context, raw, &length) == 1);
    hex_write(raw, length, hex);
}

void
digest_so_far(const Digest *digest, char base64[DIGEST_BASE64])
{
    unsigned char raw[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    EVP_MD_CTX *copy = EVP_MD_CTX_new();

    digest_must(copy != NULL && EVP_MD_CTX_copy_ex(copy, digest->context) == 1 &&
                EVP_DigestFinal_ex(copy, raw, &length) == 1);
    EVP_MD_CTX_free(copy);
    EVP_EncodeBlock((unsigned char *)base64, raw, (int)length);
}

uint32_t
digest_crc32(uint32_t before, const void *bytes, size_t length)
{
    return (uint32_t)crc32(before, bytes, (unsigned)length);
}

void
digest_sha1(const void *bytes, size_t length, char hex[DIGEST_SHA1_HEX])
{
    unsigned char raw[EVP_MAX_MD_SIZE];
    unsigned int got = 0;

    digest_must(EVP_Digest(bytes, length, raw, &got, EVP_sha1(), NULL) == 1);
    hex_write(raw, got, hex);
}

void
digest_text(const char *text, size_t length, char hex[DIGEST_HEX])
{
    MEM_SCOPE(scope, NULL);
    Digest *digest = digest_begin(scope);

    digest_add(digest, text, length);
    digest_end(digest, hex);
}
