#include "core/layouts/layout.h"

#include <string.h>

#include "unit/sources.h"
#include "unit/unit.h"

/* Reads the folder for PostgreSQL; the error as one line, or "". */
static const char *
read_folder(Mem *mem, const char *const *names_and_texts, Migrations *migrations)
{
    SourceFiles files = sources_of(mem, names_and_texts);
    Err err = {0};
    bool good = native_folder(mem, &files, "postgres", migrations, &err);

    ck_assert(good == (err.kind == ERR_NONE));
    ck_assert(good || err.kind == ERR_USAGE);
    return err_line(mem, &err);
}

#define FOLDER(...) ((const char *const[]){__VA_ARGS__, NULL})

/* "expand:1 backfill:4 down expand:9": the sections and the lines of their texts. */
static const char *
outline(Mem *mem, const Migration *migration)
{
    char *text = mem_copy(mem, "");

    for (int i = 0; i < migration->section_count; i++)
    {
        const Section *section = &migration->sections[i];

        text = mem_text(mem, "%s%s%s%s:%d", text, i == 0 ? "" : " ",
                        section->down ? "down " : "", phase_name(section->phase),
                        section->text_line);
    }
    return text;
}

static const char classic[] =
    "-- migrate:expand\n"
    "ALTER TABLE identities ADD COLUMN new_email text;\n"
    "\n"
    "-- migrate:backfill sync:both\n"
    "UPDATE identities SET new_email = email WHERE new_email IS NULL;\n"
    "\n"
    "-- migrate:contract\n"
    "ALTER TABLE identities ALTER COLUMN new_email SET NOT NULL;\n"
    "ALTER TABLE identities DROP COLUMN email;\n"
    "ALTER TABLE identities RENAME COLUMN new_email TO email;\n"
    "\n"
    "-- migrate:down expand\n"
    "ALTER TABLE identities DROP COLUMN new_email;\n";

START_TEST(the_classic_example_is_read)
{
    MEM_SCOPE(scope, NULL);
    Migrations migrations;

    ck_assert_str_eq(
        read_folder(scope, FOLDER("20260515_split_email.sql", classic), &migrations),
        "");
    ck_assert_int_eq(migrations.count, 1);

    const Migration *migration = &migrations.items[0];

    ck_assert_str_eq(migration->version, "20260515");
    ck_assert_str_eq(migration->name, "split_email");
    ck_assert_str_eq(migration->label, "20260515_split_email");
    ck_assert_str_eq(migration->file, "20260515_split_email.sql");
    ck_assert(!migration->skipped && migration_phased(migration));
    ck_assert_str_eq(outline(scope, migration),
                     "expand:2 backfill:5 contract:8 down expand:13");

    const Section *fill = migration_section(migration, PHASE_BACKFILL, false);

    ck_assert_int_eq(fill->options.sync, SYNC_BOTH);
    ck_assert_str_eq(
        fill->text,
        "UPDATE identities SET new_email = email WHERE new_email IS NULL;\n\n");
    ck_assert_int_eq(strncmp(classic + fill->text_offset, fill->text, 30), 0);
    ck_assert_int_eq(fill->span.line, 4);
    ck_assert_str_eq(
        mem_slice(scope, classic + fill->span.offset, (size_t)fill->span.length),
        "-- migrate:backfill sync:both");
    ck_assert_str_eq(fill->file, "m/20260515_split_email.sql");
}
END_TEST

START_TEST(without_a_directive_the_file_is_up)
{
    MEM_SCOPE(scope, NULL);
    Migrations migrations;
    const char *text = "-- pgstride: max-stall:50ms\n\nCREATE TABLE a ();\n";

    ck_assert_str_eq(read_folder(scope, FOLDER("1_a.sql", text), &migrations), "");
    ck_assert_str_eq(outline(scope, &migrations.items[0]), "up:1");
    ck_assert_str_eq(migrations.items[0].sections[0].text, text);
    ck_assert_int_eq(migrations.items[0].sections[0].options.max_stall, 50);
    ck_assert(!migration_phased(&migrations.items[0]));
}
END_TEST

