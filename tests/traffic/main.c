/*
 * traffic: an application on the shop's table, which knows nothing of migrations.
 *
 *     traffic [--clients N] [--rate PER_SECOND] [--rows N] [--seconds S] [--mix NAME]
 *
 * libpq's environment says where the shop is. Lines on standard input:
 *
 *     mix NAME      deploy other code; answers "mix NAME" once every client runs it
 *     mark NAME     count what follows under NAME
 *     stop          (or the end of --seconds, or SIGTERM)
 *
 * Answers "ready" when the clients' own rows are there, and ends with one line of JSON.
 * Exit status 0 even when statements failed: the numbers are for the caller to judge.
 */
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "traffic/client.h"

typedef struct Mark
{
    char name[32];
    double from_ms;
} Mark;

static Shop shop = {.clients = 4, .rate = 400, .rows = 1000000};
static Client clients[CLIENTS_MOST];
static Mark marks[MARKS_MOST] = {{.name = "all"}};
static int mark_count = 1;
static double seconds;

static _Noreturn void
give_up(const char *what, const char *why)
{
    fprintf(stderr, "traffic: %s: %s\n", what, why);
    exit(2);
}

static void
on_signal(int number)
{
    (void)number;
    shop.stopping = true;
}

/* --- options --------------------------------------------------------------------- */

static double
number_read(const char *option, const char *text, double most)
{
    char *end;
    double number = strtod(text, &end);

    if (*text == '\0' || *end != '\0' || !(number >= 0 && number <= most))
        give_up(option, "a number in range is expected");
    return number;
}

static void
option_read(const char *option, const char *value)
{
    if (value == NULL)
        give_up(option, "takes a value");
    if (strcmp(option, "--clients") == 0)
        shop.clients = (int)number_read(option, value, CLIENTS_MOST);
    else if (strcmp(option, "--rate") == 0)
        shop.rate = number_read(option, value, 1e6);
    else if (strcmp(option, "--rows") == 0)
        shop.rows = (int)number_read(option, value, 1e9);
    else if (strcmp(option, "--seconds") == 0)
        seconds = number_read(option, value, 1e6);
    else if (strcmp(option, "--mix") == 0 && mix_find(value) >= 0)
        shop.mix = mix_find(value);
    else
        give_up(option, "unknown option or mix");
}

/* --- commands -------------------------------------------------------------------- */

static void
wait_for_clients(int mix)
{
    struct timespec rest = {.tv_nsec = 5 * 1000 * 1000};

    for (int i = 0; i < shop.clients; i++)
        while (!shop.stopping && clients[i].runs != mix)
            nanosleep(&rest, NULL);
}

static void
answer(const char *what, const char *name)
{
    printf("%s%s\n", what, name);
    fflush(stdout);
}

static void
obey(char *line)
{
    char *name = strchr(line, ' ');

    if (name != NULL)
        *name++ = '\0';
    if (strcmp(line, "stop") == 0)
        shop.stopping = true;
    else if (name != NULL && strcmp(line, "mix") == 0 && mix_find(name) >= 0)
    {
        shop.mix = mix_find(name);
        wait_for_clients(shop.mix);
        answer("mix ", name);
    }
    else if (name != NULL && strcmp(line, "mark") == 0 && mark_count < MARKS_MOST)
    {
        snprintf(marks[mark_count].name, sizeof(marks[0].name), "%s", name);
        marks[mark_count].from_ms = now_ms();
        shop.mark = mark_count++;
        answer("mark ", name);
    }
    else
        give_up(line, "no such command, mix, or too many marks");
}

/* Lines until told to stop; the end of the input only ends the commands. */
static void
obey_until(double end_ms)
{
    static char buffer[4096];
    size_t filled = 0;
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};

    while (!shop.stopping && now_ms() < end_ms)
    {
        char *newline;

        if (poll(&input, 1, 50) <= 0)
            continue;

        ssize_t got = read(STDIN_FILENO, buffer + filled, sizeof(buffer) - 1 - filled);

        if (got <= 0)
            input.fd = -1;
        filled += got > 0 ? (size_t)got : 0;
        buffer[filled] = '\0';
        while ((newline = strchr(buffer, '\n')) != NULL)
        {
            *newline = '\0';
            obey(buffer);
            filled -= (size_t)(newline + 1 - buffer);
            memmove(buffer, newline + 1, filled + 1);
        }
    }
}

/* --- the numbers ----------------------------------------------------------------- */

static void
mark_print(int mark, double end_ms)
{
    static Tally total;

    memset(&total, 0, sizeof(total));
    for (int i = 0; i < shop.clients; i++)
        tally_sum(&total, &clients[i].tallies[mark]);
    printf("%s{\"name\":\"%s\",\"seconds\":%.2f,", mark == 0 ? "" : ",",
           marks[mark].name, (end_ms - marks[mark].from_ms) / 1000.0);
    tally_print(&total, stdout);
    printf("}");
}

static void
summary_print(double end_ms)
{
    static Tally total;
    Failures failures = {.count = 0};

    for (int i = 0; i < shop.clients; i++)
    {
        for (int mark = 0; mark < mark_count; mark++)
            tally_sum(&total, &clients[i].tallies[mark]);
        for (int each = 0; each < clients[i].failures.count; each++)
            failure_add(&failures, &clients[i].failures.items[each]);
    }
    printf("{");
    tally_print(&total, stdout);
    printf(",\"marks\":[");
    for (int mark = 0; mark < mark_count; mark++)
        mark_print(mark, mark + 1 < mark_count ? marks[mark + 1].from_ms : end_ms);
    printf("],\"failures\":");
    failures_print(&failures, stdout);
    printf("}\n");
}

static void
clients_start(void)
{
    for (int i = 0; i < shop.clients; i++)
    {
        Client *client = &clients[i];

        client->shop = &shop;
        client->number = i;
        client->seed = (unsigned)i + 1;
        client->runs = -1;
        client->connection = PQconnectdb("application_name=shop");
        if (PQstatus(client->connection) != CONNECTION_OK)
            give_up("cannot connect", PQerrorMessage(client->connection));
        if (pthread_create(&client->thread, NULL, client_live, client) != 0)
            give_up("cannot start", "no thread to be had");
    }
}

int
main(int argc, char **argv)
{
    struct sigaction stop = {.sa_handler = on_signal};

    for (int i = 1; i < argc; i += 2)
        option_read(argv[i], argv[i + 1]);
    if (shop.clients < 1 || shop.rows < 1)
        give_up("--clients, --rows", "at least 1 is expected");
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    shop.started_ms = marks[0].from_ms = now_ms();

    clients_start();
    wait_for_clients(shop.mix);
    answer("ready", "");
    obey_until(seconds > 0 ? now_ms() + seconds * 1000.0 : INFINITY);
    shop.stopping = true;
    for (int i = 0; i < shop.clients; i++)
    {
        pthread_join(clients[i].thread, NULL);
        PQfinish(clients[i].connection);
    }
    summary_print(now_ms());
    return 0;
}
