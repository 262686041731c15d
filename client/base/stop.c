#include "base/stop.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t stop_flag;
static int stop_pipe[2] = {-1, -1};

static void
stop_signal(int number)
{
    if (stop_flag && number == SIGINT)
        _exit(130);
    stop_ask();
}

void
stop_listen(void)
{
    struct sigaction action = {.sa_handler = stop_signal};

    if (pipe2(stop_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
        stop_pipe[0] = stop_pipe[1] = -1;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

bool
stop_asked(void)
{
    return stop_flag != 0;
}

/* Async-signal-safe: called from the handler. */
void
stop_ask(void)
{
    ssize_t ignored;

    stop_flag = 1;
    ignored = write(stop_pipe[1], "s", 1);
    (void)ignored;
}

int
stop_fd(void)
{
    return stop_pipe[0];
}
