#include <string.h>

#include "cli/clashes.h"
#include "cli/invocation.h"
#include "cli/text.h"
#include "unit/capture.h"
#include "unit/unit.h"

/* Reads a command line; false with err filled when it is none. */
static bool
line_read(Mem *mem, char *const *argv, CommandLine *line, Err *err)
{
    Options options;
    int argc = 0;

    while (argv[argc] != NULL)
        argc++;
    return options_read(mem, argc, argv, &options, err) &&
           command_read(mem, &options, line, err);
}

#define READ(line, err, ...)                                                           \
    line_read(scope, (char *[]){"pgstride", __VA_ARGS__, NULL}, (line), (err))

START_TEST(every_road_leads_to_the_same_commands)
{
    static char *const roads[][4] = {{NULL},
                                     {"migrate", NULL},
                                     {"migrate", "sql", NULL},
                                     {"sys", "database", "migrate"}};
    static const Road road_of[] = {ROAD_TOP, ROAD_MIGRATE, ROAD_SQL, ROAD_SYS};

    for (int i = 0; i < LENGTH(roads); i++)
        for (int j = 0; j < commands_count; j++)
        {
            MEM_SCOPE(scope, NULL);
            CommandLine line;
            Err err = {0};
            char *argv[8] = {"pgstride"};
            int argc = 1;

            for (int k = 0; k < 4 && roads[i][k] != NULL; k++)
                argv[argc++] = roads[i][k];
            argv[argc++] = (char *)commands_table[j].name;
            if (commands_table[j].least > 0)
                argv[argc++] = "17";
            ck_assert_msg(line_read(scope, argv, &line, &err), "%s", err.text);
            ck_assert_ptr_eq(line.command, &commands_table[j]);
            ck_assert_int_eq(line.road, road_of[i]);
        }
}
END_TEST

START_TEST(what_makes_no_sense_together_is_said)
{
    static char *const lines[][6] = {
        {"pgstride", "up", "3", "--to", "4"},
        {"pgstride", "plan", "3", "--steps", "4"},
        {"pgstride", "down", "3", "--steps", "4"},
        {"pgstride", "goto", "3", "--wait", "--no-wait"},
        {"pgstride", "mark", "3", "--applied", "--pending"},
    };

    for (int i = 0; i < LENGTH(lines); i++)
    {
        MEM_SCOPE(scope, NULL);
        Options options;
        CommandLine line;
        Err err = {0};

        ck_assert(options_read(scope, 5, lines[i], &options, &err));
        ck_assert(command_read(scope, &options, &line, &err));
        ck_assert_msg(!clashes_refuse(&options, &line, &err), "%s", lines[i][1]);
        ck_assert_int_eq(err.kind, ERR_USAGE);
        ck_assert_ptr_nonnull(err.hint);
        err_clear(&err);
        ck_assert(options_read(scope, 3, lines[i], &options, &err));
        ck_assert(clashes_refuse(&options, &line, &err) || line.argument_count == 0);
    }
}
END_TEST

START_TEST(bare_migrate_sql_is_up)
{
    MEM_SCOPE(scope, NULL);
    CommandLine line;
    Err err = {0};

    ck_assert(READ(&line, &err, "migrate", "sql"));
    ck_assert_str_eq(line.command->name, "up");
    ck_assert(READ(&line, &err, "migrate", "sql", "postgres://h/d", "--yes"));
    ck_assert_str_eq(line.command->name, "up");
    ck_assert_str_eq(line.database, "postgres://h/d");
    ck_assert(READ(&line, &err, "sys", "database", "migrate", "-l", "DEBUG", "-v"));
    ck_assert_str_eq(line.command->name, "up");
    ck_assert_int_eq(line.road, ROAD_SYS);
    ck_assert(!READ(&line, &err, "migrate"));
    ck_assert_str_eq(err.text, "no command given");
    err_clear(&err);
}
END_TEST

