/*
 * The stop flag: INT and TERM ask for a clean stop, a second INT does not wait for it.
 *
 * The only global state that is not a constant table. stop_fd becomes readable when a
 * stop is asked for, so that every poll() can include it.
 */
#ifndef PGSTRIDE_BASE_STOP_H
#define PGSTRIDE_BASE_STOP_H

#include <stdbool.h>

/* Installs the handlers; a second INT ends the process at once with exit code 130. */
void stop_listen(void);
bool stop_asked(void);
void stop_ask(void);
int stop_fd(void);

#endif
