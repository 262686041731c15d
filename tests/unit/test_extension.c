#include "run/connect/extension.h"

#include <string.h>

#include "base/version.h"
#include "core/extension.h"
#include "unit/stage.h"
#include "unit/unit.h"

#define SPEAKS(protocol_) ONE("extension_protocol", "protocol", protocol_)

/* A run whose watcher has found the extension there, in that state, and asks it. */
static Stage *
stage_met(Mem *mem, ExtensionState found, const Line *asked)
{
    static Caps caps;
    Stage *stage = stage_open(mem);

    stage_connect(stage, "watcher", asked);
    caps = *stage->run.watcher->caps;
    caps.extension =
        (Extension){.state = found, .version = "1.0", .user = "Ann's \"app\""};
    stage->run.watcher->caps = &caps;
    stage_good(stage, extension_meet(&stage->run, &stage->err));
    return stage;
}

static void
stage_told(Stage *stage, ExtensionState state, const char *text)
{
    ck_assert_int_eq(stage->run.caps->extension.state, state);
    ck_assert_msg(strstr(stage->told.text, text) != NULL, "told: %s", stage->told.text);
    stage_close(stage);
}

START_TEST(no_extension_costs_no_question_and_no_word)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_met(scope, EXTENSION_NONE, (Line[]){{0}});

    ck_assert_str_eq(stage->told.text, "");
    ck_assert(!extension_used(stage->run.caps));
    stage_close(stage);
}
END_TEST

START_TEST(our_protocol_is_used_in_silence)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_met(scope, EXTENSION_UNASKED, (Line[]){SPEAKS("1"), {0}});

    ck_assert_str_eq(stage->told.text, "");
    ck_assert(extension_used(stage->run.caps));
    stage_close(stage);
}
END_TEST

START_TEST(another_protocol_is_left_alone_and_the_cure_is_told)
{
    MEM_SCOPE(scope, NULL);

    stage_told(stage_met(scope, EXTENSION_UNASKED, (Line[]){SPEAKS("0"), {0}}),
               EXTENSION_OLDER, "ALTER EXTENSION pgstride UPDATE");
    stage_told(stage_met(scope, EXTENSION_UNASKED, (Line[]){SPEAKS("2"), {0}}),
               EXTENSION_NEWER,
               "speaks protocol 2, and this pgstride speaks 1: upgrade pgstride");
}
END_TEST

START_TEST(who_may_not_use_it_is_told_which_grant_is_missing)
{
    MEM_SCOPE(scope, NULL);

    stage_told(stage_met(scope, EXTENSION_CLOSED, (Line[]){{0}}), EXTENSION_CLOSED,
               "GRANT EXECUTE ON ALL ROUTINES IN SCHEMA pgstride_server TO "
               "\"Ann's \"\"app\"\"\"");
}
END_TEST

START_TEST(a_library_that_is_gone_is_no_error)
{
    MEM_SCOPE(scope, NULL);
    const Line gone[] = {{.label = "extension_protocol",
                          .sqlstate = "58P01",
                          .message = "could not access file \"$libdir/pgstride\""},
                         {0}};

    stage_told(stage_met(scope, EXTENSION_UNASKED, gone), EXTENSION_BROKEN,
               "does not answer (could not access file");
}
END_TEST

START_TEST(what_was_told_is_not_told_again_after_a_reconnect)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_met(scope, EXTENSION_CLOSED, (Line[]){{0}});
    size_t told = strlen(stage->told.text);

    stage_good(stage, extension_meet(&stage->run, &stage->err));
    ck_assert_int_eq(strlen(stage->told.text), told);
    stage_close(stage);
}
END_TEST

START_TEST(a_lost_connection_is_one)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);
    Caps caps;

    stage_connect(stage, "watcher",
                  (Line[]){{.label = "extension_protocol", .lost = true}, {0}});
    caps = *stage->run.watcher->caps;
    caps.extension.state = EXTENSION_UNASKED;
    stage->run.watcher->caps = &caps;
    stage_bad(stage, extension_meet(&stage->run, &stage->err), ERR_LOST);
    stage_close(stage);
}
END_TEST

UNIT("extension", no_extension_costs_no_question_and_no_word,
     our_protocol_is_used_in_silence,
     another_protocol_is_left_alone_and_the_cure_is_told,
     who_may_not_use_it_is_told_which_grant_is_missing,
     a_library_that_is_gone_is_no_error,
     what_was_told_is_not_told_again_after_a_reconnect, a_lost_connection_is_one)
