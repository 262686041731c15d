/*
 * measure: runs a command and says what it took.
 *
 *     measure FILE command...
 *
 * Appends "SECONDS KILOBYTES", the time from start to exit and the largest resident
 * set, to FILE. Exits as the command does; killed by a signal, with 128 and its number.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
now_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static _Noreturn void
give_up(const char *what)
{
    perror(what);
    exit(127);
}

static int
exit_code(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int
main(int argc, char **argv)
{
    struct rusage used;
    double began = now_seconds();
    int status;

    if (argc < 3)
        return fprintf(stderr, "usage: measure FILE command...\n") < 0 ? 127 : 2;

    pid_t child = fork();

    if (child < 0)
        give_up("measure: fork");
    if (child == 0)
    {
        prctl(PR_SET_PDEATHSIG, SIGTERM); /* who stops us stops it */
        execvp(argv[2], argv + 2);
        give_up(argv[2]);
    }
    if (wait4(child, &status, 0, &used) < 0)
        give_up("measure: wait4");

    double took = now_seconds() - began;
    FILE *record = fopen(argv[1], "a");

    if (record == NULL)
        give_up(argv[1]);
    fprintf(record, "%.6f %ld\n", took, used.ru_maxrss);
    return fclose(record) == 0 ? exit_code(status) : 127;
}
