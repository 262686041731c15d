#include <string.h>

#include "cli/confirm.h"
#include "unit/capture.h"
#include "unit/unit.h"

#define QUESTION "Do you wish to execute this migration plan? [y/n]: "

static bool
answered(const char *typed, Capture *capture, Err *err)
{
    FILE *in = fmemopen((void *)typed, strlen(typed), "r");
    bool yes;

    capture_begin(capture);
    yes = confirm_plan(&capture->out, in, err);
    fclose(in);
    return yes;
}

START_TEST(yes_in_every_spelling_goes_on)
{
    static const char *const typed[] = {"y\n", "yes\n", "Y\n", "YES\r\n"};

    for (int i = 0; i < LENGTH(typed); i++)
    {
        Capture capture;
        Err err = {0};

        ck_assert_msg(answered(typed[i], &capture, &err), "%s", typed[i]);
        ck_assert_str_eq(capture_text(&capture), QUESTION);
        capture_end(&capture);
    }
}
END_TEST

START_TEST(no_and_the_end_of_the_input_are_not_confirmed)
{
    static const char *const typed[] = {"n\n", "no\n", "No\n", "\x04", "maybe"};

    for (int i = 0; i < LENGTH(typed); i++)
    {
        Capture capture;
        Err err = {0};

        ck_assert_msg(!answered(typed[i], &capture, &err), "%s", typed[i]);
        ck_assert_int_eq(err_exit_code(err.kind), 7);
        ck_assert_ptr_nonnull(strstr(capture_text(&capture), "Migration aborted.\n"));
        capture_end(&capture);
        err_clear(&err);
    }
}
END_TEST

START_TEST(anything_else_is_asked_again)
{
    Capture capture;
    Err err = {0};

    ck_assert(
        answered("what?\n\nyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\ny\n", &capture, &err));
    ck_assert_str_eq(capture_text(&capture), QUESTION QUESTION QUESTION QUESTION);
    capture_end(&capture);
}
END_TEST

UNIT("prompt", yes_in_every_spelling_goes_on,
     no_and_the_end_of_the_input_are_not_confirmed, anything_else_is_asked_again)