START_TEST(nothing_but_comments_is_legal)
{
    MEM_SCOPE(scope, NULL);
    Migrations migrations;

    ck_assert_str_eq(
        read_folder(scope,
                    FOLDER("1_a.sql", "", "2_b.sql", "-- later\n", "3_c.sql",
                           "-- migrate:up", "4_d.sql",
                           "/* a\n */\n-- b\n-- migrate:up\n-- migrate:down\n-- none"),
                    &migrations),
        "");
    ck_assert_int_eq(migrations.count, 4);
    ck_assert_str_eq(outline(scope, &migrations.items[0]), "up:1");
    ck_assert_str_eq(migrations.items[2].sections[0].text, "");
    ck_assert_str_eq(outline(scope, &migrations.items[3]), "up:5 down up:6");
    ck_assert_str_eq(migrations.items[3].sections[0].text, "");
    ck_assert_str_eq(migrations.items[3].sections[1].text, "-- none");
}
END_TEST

START_TEST(only_a_backfill_repeats)
{
    MEM_SCOPE(scope, NULL);
    Migrations migrations;

    ck_assert_str_eq(read_folder(scope,
                                 FOLDER("1_a.sql", "-- migrate:backfill\nA\n"
                                                   "-- migrate:backfill sync:off\nB\n"
                                                   "-- migrate:contract\n"),
                                 &migrations),
                     "");
    ck_assert_str_eq(outline(scope, &migrations.items[0]),
                     "backfill:2 backfill:4 contract:6");
    ck_assert_str_eq(migrations.items[0].sections[0].text, "A\n");
    ck_assert_int_eq(migrations.items[0].sections[1].options.sync, SYNC_OFF);
}
END_TEST

START_TEST(line_ends_and_byte_order_marks_change_nothing)
{
    MEM_SCOPE(scope, NULL);
    Migrations migrations;
    const char *text = "\xEF\xBB\xBF-- migrate:up max-stall:50ms\r\nSELECT 1;\r\n"
                       "-- migrate:down\r\nSELECT 2;\r\n";

    ck_assert_str_eq(read_folder(scope, FOLDER("1_a.sql", text), &migrations), "");

    const Section *down = migration_section(&migrations.items[0], PHASE_UP, true);

    ck_assert_str_eq(outline(scope, &migrations.items[0]), "up:2 down up:4");
    ck_assert_str_eq(migrations.items[0].sections[0].text, "SELECT 1;\r\n");
    ck_assert_str_eq(text + down->text_offset, "SELECT 2;\r\n");

    /* A lone CR ends a comment for the server, so it ends one here. */
    ck_assert_str_eq(
        read_folder(scope, FOLDER("1_a.sql", "-- migrate:up\rA\r-- migrate:down\rB"),
                    &migrations),
        "");
    ck_assert_str_eq(outline(scope, &migrations.items[0]), "up:2 down up:4");

    ck_assert_str_eq(
        read_folder(scope,
                    FOLDER("1_a.sql", "\xEF\xBB\xBFSELECT 1;\r\n\r\n-- migrat:up"),
                    &migrations),
        "m/1_a.sql:3: this looks like a directive and is none: -- migrat:up | Did you "
        "mean \"-- migrate:up\"?");
}
END_TEST

START_TEST(directives_inside_quotes_are_text)
{
    MEM_SCOPE(scope, NULL);
    Migrations migrations;

    ck_assert_str_eq(
        read_folder(scope,
                    FOLDER("1_a.sql", "-- migrate:up\n"
                                      "SELECT '\n-- migrate:down\n';\n"
                                      "DO $x$\n-- migrate:expand\n$x$;\n"
                                      "/*\n-- migrate:contract\n/**/\n"
                                      "-- migrat:up\n*/\n"
                                      "SELECT \"\n-- migrate:backfill\n\";\n"
                                      "-- migrate:down\n"),
                    &migrations),
        "");
    ck_assert_str_eq(outline(scope, &migrations.items[0]), "up:2 down up:17");
}
END_TEST

