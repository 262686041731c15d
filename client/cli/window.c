/* window: when one opens next. */
#include "run/hold/window.h"
#include "base/units.h"
#include "cli/json.h"
#include "cli/settings.h"

#define OPENINGS_SHOWN 5
#define AHEAD_SECONDS (60 * 86400LL)

static int
openings_shown(const Openings *openings)
{
    return openings->count < OPENINGS_SHOWN ? openings->count : OPENINGS_SHOWN;
}

/* "for 3 h 00 min", or the date where it closes on another day's hour. */
static void
opening_print(Out *out, const Opening *opening, int64_t now)
{
    MEM_SCOPE(scope, NULL);
    const Zone *zone = opening->part->zone;
    double length = (double)(opening->closes - opening->opens) * 1000;
    double wait = (double)(opening->opens - now) * 1000;

    out_print(out, "  %s to %s %s, for %s", window_date(scope, zone, opening->opens),
              window_time(scope, zone, opening->closes), opening->part->zone_name,
              duration_show(scope, length));
    if (wait > 0)
        out_print(out, ", in %s\n", duration_show(scope, wait));
    else
        out_print(out, ": open now, for another %s\n",
                  duration_show(scope, (double)(opening->closes - now) * 1000));
}

static json_t *
openings_json(Mem *mem, const Openings *openings)
{
    json_t *array = json_array();

    for (int i = 0; i < openings_shown(openings); i++)
    {
        const Opening *opening = &openings->items[i];

        json_array_append_new(
            array, json_pack("{s:s, s:s, s:s}", "opens",
                             clock_rfc3339(mem, opening->opens * 1000000), "closes",
                             clock_rfc3339(mem, opening->closes * 1000000), "zone",
                             opening->part->zone_name));
    }
    return array;
}

bool
command_window(Invocation *call, Err *err)
{
    int64_t now = clock_real.wall_us(&clock_real) / 1000000;
    Window window;

    if (!window_load(call->mem, call->line.arguments[0], now, &window, err))
        return false;

    Openings openings = window_openings(call->mem, &window, now, now + AHEAD_SECONDS);
    bool open = openings.items[0].opens <= now;

    if (options_json(&call->options))
    {
        json_give(call,
                  json_pack("{s:s, s:b, s:o}", "window", window.text, "open", open,
                            "openings", openings_json(call->mem, &openings)));
        return true;
    }
    out_print(&call->out, "%s\n", window.text);
    for (int i = 0; i < openings_shown(&openings); i++)
        opening_print(&call->out, &openings.items[i], now);
    return true;
}
