#include "cli/unheeded.h"

#include <string.h>

typedef struct Unheeded
{
    const char *engine; /* Target.engine */
    const char *flag;
    const char *why;
} Unheeded;

#define SESSIONS "sessions in the way are named, and left alone"
#define STATEMENT "how long a statement is in the way the server decides"
#define ONE_FILLS "one session fills a table"
#define OF_POSTGRES "PostgreSQL alone has what it is about"
#define NO_SERVER "a file has no server"
#define OWN_PACE "its backfills rest as long as they work"

/* clang-format off */
static const Unheeded unheeded[] = {
    {"mysql",     "max-stall",      STATEMENT},
    {"mysql",     "on-blocker",     SESSIONS},
    {"mysql",     "workers",        ONE_FILLS},
    {"mysql",     "free-space",     OF_POSTGRES},
    {"mysql",     "max-slot-wal",   OF_POSTGRES},
    {"mysql",     "max-wal-rate",   OF_POSTGRES},
    {"sqlite3",   "role",           NO_SERVER},
    {"sqlite3",   "max-stall",      "a step has the file for as long as it takes"},
    {"sqlite3",   "on-blocker",     "who has the file is named, and left alone"},
    {"sqlite3",   "standby",        NO_SERVER},
    {"sqlite3",   "workers",        "one at a time writes to a file"},
    {"sqlite3",   "free-space",     OF_POSTGRES},
    {"sqlite3",   "max-lag",        NO_SERVER},
    {"sqlite3",   "max-slot-wal",   OF_POSTGRES},
    {"sqlite3",   "max-wal-rate",   OF_POSTGRES},
    {"sqlite3",   "max-active",     NO_SERVER},
    {"sqlite3",   "max-history",    NO_SERVER},
    {"sqlite3",   "max-latency",    OWN_PACE},
    {"sqlite3",   "max-share",      OWN_PACE},
    {"cockroach", "max-stall",      STATEMENT},
    {"cockroach", "on-blocker",     SESSIONS},
    {"cockroach", "standby",        OF_POSTGRES},
    {"cockroach", "workers",        ONE_FILLS},
    {"cockroach", "free-space",     OF_POSTGRES},
    {"cockroach", "max-lag",        OF_POSTGRES},
    {"cockroach", "max-slot-wal",   OF_POSTGRES},
    {"cockroach", "max-wal-rate",   OF_POSTGRES},
    {"cockroach", "max-active",     OWN_PACE},
    {"cockroach", "max-history",    OWN_PACE},
    {"cockroach", "max-latency",    OWN_PACE},
    {"cockroach", "max-share",      OWN_PACE},
    {"cockroach", "throttle-file",  OWN_PACE},
    {"cockroach", "throttle-query", OWN_PACE},
};
/* clang-format on */

static void
text_tell(Observer *observer, const char *text)
{
    Event event = {.kind = EVENT_NOTE, .text = text};

    observer->see(observer, &event);
}

void
unheeded_tell(const Options *options, const Target *target, Observer *observer)
{
    for (int i = 0; i < LENGTH(unheeded); i++)
    {
        MEM_SCOPE(scope, NULL);
        const Unheeded *row = &unheeded[i];

        if (strcmp(row->engine, target->engine) == 0 &&
            option_given(options, row->flag))
            text_tell(observer,
                      mem_text(scope, "--%s changes nothing on this engine: %s",
                               row->flag, row->why));
    }
    for (int i = 0; i < target->note_count; i++)
        text_tell(observer, target->notes[i]);
}