START_TEST(what_a_file_may_not_hold_is_named_by_line)
{
    /* clang-format off */
    static const struct { const char *text, *says; } rows[] = {
        {"-- a\nSELECT 1;\n-- migrate:up\n",
         "2: this stands before the first section | Only comments, blank lines and "
         "\"-- pgstride:\" lines may stand there."},
        {"\n\n$$a$$;-- b\n-- migrate:up\n",
         "3: this stands before the first section | Only comments, blank lines and "
         "\"-- pgstride:\" lines may stand there."},
        {"SELECT 1;\n-- pgstride: max-stall:1s\n",
         "1: this stands before the first section | Only comments, blank lines and "
         "\"-- pgstride:\" lines may stand there."},
        {"-- migrate:up\n-- pgstride: max-stall:1s\n",
         "2: a header line cannot stand inside a section"},
        {"-- pgstride: max-stall:1s\n-- pgstride: max-stall:2s\n-- migrate:up\n",
         "2: option \"max-stall\" is given twice: here and in line 1"},
        {"-- pgstride: max-stall:1s\n-- pgstride: after:2d\nSELECT 1;",
         "2: option \"after\" reaches no section of this file | It belongs to: contract."},
        {"-- migrate:up\nSELECT 1; -- migrate:down\n",
         "2: a directive must begin in the first column: -- migrate:down | Did you mean "
         "\"-- migrate:down\"?"},
        {"-- migrate:backfill\n-- migrate:expand\n",
         "2: section \"expand\" cannot stand after \"backfill\" | The order is up, or "
         "expand, backfill, contract; then down."},
        {"-- migrate:down\n-- migrate:up\n",
         "2: section \"up\" cannot stand after \"down\" | The order is up, or "
         "expand, backfill, contract; then down."},
        {"-- migrate:up\n\n-- migrate:up\n",
         "3: section \"up\" is there twice (\"up\" is m/1_a.sql:1)"},
        {"-- migrate:expand\n-- migrate:down expand\n-- migrate:down expand\n",
         "3: section \"down expand\" is there twice (\"down expand\" is m/1_a.sql:2)"},
        {"-- migrate:up\n-- migrate:contract\n",
         "2: section \"contract\" cannot stand beside up (\"up\" is m/1_a.sql:1)"},
        {"-- migrate:up\n-- migrate:down expand\n",
         "2: section \"down expand\" has nothing to undo: there is no \"expand\" section"},
        {"-- migrate:expand\n-- migrate:down\n-- migrate:down expand\n",
         "3: section \"down expand\" cannot stand beside the undo of the whole (\"down\" is "
         "m/1_a.sql:2)"},
        {"-- migrate:down\nSELECT 1;",
         "1: 1_a has a \"down\" section and nothing to undo | Write an up section, or the "
         "phases; they may be empty."},
        {"-- migrate:up\nSELECT 'a\n-- migrate:down\n",
         "2: the string that begins here is never closed"},
        {"-- migrate:up\n\nDO $body$\n-- migrate:down\n$bdy$",
         "3: the dollar quote that begins here is never closed"},
        {"SELECT \"a", "1: the quoted name that begins here is never closed"},
        {"\n/* /* */", "2: the comment that begins here is never closed"},
        {"-- migrate:up\n{{ .Owner's }}\n",
         "2: a template (\"{{\") is not SQL | {{ .Owner's }}\n^ | Migrations are plain SQL: "
         "what runs is what was reviewed."},
        {"SELECT 1;\nSELECT '\xC3\x28';", "2: byte 0xC3 is not valid UTF-8 | Save the file "
         "as UTF-8."},
        {"\xED\xA0\x80", "1: byte 0xED is not valid UTF-8 | Save the file as UTF-8."},
        {"a\r\nb\r\n\xC0\xAF", "3: byte 0xC0 is not valid UTF-8 | Save the file as UTF-8."},
        {"ab\xE2\x82", "1: byte 0xE2 is not valid UTF-8 | Save the file as UTF-8."},
        {"\xFF\xFE-", "1: the file is UTF-16, not UTF-8 | Save the file as UTF-8."},
    };
    /* clang-format on */
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < LENGTH(rows); i++)
    {
        Migrations migrations;

        ck_assert_str_eq(
            read_folder(scope, FOLDER("1_a.sql", rows[i].text), &migrations),
            mem_text(scope, "m/1_a.sql:%s", rows[i].says));
    }
}
END_TEST

