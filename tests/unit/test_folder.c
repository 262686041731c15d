#include "run/folder/folder.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "unit/sources.h"
#include "unit/unit.h"

/* An empty place of its own for every test; the process of a test ends with it. */
static void
enter_place(Mem *mem)
{
    const char *base = getenv("TMPDIR");
    char *place = mem_text(mem, "%s/pgstride-folder-XXXXXX", base ? base : "/tmp");

    ck_assert_ptr_nonnull(mkdtemp(place));
    ck_assert_int_eq(chdir(place), 0);
}

static void
write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void
leave_place(Mem *mem)
{
    char here[PATH_MAX];

    ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));

    const char *command = mem_text(mem, "rm -rf '%s'", here);

    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(system(command), 0);
}

static const char *
read_error(Mem *mem, const char *dir)
{
    const char *used;
    SourceFiles files;
    Err err = {0};

    ck_assert(!folder_read(mem, dir, &used, &files, &err));
    ck_assert_int_eq(err.kind, ERR_USAGE);
    return err_line(mem, &err);
}

START_TEST(files_come_sorted_and_whole)
{
    MEM_SCOPE(scope, NULL);
    const char *used;
    SourceFiles files;
    Err err = {0};

    enter_place(scope);
    ck_assert_int_eq(mkdir("m", 0777), 0);
    write_file("m/2_b.sql", "");
    write_file("m/10_c.sql", "SELECT 1;\n");
    write_file("m/1_a.SQL", "shout");
    write_file("m/README.md", "no");
    write_file("m/.hidden.sql", "no");
    ck_assert_int_eq(symlink("10_c.sql", "m/3_link.sql"), 0);
    ck_assert(folder_read(scope, "m//", &used, &files, &err));
    ck_assert_str_eq(used, "m");
    ck_assert_int_eq(files.count, 4);
    ck_assert_str_eq(files.items[0].name, "10_c.sql");
    ck_assert_str_eq(files.items[0].path, "m/10_c.sql");
    ck_assert_str_eq(files.items[0].bytes, "SELECT 1;\n");
    ck_assert_int_eq(files.items[0].length, 10);
    ck_assert_str_eq(files.items[1].name, "1_a.SQL");
    ck_assert_int_eq(files.items[2].length, 0);
    ck_assert_str_eq(files.items[3].bytes, "SELECT 1;\n");
    leave_place(scope);
}
END_TEST

START_TEST(the_default_is_migrations_else_db_migrations)
{
    MEM_SCOPE(scope, NULL);
    const char *used;
    SourceFiles files;
    Err err = {0};

    enter_place(scope);
    ck_assert_str_eq(
        read_error(scope, NULL),
        "there is no folder \"migrations\" or \"db/migrations\" here | Name "
        "it with --dir, or let pgstride new NAME make it.");
    ck_assert_int_eq(mkdir("db", 0777), 0);
    ck_assert_int_eq(mkdir("db/migrations", 0777), 0);
    ck_assert(folder_read(scope, NULL, &used, &files, &err));
    ck_assert_str_eq(used, "db/migrations");
    ck_assert_int_eq(mkdir("migrations", 0777), 0);
    ck_assert(folder_read(scope, NULL, &used, &files, &err));
    ck_assert_str_eq(used, "migrations");
    leave_place(scope);
}
END_TEST

static void
make_folders(const char *const *paths)
{
    for (; *paths != NULL; paths++)
        ck_assert_int_eq(mkdir(*paths, 0777), 0);
}

/* "a, b: b/1.sql a/2.sql": the folders that are read, and their files in order. */
static const char *
read_all(Mem *mem, const char *dir)
{
    Buf all = buf_begin(mem);
    const char *used;
    SourceFiles files;
    Err err = {0};

    if (!folder_read(mem, dir, &used, &files, &err))
        return err_line(mem, &err);
    buf_format(&all, "%s:", used);
    for (int i = 0; i < files.count; i++)
        buf_format(&all, " %s", files.items[i].path);
    return all.text;
}

START_TEST(several_locations_are_one_set_of_files)
{
    static const char *const folders[] = {"a",     "a/deep",    "b",     "x",
                                          "x/one", "x/one/sql", "x/two", "x/two/sql",
                                          "c,d",   NULL};
    static const char *const cases[][2] = {
        {"a,b", "a, b: b/1_b.sql a/2_a.sql a/3.sql b/3.sql a/deep/V4__d.sql"},
        {"b , filesystem:./a/", "b, a: b/1_b.sql a/2_a.sql b/3.sql a/3.sql"},
        {"a/deep,a,a/deep,a", "a: a/2_a.sql a/3.sql a/deep/V4__d.sql"},
        {"a/deep,a/de", "there is no folder \"a/de\""},
        {"x/*/sql", "x/one/sql, x/two/sql: x/one/sql/5.sql x/two/sql/6.sql"},
        {"x/t?o/sql", "x/two/sql: x/two/sql/6.sql"},
        {"filesystem:x/**/sql",
         "x/one/sql, x/two/sql: x/one/sql/5.sql x/two/sql/6.sql"},
        {"*/deep", "a/deep: a/deep/V4__d.sql"},
        {"c,d", "c,d: c,d/7.sql"},
        {"classpath:/b", "b: b/1_b.sql b/3.sql"},
        {"file://b", "b: b/1_b.sql b/3.sql"},
        {"x/*/nothing", "there is no folder that fits \"x/*/nothing\""},
        {"classpath:db/migration",
         "the location \"classpath:db/migration\" is inside a program | Unpack it"},
        {"a,s3:bucket/sql", "the location \"s3:bucket/sql\" is no folder here"},
        {" , ", "no folder of migrations is named"},
    };
    MEM_SCOPE(scope, NULL);

    enter_place(scope);
    make_folders(folders);
    write_file("a/2_a.sql", "");
    write_file("a/3.sql", "");
    write_file("a/deep/V4__d.sql", "");
    write_file("b/1_b.sql", "");
    write_file("b/3.sql", "");
    write_file("x/one/sql/5.sql", "");
    write_file("x/two/sql/6.sql", "");
    write_file("c,d/7.sql", "");
    for (int i = 0; i < LENGTH(cases); i++)
    {
        const char *got = read_all(scope, cases[i][0]);

        ck_assert_msg(strncmp(got, cases[i][1], strlen(cases[i][1])) == 0,
                      "%s:\n  got:  %s\n  want: %s", cases[i][0], got, cases[i][1]);
    }
    leave_place(scope);
}
END_TEST

