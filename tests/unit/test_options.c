#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/unheeded.h"
#include "unit/unit.h"

#define READ(options, err, ...)                                                        \
    options_read(scope, LENGTH(((char *[]){"pgstride", __VA_ARGS__})),                 \
                 (char *[]){"pgstride", __VA_ARGS__, NULL}, (options), (err))

START_TEST(flags_stand_anywhere)
{
    MEM_SCOPE(scope, NULL);
    Options options;
    Err err = {0};

    ck_assert(READ(&options, &err, "-y", "migrate", "--steps=3", "sql", "-d", "x=y",
                   "down", "postgres://h/d", "-qvv"));
    ck_assert(options.yes && options.quiet);
    ck_assert_int_eq(options.steps, 3);
    ck_assert_int_eq(options.verbose, 2);
    ck_assert_str_eq(options.database, "x=y");
    ck_assert_int_eq(options.word_count, 4);
    ck_assert_str_eq(options.words[0], "migrate");
    ck_assert_str_eq(options.words[3], "postgres://h/d");
}
END_TEST

START_TEST(every_spelling_of_a_value_is_read)
{
    MEM_SCOPE(scope, NULL);
    Options options;
    Err err = {0};

    ck_assert(READ(&options, &err, "-dA", "-d=B", "-d", "C", "--database", "D"));
    ck_assert_str_eq(options.database, "D");
    ck_assert(READ(&options, &err, "-d=B"));
    ck_assert_str_eq(options.database, "B");
    ck_assert(READ(&options, &err, "-ydA"));
    ck_assert(options.yes);
    ck_assert_str_eq(options.database, "A");
    ck_assert(READ(&options, &err, "--yes=false"));
    ck_assert(!options.yes);
    ck_assert(READ(&options, &err, "--log-level=debug"));
    ck_assert_int_eq(options.log_level, LOG_LEVEL_DEBUG);
}
END_TEST

START_TEST(what_is_no_flag_is_a_word)
{
    MEM_SCOPE(scope, NULL);
    Options options;
    Err err = {0};

    ck_assert(READ(&options, &err, "force", "-1", "--", "--yes", "-"));
    ck_assert_int_eq(options.word_count, 4);
    ck_assert_str_eq(options.words[1], "-1");
    ck_assert_str_eq(options.words[2], "--yes");
    ck_assert(!options.yes);
}
END_TEST

START_TEST(defaults_are_those_of_the_help)
{
    MEM_SCOPE(scope, NULL);
    Options options;
    Err err = {0};

    ck_assert(READ(&options, &err, "up"));
    ck_assert_int_eq(options.max_stall, 100);
    ck_assert_int_eq(options.lock_patience, 600000);
    ck_assert_int_eq(options.batch_time, 100);
    ck_assert_int_eq(options.max_lag, 1000);
    ck_assert_int_eq(options.safe, SAFE_REWRITE);
    ck_assert_int_eq(options.to_state, STATE_CONTRACTED);
    ck_assert_int_eq(options_log_level(&options), LOG_LEVEL_WARN);
    ck_assert(!option_given(&options, "max-stall"));
}
END_TEST

START_TEST(a_flag_beats_the_environment_beats_the_default)
{
    MEM_SCOPE(scope, NULL);
    Options options;
    Err err = {0};

    setenv("PGSTRIDE_MAX_STALL", "50ms", 1);
    ck_assert(READ(&options, &err, "up"));
    ck_assert_int_eq(options.max_stall, 50);
    ck_assert(!option_given(&options, "max-stall"));
    ck_assert(READ(&options, &err, "up", "--max-stall", "7ms"));
    ck_assert_int_eq(options.max_stall, 7);
    ck_assert(option_given(&options, "max-stall"));

    setenv("PGSTRIDE_MAX_STALL", "50", 1);
    ck_assert(!READ(&options, &err, "up"));
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(err.text, "PGSTRIDE_MAX_STALL"));
    err_clear(&err);
}
END_TEST

/* A flag beats what a section says; a file must not look like one. */
START_TEST(a_file_beats_the_default_and_nothing_else)
{
    MEM_SCOPE(scope, NULL);
    char path[] = "/tmp/pgstride-options-XXXXXX";
    int fd = mkstemp(path);
    Options options;
    Err err = {0};

    ck_assert_int_ge(fd, 0);
    ck_assert_int_gt(dprintf(fd, "pgstride: {max-stall: 30ms, dir: sql, yes: true}"),
                     0);
    ck_assert_int_eq(close(fd), 0);
    ck_assert_msg(READ(&options, &err, "up", "-c", path), "%s", err.text);
    ck_assert_int_eq(options.max_stall, 30);
    ck_assert_str_eq(options.dir, "/tmp/sql");
    ck_assert(options.yes);
    ck_assert(!option_given(&options, "max-stall"));

    setenv("PGSTRIDE_MAX_STALL", "50ms", 1);
    ck_assert(READ(&options, &err, "up", "-c", path));
    ck_assert_int_eq(options.max_stall, 50);
    ck_assert(READ(&options, &err, "--max-stall=7ms", "up", "-c", path));
    ck_assert_int_eq(options.max_stall, 7);
    unsetenv("PGSTRIDE_MAX_STALL");
    ck_assert_int_eq(unlink(path), 0);
}
END_TEST

START_TEST(patience_may_be_left_unsaid)
{
    MEM_SCOPE(scope, NULL);
    Options options;
    Err err = {0};

    ck_assert(READ(&options, &err, "status", "--block", "postgres://h/d"));
    ck_assert_int_eq(options.wait, 600000);
    ck_assert_int_eq(options.word_count, 2);
    ck_assert(READ(&options, &err, "status", "--wait=5s"));
    ck_assert_int_eq(options.wait, 5000);
}
END_TEST