START_TEST(a_nul_byte_is_named_by_line)
{
    MEM_SCOPE(scope, NULL);
    static const char bytes[] = "SELECT 1;\n\nSELECT\0 2;";
    SourceFile file = {.name = "1_a.sql",
                       .path = "m/1_a.sql",
                       .bytes = bytes,
                       .length = sizeof(bytes) - 1};
    SourceFiles files = {.items = &file, .count = 1};
    Migrations migrations;
    Err err = {0};

    ck_assert(!native_folder(scope, &files, "postgres", &migrations, &err));
    ck_assert_str_eq(err_line(scope, &err),
                     "m/1_a.sql:3: a NUL byte stands in the file");
}
END_TEST

START_TEST(utf8_is_welcome)
{
    MEM_SCOPE(scope, NULL);
    Migrations migrations;

    ck_assert_str_eq(
        read_folder(
            scope,
            FOLDER("1_gr\xC3\xB6\xC3\x9F"
                   "e.sql",
                   "SELECT '\xC3\xA4\xE2\x82\xAC\xF0\x9F\x90\x98\xEF\xBF\xBD';"),
            &migrations),
        "");
    ck_assert_str_eq(migrations.items[0].name, "gr\xC3\xB6\xC3\x9F"
                                               "e");
}
END_TEST

/* --- several files to a version -------------------------------------------------- */

START_TEST(a_version_may_be_split_into_files)
{
    MEM_SCOPE(scope, NULL);
    Migrations migrations;

    ck_assert_str_eq(
        read_folder(scope,
                    FOLDER("7_a.backfill.sql",
                           "-- pgstride: sync:both\nUPDATE a SET b = c;\n"
                           "-- migrate",
                           "7_a.contract.sql", "-- migrate:contract after:2d\n",
                           "7_a.expand.down.sql", "A", "7_a.expand.sql", "B",
                           "8_b.down.sql", "C", "8_b.up.sql", "D"),
                    &migrations),
        "");
    ck_assert_int_eq(migrations.count, 2);
    ck_assert_str_eq(outline(scope, &migrations.items[0]),
                     "expand:1 backfill:1 contract:2 down expand:1");
    ck_assert_str_eq(migrations.items[0].file, "7_a.expand.sql");
    ck_assert_int_eq(migrations.items[0].sections[1].options.sync, SYNC_BOTH);
    ck_assert_int_eq(migrations.items[0].sections[2].options.after, 172800000);
    ck_assert_str_eq(outline(scope, &migrations.items[1]), "up:1 down up:1");
    ck_assert_str_eq(migrations.items[1].file, "8_b.up.sql");
    ck_assert_str_eq(migrations.items[1].sections[0].text, "D");
}
END_TEST

