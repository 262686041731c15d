#include "core/layouts/flyway_name.h"

#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/utf8.h"

#define DESCRIPTION_LONGEST 200

static bool
version_reads(const char *version)
{
    for (const char *c = version;; c++)
    {
        size_t part = strspn(c, "0123456789");

        if (part == 0)
            return false;
        c += part;
        if (*c == '\0')
            return true;
        if (*c != '.')
            return false;
    }
}

static char *
version_key(Mem *mem, const char *version)
{
    Buf key = buf_begin(mem);
    size_t kept = 0;

    for (const char *c = version; *c != '\0'; c += *c == '.')
    {
        size_t length = strspn(c, "0123456789");
        const char *part = mem_slice(mem, c, length);

        buf_format(&key, "%s,", number_key(mem, part));
        if (part[strspn(part, "0")] != '\0')
            kept = key.length;
        c += length;
    }
    return mem_slice(mem, key.text, kept);
}

static char *
blanks_for(Mem *mem, const char *text, char instead)
{
    char *copy = mem_copy(mem, text);

    for (char *c = copy; *c != '\0'; c++)
        *c = *c == '_' ? instead : *c;
    return copy;
}

bool
flyway_name_read(Mem *mem, const char *name, FlywayName *parts)
{
    const char *base = name_base(name);
    const char *dot = strrchr(base, '.');
    bool sql = name_ends(base, ".sql");

    *parts = (FlywayName){.kind = base[0], .program = !sql};
    if (dot == NULL || strchr("VRBU", base[0]) == NULL || base[0] == '\0' ||
        (!sql && !name_is_program(name)))
        return false;
    parts->label = mem_slice(mem, base, (size_t)(dot - base));

    const char *between = strstr(parts->label, "__");

    if (between == NULL)
        return false;
    parts->description = blanks_for(mem, between + 2, ' ');
    parts->version = blanks_for(
        mem, mem_slice(mem, parts->label + 1, (size_t)(between - parts->label) - 1),
        '.');
    if (parts->kind == 'R')
    {
        parts->sort_key = mem_text(mem, "~%s", parts->description);
        return parts->version[0] == '\0';
    }
    parts->sort_key =
        version_reads(parts->version) ? version_key(mem, parts->version) : NULL;
    return parts->sort_key != NULL;
}

/* What is outside of the basic plane is two of Java's characters, and stays whole. */
char *
flyway_description(Mem *mem, const char *text)
{
    size_t end = strlen(text);
    size_t kept = 0;
    int units = 0;

    for (size_t at = 0, length; at < end; at += length)
    {
        length = utf8_length(text + at, end - at);
        if (length == 0)
            length = 1;
        units += length == 4 ? 2 : 1;
        if (units <= DESCRIPTION_LONGEST - 3)
            kept = at + length;
    }
    return units <= DESCRIPTION_LONGEST ? mem_copy(mem, text)
                                        : mem_text(mem, "%.*s...", (int)kept, text);
}

int32_t
flyway_checksum(const char *bytes, size_t length)
{
    static const char mark[] = "\xEF\xBB\xBF";
    size_t from = length >= 3 && memcmp(bytes, mark, 3) == 0 ? 3 : 0;
    const SourceText source = {bytes + from, length - from, 0};
    uint32_t sum = 0;

    for (size_t at = 0; at < source.length; at = source_line_next(&source, at))
        sum = digest_crc32(sum, source.text + at, source_line_end(&source, at) - at);
    return (int32_t)sum;
}