START_TEST(flags_may_stand_before_the_words)
{
    MEM_SCOPE(scope, NULL);
    CommandLine line;
    Err err = {0};

    ck_assert(READ(&line, &err, "-y", "migrate", "--dir", "m", "sql", "-e", "down"));
    ck_assert_str_eq(line.command->name, "down");
    ck_assert_int_eq(line.road, ROAD_SQL);
}
END_TEST

START_TEST(digits_are_a_version_and_addresses_are_addresses)
{
    static char *const files[] = {"sqlite:shop.db", "shop.db", "/var/shop.sqlite3",
                                  "file:shop", "app:hush@tcp(db:3306)/shop"};
    MEM_SCOPE(scope, NULL);
    CommandLine line;
    Err err = {0};

    ck_assert(READ(&line, &err, "contract", "20260515", "host=h dbname=d"));
    ck_assert_str_eq(line.database, "host=h dbname=d");
    ck_assert_int_eq(line.argument_count, 1);
    ck_assert_str_eq(line.arguments[0], "20260515");
    for (int i = 0; i < LENGTH(files); i++)
    {
        ck_assert_msg(READ(&line, &err, "up", files[i]), "%s", err.text);
        ck_assert_str_eq(line.database, files[i]);
    }
    ck_assert(READ(&line, &err, "contract", "postgres://h/d", "20260515"));
    ck_assert_str_eq(line.arguments[0], "20260515");
    ck_assert(READ(&line, &err, "force", "-1"));
    ck_assert_str_eq(line.arguments[0], "-1");
    ck_assert(READ(&line, &err, "mark", "1", "2", "3", "--pending"));
    ck_assert_int_eq(line.argument_count, 3);
    ck_assert(READ(&line, &err, "new", "add a=b"));
    ck_assert_str_eq(line.arguments[0], "add a=b");
}
END_TEST

/* clang-format off */
static char *const wrong[][6] = {
    /* words, the error, the hint */
    {"upp", NULL, NULL, "unknown command \"upp\"", "Did you mean \"up\"?"},
    {"migrate", "statsu", NULL, "unknown command \"statsu\"", "Did you mean \"status\"?"},
    {"up", "tomorrow", NULL, "\"tomorrow\" is neither a version nor a database address",
     "A version is written in digits; an address has \"://\" or \"=\" in it; the changes of sqitch have names: --layout=sqitch."},
    {"status", "17", NULL, "\"17\" is one argument too many for \"status\"", "Usage: pgstride status [URL]"},
    {"force", NULL, NULL, "\"force\" needs a version", "Usage: pgstride force VERSION [URL]"},
    {"new", NULL, NULL, "\"new\" needs a name", "Usage: pgstride new NAME"},
    {"postgres://u:hush@h/d", NULL, NULL, "no command before the database address",
     "For example: pgstride status URL"},
    {"version", "a://u:hush@h", NULL, "\"(a connection string)\" is one argument too many for \"version\"",
     "Usage: pgstride version "},
};
/* clang-format on */

START_TEST(what_is_wrong_is_named_with_what_to_do)
{
    for (int i = 0; i < LENGTH(wrong); i++)
    {
        MEM_SCOPE(scope, NULL);
        CommandLine line;
        Err err = {0};

        ck_assert(!READ(&line, &err, wrong[i][0], wrong[i][1]));
        ck_assert_int_eq(err_exit_code(err.kind), 2);
        ck_assert_str_eq(err.text, wrong[i][3]);
        ck_assert_str_eq(err.hint, wrong[i][4]);
        err_clear(&err);
    }
}
END_TEST

START_TEST(help_and_version_are_asked_anywhere)
{
    MEM_SCOPE(scope, NULL);
    CommandLine line;
    Err err = {0};

    ck_assert(READ(&line, &err, "migrate", "sql", "down", "-h"));
    ck_assert_str_eq(line.command->name, "help");
    ck_assert_str_eq(line.arguments[0], "down");
    ck_assert(READ(&line, &err, "migrate", "--help"));
    ck_assert_int_eq(line.argument_count, 0);
    ck_assert(READ(&line, &err, "--help"));
    ck_assert_str_eq(line.command->name, "help");
    ck_assert(READ(&line, &err, "-V"));
    ck_assert_str_eq(line.command->name, "version");
    ck_assert(!READ(&line, &err, "upp", "--help"));
    ck_assert_str_eq(err.hint, "Did you mean \"up\"?");
    err_clear(&err);
}
END_TEST