START_TEST(files_of_one_version_must_agree)
{
    /* clang-format off */
    const struct { const char *const *folder; const char *says; } rows[] = {
        {FOLDER("01_a.sql", "", "1_a.sql", ""),
         "m/1_a.sql: version 01 is there twice: \"01_a.sql\" and \"1_a.sql\" | Versions are "
         "compared as numbers; give one of them another."},
        {FOLDER("20260515_a.sql", "", "20260515000000_b.sql", ""),
         "m/20260515_a.sql: version 20260515000000 is there twice: \"20260515000000_b.sql\" "
         "and \"20260515_a.sql\" | Versions are compared as numbers; give one of them "
         "another."},
        {FOLDER("1_a.up.sql", "", "1_b.down.sql", ""),
         "m/1_b.down.sql: version 1 is there twice: \"1_a.up.sql\" and \"1_b.down.sql\" | "
         "Give one of them another version."},
        {FOLDER("1_a.sql", "SELECT 1;", "1_a.up.sql", "SELECT 2;"),
         "m/1_a.up.sql:1: section \"up\" is there twice (\"up\" is m/1_a.sql:1)"},
        {FOLDER("1_a.backfill.sql", "", "1_a.sql", "-- migrate:backfill"),
         "m/1_a.sql:1: section \"backfill\" is there twice (\"backfill\" is "
         "m/1_a.backfill.sql:1)"},
        {FOLDER("1_a.up.sql", "", "1_a.expand.sql", ""),
         "m/1_a.expand.sql:1: section \"expand\" cannot stand beside up (\"up\" is "
         "m/1_a.up.sql:1)"},
        {FOLDER("1_a.down.sql", ""),
         "m/1_a.down.sql:1: 1_a has a \"down\" section and nothing to undo | Write an up "
         "section, or the phases; they may be empty."},
        {FOLDER("1_a.contract.down.sql", "", "1_a.expand.sql", ""),
         "m/1_a.contract.down.sql:1: section \"down contract\" has nothing to undo: there is "
         "no \"contract\" section"},
        {FOLDER("1_a.expand.sql", "-- migrate:backfill"),
         "m/1_a.expand.sql:1: a \"backfill\" section cannot stand here: the name of the file "
         "says \"expand\""},
    };
    /* clang-format on */
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < LENGTH(rows); i++)
    {
        Migrations migrations;

        ck_assert_str_eq(read_folder(scope, rows[i].folder, &migrations), rows[i].says);
    }
}
END_TEST

START_TEST(files_for_an_engine_beat_generic_ones)
{
    MEM_SCOPE(scope, NULL);
    Migrations migrations;

    ck_assert_str_eq(
        read_folder(scope,
                    FOLDER("1_a.down.sql", "generic down", "1_a.mysql.up.sql",
                           "no `'\\", "1_a.postgres.up.sql", "ours", "1_a.up.sql",
                           "generic 'up", "2_b.postgres.sql", "ours", "2_b.sql",
                           "generic 'whole", "2_b.up.sql", "generic up",
                           "3_c.postgres.down.sql", "ours", "3_c.sql",
                           "-- migrate:up\n-- migrate:down\ngeneric"),
                    &migrations),
        "");
    ck_assert_int_eq(migrations.count, 3);
    ck_assert_str_eq(migrations.items[0].sections[0].text, "ours");
    ck_assert_str_eq(migrations.items[0].sections[1].text, "generic down");
    ck_assert_int_eq(migrations.items[1].section_count, 1);
    ck_assert_str_eq(migrations.items[1].sections[0].text, "ours");
    ck_assert_int_eq(migrations.items[2].section_count, 2);
    ck_assert_str_eq(migration_section(&migrations.items[2], PHASE_UP, true)->text,
                     "ours");
}
END_TEST

START_TEST(a_version_without_a_part_for_the_engine_is_skipped)
{
    MEM_SCOPE(scope, NULL);
    Migrations migrations;
    SourceFiles files = sources_of(scope, FOLDER("1_a.down.sql", "", "1_a.mysql.up.sql",
                                                 "", "1_a.sqlite.up.sql", "",
                                                 "2_b.sqlite3.sql", "", "3_c.sql", ""));
    Err err = {0};

    ck_assert(native_folder(scope, &files, "postgres", &migrations, &err));
    ck_assert_int_eq(migrations.count, 3);
    ck_assert(migrations.items[0].skipped && migrations.items[1].skipped);
    ck_assert(!migrations.items[2].skipped);
    ck_assert_int_eq(migrations.items[0].section_count, 0);
    ck_assert_str_eq(migrations.items[1].file, "2_b.sqlite3.sql");

    /* "sqlite" and "sqlite3" are the same engine. */
    ck_assert(native_folder(scope, &files, "sqlite3", &migrations, &err));
    ck_assert(!migrations.items[0].skipped && !migrations.items[1].skipped);
}
END_TEST

