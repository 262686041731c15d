#include "cli/clashes.h"

#include <string.h>

/* Stands for a version as an argument. */
#define VERSION "VERSION"

typedef struct Clash
{
    unsigned commands;
    const char *one;
    const char *other;
    const char *why;
    const char *cure;
} Clash;

/* clang-format off */
static const Clash clashes[] = {
    {CMD_UP | CMD_PLAN, "to", VERSION,
     "--to says how far to go, and a version says which one to run",
     "Give one of them: --to runs everything that is pending up to it."},
    {CMD_UP | CMD_PLAN, "steps", VERSION,
     "--steps counts migrations, and a version names the one to run",
     "Give one of them."},
    {CMD_DOWN, "steps", VERSION,
     "--steps counts migrations, and a version names the one to take back",
     "Give one of them; \"pgstride goto VERSION\" takes back all that is above it."},
    {CMD_WRITE, "wait", "no-wait", "--wait and --no-wait contradict each other",
     "Give one of them."},
    {CMD_WRITE, "block", "no-wait", "--block and --no-wait contradict each other",
     "Give one of them."},
    {CMD_WRITE | CMD_STATUS, "block", "wait", "--block and --wait are the same flag",
     "Give one of them."},
    {CMD_MARK, "applied", "pending", "--applied and --pending contradict each other",
     "Give one of them."},
    {CMD_MARK, "applied", "to-state", "--applied and --to-state both say a state",
     "Give one of them: --applied is --to-state contracted."},
    {CMD_MARK, "pending", "to-state", "--pending and --to-state both say a state",
     "Give one of them: --pending is --to-state pending."},
};
/* clang-format on */

static bool
is_given(const Options *options, const CommandLine *line, const char *what)
{
    return strcmp(what, VERSION) == 0 ? line->argument_count > 0
                                      : option_given(options, what);
}

bool
clashes_refuse(const Options *options, const CommandLine *line, Err *err)
{
    for (int i = 0; i < LENGTH(clashes); i++)
    {
        const Clash *clash = &clashes[i];

        if ((clash->commands & line->command->bit) != 0 &&
            is_given(options, line, clash->one) &&
            is_given(options, line, clash->other))
            return err_set(err, ERR_USAGE, "%s", clash->why) ||
                   err_hint(err, "%s", clash->cure);
    }
    return true;
}
