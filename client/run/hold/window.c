#include "run/hold/window.h"

#include <string.h>

#include "run/hold/zones.h"

/* What zones do is looked up again each day: a wait may outlast what was looked up. */
#define LOADED_SECONDS 86400

static int64_t
clock_seconds(Clock *clock)
{
    return clock->wall_us(clock) / 1000000;
}

bool
window_load(Mem *mem, const char *text, int64_t now, Window *window, Err *err)
{
    return window_read(mem, text, window, err) && window_zones(mem, window, now, err);
}

bool
window_check(Mem *mem, const Migration *migration, Clock *clock, Err *err)
{
    MEM_SCOPE(scope, mem);

    for (int i = 0; i < migration->section_count; i++)
    {
        const Section *section = &migration->sections[i];
        Window window;

        if (section->options.window == NULL ||
            window_load(scope, section->options.window, clock_seconds(clock), &window,
                        err))
            continue;
        err->file = mem_copy(err->mem, section->file);
        err->line = section->span.line;
        return false;
    }
    return true;
}

/* The one that was asked about last is kept: between batches it is always the same. */
static bool
window_find(Run *run, const char *text, int64_t now, Err *err)
{
    bool known = run->window_text != NULL && strcmp(run->window_text, text) == 0 &&
                 now - run->window_loaded < LOADED_SECONDS;

    if (known)
        return true;
    TALLOC_FREE(run->window_text);
    run->window_text = mem_copy(run->mem, text);
    run->window_loaded = now;
    return window_load(run->window_text, text, now, &run->window, err);
}

bool
window_ask(Run *run, const Step *step, Mem *mem, WindowSaid *said, Err *err)
{
    const char *text = step->window != NULL ? step->window : run->settings->window;
    int64_t now = clock_seconds(run->clock);
    WindowNow is;

    *said = (WindowSaid){.left_ms = -1};
    if (text == NULL)
        return true;
    if (!window_find(run, text, now, err))
        return false;
    is = window_now(&run->window, now);

    const char *until = mem_text(
        mem, "%s %s", window_time(mem, is.part->zone, is.until), is.part->zone_name);

    said->left_ms =
        (double)is.until * 1000.0 - (double)run->clock->wall_us(run->clock) / 1000.0;
    if (is.open)
        said->freed = mem_text(mem, "window is open until %s", until);
    else
        said->text = mem_text(mem, "window opens %s", until);
    return true;
}