START_TEST(a_file_with_a_strange_name_is_an_error)
{
    /* clang-format off */
    static const struct { const char *name, *says; } rows[] = {
        {"1_a.expnd.sql", " | \"expnd\" is neither a section nor an engine | Did you mean \"expand\"?"},
        {"1_a.postgre.up.sql",
         " | \"postgre\" is neither a section nor an engine | Did you mean \"postgres\"?"},
        {"1_a.v2.sql", " | \"v2\" is neither a section nor an engine | Name it "},
        {"1_a.SQL", " | Name it "},
        {"schema.sql", " | Name it "},
        {"1.sql", " | Name it "},
        {"1_.sql", " | Name it "},
        {"1-a.sql", " | Name it "},
        {"V1__a.sql", " | Name it "},
        {"1_a..sql", " | \"\" is neither a section nor an engine | Name it "},
        {"1_a.up.postgres.sql", " | Name it "},
        {"1_a.down.expand.sql", " | Name it "},
        {"1_a\n.sql", " | Name it "},
    };
    /* clang-format on */
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < LENGTH(rows); i++)
    {
        Migrations migrations;
        const char *said = read_folder(scope, FOLDER(rows[i].name, ""), &migrations);
        const char *expected =
            mem_text(scope, "m/%s: \"%s\" is not named like a migration%s",
                     rows[i].name, rows[i].name, rows[i].says);

        ck_assert_str_eq(mem_slice(scope, said, strlen(expected)), expected);
    }
}
END_TEST

START_TEST(other_files_are_nobodys_business)
{
    MEM_SCOPE(scope, NULL);
    Migrations migrations;

    ck_assert_str_eq(read_folder(scope,
                                 FOLDER("README.md", "-- migrat:up", "1_a.sql~", "",
                                        ".#1_a.sql", "", "sql", "", "1_a.sql", ""),
                                 &migrations),
                     "");
    ck_assert_int_eq(migrations.count, 1);
    ck_assert_str_eq(read_folder(scope, FOLDER("atlas.sum", ""), &migrations), "");
    ck_assert_int_eq(migrations.count, 0);
}
END_TEST

START_TEST(migrations_stand_in_the_order_of_their_versions)
{
    MEM_SCOPE(scope, NULL);
    Migrations migrations;

    ck_assert_str_eq(read_folder(scope,
                                 FOLDER("10_b.sql", "", "20260515_d.sql", "",
                                        "20260514235959_c.sql", "", "9_a.sql", ""),
                                 &migrations),
                     "");
    for (int i = 0; i < migrations.count; i++)
        ck_assert_int_eq(migrations.items[i].name[0], 'a' + i);
}
END_TEST

UNIT("native", the_classic_example_is_read, without_a_directive_the_file_is_up,
     nothing_but_comments_is_legal, only_a_backfill_repeats,
     line_ends_and_byte_order_marks_change_nothing, directives_inside_quotes_are_text,
     what_a_file_may_not_hold_is_named_by_line, a_nul_byte_is_named_by_line,
     utf8_is_welcome, a_version_may_be_split_into_files,
     files_of_one_version_must_agree, files_for_an_engine_beat_generic_ones,
     a_version_without_a_part_for_the_engine_is_skipped,
     a_file_with_a_strange_name_is_an_error, other_files_are_nobodys_business,
     migrations_stand_in_the_order_of_their_versions)
