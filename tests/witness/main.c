/*
 * witness: writes down whenever the machine did not come to its work.
 *
 *     witness FILE
 *
 * On every processor a thread sleeps for a few milliseconds, again and again. Woken
 * late, it appends "ENDED LATE CPU" to FILE: when that was in milliseconds since 1970,
 * by how many milliseconds, and where. What it saw late, a server beside it met too:
 * whoever judges how long somebody waited can leave it out. Runs until it is stopped,
 * or whoever started it is gone.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define PAUSE_MS 5.0
#define LATE_MS 10.0
#define CPUS_MOST 64

static FILE *told;

static double
clock_ms(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Where it may not choose its processor it watches whichever it is given. */
static void *
watch(void *cpu)
{
    const struct timespec pause = {.tv_nsec = (long)(PAUSE_MS * 1e6)};
    int number = (int)(intptr_t)cpu;
    cpu_set_t here;

    CPU_ZERO(&here);
    CPU_SET(number, &here);
    pthread_setaffinity_np(pthread_self(), sizeof here, &here);
    for (;;)
    {
        double slept_ms = clock_ms(CLOCK_MONOTONIC);

        nanosleep(&pause, NULL);

        double late_ms = clock_ms(CLOCK_MONOTONIC) - slept_ms - PAUSE_MS;

        if (late_ms >= LATE_MS)
            fprintf(told, "%.0f %.0f %d\n", clock_ms(CLOCK_REALTIME), late_ms, number);
    }
    return NULL;
}

int
main(int argc, char **argv)
{
    cpu_set_t ours;

    if (argc != 2)
        return fprintf(stderr, "usage: witness FILE\n") < 0 ? 127 : 2;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    told = fopen(argv[1], "ae");
    if (told == NULL || sched_getaffinity(0, sizeof ours, &ours) != 0)
        return perror("witness"), 1;
    setvbuf(told, NULL, _IOLBF, 0);

    for (int cpu = 0; cpu < CPUS_MOST; cpu++)
    {
        pthread_t thread;

        if (CPU_ISSET(cpu, &ours) &&
            pthread_create(&thread, NULL, watch, (void *)(intptr_t)cpu) != 0)
            return perror("witness"), 1;
    }
    for (;;)
        pause();
}
