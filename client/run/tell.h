/* Telling the observer, in one line each; run never prints. */
#ifndef PGSTRIDE_RUN_TELL_H
#define PGSTRIDE_RUN_TELL_H

#include "run/run.h"

void tell(Run *run, const Event *event);
void tell_text(Run *run, EventKind kind, const char *text);
void tell_note(Run *run, EventKind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void tell_migration(Run *run, EventKind kind, const Migration *migration, State state);
void tell_step(Run *run, EventKind kind, const Step *step, const char *text);
/* How far a statement is that only its estimate tells of. */
void tell_reading(Run *run, const Step *step, const char *doing, double elapsed_ms);

#endif