START_TEST(two_addresses_are_one_too_many)
{
    MEM_SCOPE(scope, NULL);
    CommandLine line;
    Err err = {0};

    ck_assert(!READ(&line, &err, "up", "postgres://a:hush@h/d", "postgres://b@h/d"));
    ck_assert_str_eq(err.text, "two database addresses are given");
    err_clear(&err);
}
END_TEST

/* The page of that command, or of all; false when there is none. */
static bool
help_of(const char *word, Capture *capture, Err *err)
{
    const char *arguments[] = {"migrate", word};
    Invocation call = {
        .line = {.arguments = arguments, .argument_count = word == NULL ? 0 : 2}};

    capture_begin(capture);
    call.out = capture->out;
    return command_help(&call, err);
}

START_TEST(every_command_has_a_page_that_fits)
{
    for (int i = 0; i <= commands_count; i++)
    {
        MEM_SCOPE(scope, NULL);
        Capture capture;
        Err err = {0};

        ck_assert(help_of(i == commands_count ? NULL : commands_table[i].name, &capture,
                          &err));

        TextLines lines = text_wrap(scope, capture_text(&capture), 0);

        ck_assert_int_gt(lines.count, 5);
        for (int j = 0; j < lines.count; j++)
            ck_assert_msg(utf8_width(lines.items[j]) <= 88, "%s", lines.items[j]);
        capture_end(&capture);
    }
}
END_TEST

/* A limit's default stands in the throttle's table, and so does its flag. */
START_TEST(flags_and_limits_agree)
{
    MEM_SCOPE(scope, NULL);
    char *argv[] = {"pgstride", "up", NULL};
    Options options;
    Err err = {0};

    ck_assert(options_read(scope, 2, argv, &options, &err));
    ck_assert(limit_row(SIGNAL_LAG)->fallback == (double)options.max_lag);
    ck_assert(limit_row(SIGNAL_SLOT)->fallback == (double)options.max_slot_wal);
    ck_assert(limit_row(SIGNAL_WAL_RATE)->fallback == (double)options.max_wal_rate);
    ck_assert(limit_row(SIGNAL_ACTIVE)->fallback == (double)options.max_active);
    ck_assert(limit_row(SIGNAL_HISTORY)->fallback == (double)options.max_history);
    for (Signal i = 0; i < SIGNAL_COUNT; i++)
    {
        const char *flag = limit_row(i)->flag;
        bool known = flag == NULL;

        for (int j = 0; j < options_count && !known; j++)
            known = strcmp(options_table[j].name, flag) == 0;
        ck_assert_msg(known, "--%s is no flag", flag);
    }
}
END_TEST

START_TEST(help_lists_the_flags_of_the_command_alone)
{
    Capture capture;
    Err err = {0};

    ck_assert(help_of("status", &capture, &err));
    ck_assert_ptr_nonnull(strstr(capture_text(&capture), "--exit-code"));
    ck_assert_ptr_null(strstr(capture_text(&capture), "--lock-patience"));
    ck_assert_ptr_null(strstr(capture_text(&capture), "--list-faults"));
    capture_end(&capture);
    ck_assert(!help_of("nonsense", &capture, &err));
    ck_assert_int_eq(err.kind, ERR_USAGE);
    capture_end(&capture);
    err_clear(&err);
}
END_TEST

UNIT("commands", every_road_leads_to_the_same_commands, bare_migrate_sql_is_up,
     what_makes_no_sense_together_is_said, flags_may_stand_before_the_words,
     digits_are_a_version_and_addresses_are_addresses,
     what_is_wrong_is_named_with_what_to_do, help_and_version_are_asked_anywhere,
     two_addresses_are_one_too_many, every_command_has_a_page_that_fits,
     flags_and_limits_agree, help_lists_the_flags_of_the_command_alone)