START_TEST(a_wrong_flag_is_named_with_what_was_meant)
{
    MEM_SCOPE(scope, NULL);
    Options options;
    Err err = {0};

    ck_assert(!READ(&options, &err, "up", "--max-stal", "1s"));
    ck_assert_str_eq(err.text, "unknown flag \"--max-stal\"");
    ck_assert_str_eq(err.hint, "Did you mean \"--max-stall\"?");
    ck_assert(!READ(&options, &err, "up", "--url=postgres://u:hush@h/d"));
    ck_assert_str_eq(err.hint, "Did you mean \"--database\"?"); /* so dbmate says it */
    ck_assert(!READ(&options, &err, "up", "-x"));
    ck_assert_str_eq(err.text, "unknown flag \"-x\"");
    ck_assert(!READ(&options, &err, "up", "--max-stall"));
    ck_assert_str_eq(err.text, "--max-stall needs a value: TIME");
    ck_assert(!READ(&options, &err, "up", "--steps", "0"));
    ck_assert_str_eq(err.text, "--steps takes a number of at least 1, not \"0\"");
    ck_assert(!READ(&options, &err, "up", "--safe", "rewrit"));
    ck_assert_str_eq(err.hint, "Did you mean \"rewrite\"?");
    err_clear(&err);
}
END_TEST

/* A URL that slipped behind the wrong flag carries its password along. */
START_TEST(errors_quote_no_connection_string)
{
    MEM_SCOPE(scope, NULL);
    Options options;
    Err err = {0};

    ck_assert(!READ(&options, &err, "up", "--steps", "postgres://u:hush@h/d"));
    ck_assert_ptr_null(strstr(err.text, "hush"));
    ck_assert(!READ(&options, &err, "up", "--format=host=h password=hush"));
    ck_assert_ptr_null(strstr(err.text, "hush"));
    ck_assert(!READ(&options, &err, "up", "--no-such=postgres://u:hush@h/d"));
    ck_assert_str_eq(err.text, "unknown flag \"--no-such\"");
    err_clear(&err);
}
END_TEST

START_TEST(the_format_is_read_behind_an_error)
{
    MEM_SCOPE(scope, NULL);
    Options options;
    Err err = {0};

    ck_assert(!READ(&options, &err, "up", "--no-such", "--format", "json"));
    ck_assert(options_json(&options));
    ck_assert_str_eq(err.text, "unknown flag \"--no-such\"");
    err_clear(&err);
}
END_TEST

START_TEST(a_flag_that_means_nothing_here_is_refused)
{
    MEM_SCOPE(scope, NULL);
    Options options;
    Err err = {0};

    ck_assert(READ(&options, &err, "status", "--steps", "2"));
    ck_assert(!options_apply_to(&options, CMD_STATUS, "status", &err));
    ck_assert_str_eq(err.text, "--steps does not apply to \"status\"");
    ck_assert(options_apply_to(&options, CMD_DOWN, "down", &err));
    err_clear(&err);
}
END_TEST

START_TEST(no_two_rows_share_a_name_or_a_letter)
{
    for (int i = 0; i < options_count; i++)
        for (int j = 0; j < i; j++)
        {
            const Option *a = &options_table[i];
            const Option *b = &options_table[j];

            ck_assert_str_ne(a->name, b->name);
            ck_assert(a->letter == 0 || a->letter != b->letter);
        }
}
END_TEST

START_TEST(every_row_says_what_it_takes)
{
    for (int i = 0; i < options_count; i++)
    {
        const Option *option = &options_table[i];
        bool valued = option->type != OPTION_FLAG && option->type != OPTION_TALLY;

        ck_assert_msg((option->metavar != NULL) == valued, "--%s", option->name);
        ck_assert_msg((option->choices != NULL) == (option->type == OPTION_CHOICE),
                      "--%s", option->name);
        ck_assert_msg(option->commands != 0, "--%s", option->name);
    }
}
END_TEST

typedef struct Listener
{
    Observer observer;
    int told;
    char said[200];
} Listener;

static void
listener_see(Observer *observer, const Event *event)
{
    Listener *listener = (Listener *)observer;

    listener->told++;
    snprintf(listener->said, sizeof(listener->said), "%s", event->text);
}

START_TEST(a_flag_that_an_engine_does_not_heed_is_told)
{
    MEM_SCOPE(scope, NULL);
    Listener listener = {.observer = {listener_see}};
    Options options;
    Err err = {0};

    ck_assert(READ(&options, &err, "up", "--workers=4", "--throttle-file=f"));
    unheeded_tell(&options, &(Target){.engine = "postgres"}, &listener.observer);
    ck_assert_int_eq(listener.told, 0);
    unheeded_tell(&options, &(Target){.engine = "sqlite3"}, &listener.observer);
    ck_assert_int_eq(listener.told, 1);
    ck_assert_str_eq(listener.said, "--workers changes nothing on this engine: one at "
                                    "a time writes to a file");
    unheeded_tell(&options, &(Target){.engine = "cockroach"}, &listener.observer);
    ck_assert_int_eq(listener.told, 3);
}
END_TEST

UNIT("options", flags_stand_anywhere, every_spelling_of_a_value_is_read,
     what_is_no_flag_is_a_word, defaults_are_those_of_the_help,
     a_flag_beats_the_environment_beats_the_default,
     a_file_beats_the_default_and_nothing_else, patience_may_be_left_unsaid,
     a_wrong_flag_is_named_with_what_was_meant, errors_quote_no_connection_string,
     the_format_is_read_behind_an_error, a_flag_that_means_nothing_here_is_refused,
     a_flag_that_an_engine_does_not_heed_is_told, no_two_rows_share_a_name_or_a_letter,
     every_row_says_what_it_takes)
