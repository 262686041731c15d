/* Waiting on many sockets at once: the loop that the drivers over a wire share. */
#ifndef PGSTRIDE_DB_WAIT_H
#define PGSTRIDE_DB_WAIT_H

#include <poll.h>

#include "db/driver.h"

/* The index of the first of dbs that has its whole answer, or -1; fds say what the
 * others wait for, fd -1: for nothing. */
typedef int (*WaitLook)(Db *const *dbs, int count, struct pollfd *fds);

typedef struct Waiting
{
    Db *const *dbs;
    int count;
    double deadline_ms;
    int wake_fd;
} Waiting;

/* As Driver.wait. */
int wait_answer(const Waiting *waiting, WaitLook look);

#endif
