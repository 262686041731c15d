#include "db/wait.h"

/* Until the deadline in whole milliseconds, rounded up; -1: no end. */
static int
poll_timeout(double deadline_ms)
{
    double left = deadline_ms - clock_now(&clock_real);

    if (deadline_ms < 0)
        return -1;
    if (left <= 0)
        return 0;
    return left > 3600e3 ? 3600000 : (int)left + 1;
}

int
wait_answer(const Waiting *waiting, WaitLook look)
{
    MEM_SCOPE(scope, NULL);
    int count = waiting->count;
    double deadline_ms = waiting->deadline_ms;
    struct pollfd *fds = mem_array(scope, struct pollfd, count + 1);

    for (;;)
    {
        int ready = look(waiting->dbs, count, fds);
        bool asked = false;

        if (ready >= 0)
            return ready;
        for (int i = 0; i < count; i++)
            asked = asked || fds[i].fd >= 0;
        if (!asked && deadline_ms < 0 && waiting->wake_fd < 0)
            return -1; /* nothing could ever end this */
        if (deadline_ms >= 0 && clock_now(&clock_real) >= deadline_ms)
            return -1;

        fds[count] = (struct pollfd){.fd = waiting->wake_fd, .events = POLLIN};
        if (poll(fds, (nfds_t)count + 1, poll_timeout(deadline_ms)) > 0 &&
            fds[count].revents != 0)
            return look(waiting->dbs, count, fds);
    }
}