START_TEST(what_cannot_be_read_is_named)
{
    MEM_SCOPE(scope, NULL);

    enter_place(scope);
    ck_assert_str_eq(read_error(scope, "nowhere"),
                     "there is no folder \"nowhere\" | Name it with --dir, or let "
                     "pgstride new NAME make it.");
    write_file("file", "");
    ck_assert_str_eq(read_error(scope, "file"),
                     "cannot read the folder \"file\": Not a directory");

    ck_assert_int_eq(mkdir("m", 0777), 0);
    ck_assert_int_eq(symlink("nothing", "m/1_a.sql"), 0);
    ck_assert_str_eq(read_error(scope, "m"),
                     "m/1_a.sql: cannot open the file: No such file or directory");
    unlink("m/1_a.sql");
    ck_assert_int_eq(mkfifo("m/2_b.sql", 0666), 0);
    ck_assert_str_eq(read_error(scope, "m"), "m/2_b.sql: this is no ordinary file");
    unlink("m/2_b.sql");
    write_file("m/3_c.sql", "");
    ck_assert_int_eq(truncate("m/3_c.sql", (64 << 20) + 1), 0);
    ck_assert_str_eq(
        read_error(scope, "m"),
        "m/3_c.sql: the file is larger than 64 MB: 64 MB | Data belongs into "
        "COPY or a backfill, not into a migration file.");
    leave_place(scope);
}
END_TEST

START_TEST(a_new_migration_makes_its_folder)
{
    MEM_SCOPE(scope, NULL);
    ScaffoldWish wish = {.name = "Add role", .split = true};
    NewMigration made;
    SourceFiles files;
    const char *used;
    Err err = {0};

    enter_place(scope);
    ck_assert(folder_new(scope, "a/b/c/", &wish, &made, &err));
    ck_assert_str_eq(made.dir, "a/b/c");
    ck_assert_int_eq(made.scaffold.count, 2);
    ck_assert(folder_read(scope, "a/b/c", &used, &files, &err));
    ck_assert_int_eq(files.count, 2);
    ck_assert_str_eq(files.items[0].name, "19700101000000_add_role.down.sql");
    ck_assert_str_eq(files.items[1].bytes, made.scaffold.files[0].text);
    ck_assert(folder_new(scope, NULL, &wish, &made, &err));
    ck_assert_str_eq(made.dir, "migrations");
    leave_place(scope);
}
END_TEST

START_TEST(two_in_one_second_get_two_versions)
{
    MEM_SCOPE(scope, NULL);
    ScaffoldWish wish = {.name = "a", .wall_us = 59999999};
    NewMigration made;
    Err err = {0};

    enter_place(scope);
    ck_assert(folder_new(scope, NULL, &wish, &made, &err));
    ck_assert_str_eq(made.scaffold.version, "19700101000059");
    /* The next second is taken too: 197001010001 is padded to 19700101000100. */
    write_file("migrations/197001010001_b.sql", "");
    ck_assert(folder_new(scope, NULL, &wish, &made, &err));
    ck_assert_str_eq(made.scaffold.files[0].name, "19700101000101_a.sql");
    leave_place(scope);
}
END_TEST

START_TEST(a_new_migration_leaves_nothing_half_done)
{
    MEM_SCOPE(scope, NULL);
    ScaffoldWish wish = {.name = "a", .split = true};
    NewMigration made;
    Err err = {0};

    enter_place(scope);
    write_file("f", "");
    ck_assert(!folder_new(scope, "f/m", &wish, &made, &err));
    ck_assert_str_eq(err_line(scope, &err),
                     "cannot make the folder \"f\": File exists");

    wish.name = "?";
    ck_assert(!folder_new(scope, "m", &wish, &made, &err));
    ck_assert_str_eq(err_line(scope, &err),
                     "the name \"?\" has no letter and no digit");
    ck_assert_int_ne(access("m", F_OK), 0);
    leave_place(scope);
}
END_TEST

UNIT("folder", files_come_sorted_and_whole,
     the_default_is_migrations_else_db_migrations,
     several_locations_are_one_set_of_files, what_cannot_be_read_is_named,
     a_new_migration_makes_its_folder, two_in_one_second_get_two_versions,
     a_new_migration_leaves_nothing_half_done)
