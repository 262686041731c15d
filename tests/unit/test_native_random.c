/*
 * Files at random: whatever stands in them, reading ends with sections that are bytes
 * of their file, at the line they say, or with an error that names the file.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "core/layouts/layout.h"
#include "unit/sources.h"
#include "unit/unit.h"

enum
{
    FOLDERS = 20000,
    MOST_FILES = 4,
    MOST_PIECES = 14
};

/* clang-format off */
static const char *const pieces[] = {
    "-- migrate:", "-- migrate:", "-- migrate:", "up", "down", "expand", "backfill", "contract",
    " ", "\t", "\n", "\n", "\n", "\r\n", "\r", "--", "-- ", "-- pgstride: max-stall:1s",
    "sync:both", "after:24h", "reverse:", "allow:drop-column:\"x\"", "\"", "\"\"", "'", "E'\\'",
    "$$", "$a$", "/*", "*/", "SELECT 1;", "{{", "\\i x", "migrat:", ":", "1",
    "\xEF\xBB\xBF", "\xC3\xA4", "\xFF",
};
static const char *const names[] = {
    "1_a.sql", "1_a.sql", "1_a.up.sql", "1_a.down.sql", "1_a.expand.sql", "1_a.postgres.sql",
    "1_a.mysql.up.sql", "1_a.postgres.up.sql", "01_a.sql", "2_b.expand.sql", "2_b.backfill.sql",
    "2_b.contract.sql", "2_b.expand.down.sql", "2_b.sqlite.up.sql", "3_..sql", "x.sql", "README",
};
/* clang-format on */

static int
below(unsigned *seed, int limit)
{
    return rand_r(seed) % limit;
}

/* Owned byte by byte, so that reading past the end is seen. */
static SourceFile
random_file(Mem *mem, unsigned *seed)
{
    Buf text = buf_begin(mem);

    for (int left = below(seed, MOST_PIECES); left > 0; left--)
        buf_add(&text, pieces[below(seed, LENGTH(pieces))]);
    return source_of(mem, names[below(seed, LENGTH(names))], text.text);
}

static int
line_of(const char *bytes, int offset)
{
    int line = 1;

    for (int at = 0; at < offset; at++)
        line += bytes[at] == '\n' || (bytes[at] == '\r' && bytes[at + 1] != '\n');
    return line;
}

static bool
is_section_of(const Section *section, const SourceFile *file)
{
    size_t length = strlen(section->text);
    size_t offset = (size_t)section->text_offset;

    return strcmp(section->file, file->path) == 0 && offset + length <= file->length &&
           memcmp(file->bytes + offset, section->text, length) == 0 &&
           section->text_line == line_of(file->bytes, section->text_offset);
}

static void
check_sections(const SourceFiles *files, const Migration *migration)
{
    for (int i = 0; i < migration->section_count; i++)
    {
        bool found = false;

        for (int j = 0; j < files->count; j++)
            found = found || is_section_of(&migration->sections[i], &files->items[j]);
        ck_assert_msg(found, "%s: section at line %d is not in its file",
                      migration->sections[i].file, migration->sections[i].text_line);
    }
}

START_TEST(sections_are_bytes_of_their_file)
{
    unsigned seed = 20260515;
    int good = 0;

    for (int n = 0; n < FOLDERS; n++)
    {
        MEM_SCOPE(scope, NULL);
        SourceFile items[MOST_FILES];
        SourceFiles files = {.items = items, .count = 1 + below(&seed, MOST_FILES)};
        Migrations migrations;
        Err err = {0};

        for (int i = 0; i < files.count; i++)
            items[i] = random_file(scope, &seed);
        if (native_folder(scope, &files, "postgres", &migrations, &err))
        {
            good++;
            for (int i = 0; i < migrations.count; i++)
                check_sections(&files, &migrations.items[i]);
            continue;
        }
        ck_assert_int_eq(err.kind, ERR_USAGE);
        ck_assert(err.file != NULL && err.text != NULL && err.line >= 0);
        err_clear(&err);
    }
    /* Both ways out are really taken. */
    ck_assert_int_gt(good, FOLDERS / 50);
    ck_assert_int_lt(good, FOLDERS);
}
END_TEST

UNIT("native_random", sections_are_bytes_of_their_file)
