/*
 * proxy: a Unix socket in front of a PostgreSQL server's, which can be cut on demand.
 *
 *     proxy LISTEN_DIR SERVER_DIR [--cut TEXT [--nth N] [--lose sent|answer]]
 *                                 [--as cockroach|silent-cockroach [--version TEXT]
 *                                  [--conflicts N]]
 *
 * Passes bytes both ways (port 5432, no TLS). When TEXT comes from a client for the
 * N-th time (default 1), that connection is cut, once and for all:
 *
 *     answer   the server gets the message and finishes it, its answer is lost
 * (default) sent     the message itself is lost: it never reaches the server
 *
 * --as makes the server pass for another: see cockroach.h, which also says what TEXT
 * and N are.
 *
 * Prints "ready" when it listens and "cut" when it has cut; ends with SIGTERM.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "proxy/cockroach.h"

enum
{
    PAIRS_MOST = 32,
    PIECE = 65536
};

/* One client and its server connection; free when client is -1. */
typedef struct Pair
{
    int client;
    int server;
    bool condemned; /* the next whole answer is lost, and the connection with it */
    Guise guise;
} Pair;

typedef struct Plan
{
    const char *text; /* NULL: never cut */
    int nth;
    bool lose_message;
    Passing passing;
} Plan;

static Pair pairs[PAIRS_MOST];
static Plan plan = {.nth = 1};

static _Noreturn void
give_up(const char *what, const char *why)
{
    fprintf(stderr, "proxy: %s: %s\n", what, why);
    exit(2);
}

static void
announce(const char *what)
{
    puts(what);
    fflush(stdout);
}

/* --- sockets --------------------------------------------------------------------- */

static struct sockaddr_un
address_in(const char *dir)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length =
        snprintf(address.sun_path, sizeof(address.sun_path), "%s/.s.PGSQL.5432", dir);

    if (length >= (int)sizeof(address.sun_path))
        give_up(dir, "too long for a socket's path");
    return address;
}

static int
listen_in(const char *dir)
{
    struct sockaddr_un address = address_in(dir);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);

    unlink(address.sun_path);
    if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(listener, 16) != 0)
        give_up(dir, strerror(errno));
    return listener;
}

bool
write_all(int to, const char *bytes, size_t length)
{
    while (length > 0)
    {
        ssize_t written = send(to, bytes, length, MSG_NOSIGNAL);

        if (written <= 0)
            return false;
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

static void
pair_close(Pair *pair)
{
    close(pair->client);
    close(pair->server);
    pair->client = pair->server = -1;
    pair->condemned = false;
    pair->guise.started = pair->guise.greeted = pair->guise.refusing = false;
    pair->guise.held = 0;
}

static void
pair_cut(Pair *pair)
{
    announce("cut");
    pair_close(pair);
}

static void
pair_open(int listener, const char *server_dir)
{
    struct sockaddr_un address = address_in(server_dir);
    int client = accept(listener, NULL, NULL);
    Pair *pair = pairs;

    while (pair < pairs + PAIRS_MOST && pair->client != -1)
        pair++;
    if (pair == pairs + PAIRS_MOST)
        give_up("accept", "too many connections");
    pair->client = client;
    pair->server = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(pair->server, (struct sockaddr *)&address, sizeof(address)) != 0)
        pair_close(pair); /* the server is down: so are we */
}

/* --- passing on ------------------------------------------------------------------ */

/* Whether this piece is the one to cut at; counts down. */
static bool
is_fatal(const char *piece, ssize_t length)
{
    if (plan.text == NULL || plan.nth == 0)
        return false;
    if (memmem(piece, (size_t)length, plan.text, strlen(plan.text)) == NULL)
        return false;
    return --plan.nth == 0;
}

static bool
question_send(Pair *pair, const char *piece, size_t length)
{
    Guise *guise = &pair->guise;

    if (plan.passing.version == NULL)
        return write_all(pair->server, piece, length);
    if (guise->held + length > sizeof(guise->bytes))
        return false;
    memcpy(guise->bytes + guise->held, piece, length);
    guise->held += length;
    return guise_question(guise, &plan.passing, pair->server, pair->client);
}

static bool
answer_send(Pair *pair, const char *piece, size_t length)
{
    return plan.passing.version != NULL
               ? guise_answer(&pair->guise, &plan.passing, piece, length, pair->client)
               : write_all(pair->client, piece, length);
}

static void
pass_question(Pair *pair)
{
    static char piece[PIECE];
    ssize_t length = read(pair->client, piece, sizeof(piece));

    if (length <= 0)
    {
        pair_close(pair);
        return;
    }
    if (is_fatal(piece, length))
    {
        if (plan.lose_message)
        {
            pair_cut(pair);
            return;
        }
        pair->condemned = true;
    }
    if (!question_send(pair, piece, (size_t)length))
        pair_close(pair);
}

/* An answer ends with ReadyForQuery, six bytes: 'Z', the length 5, a state. */
static bool
ends_answer(const char *piece, ssize_t length)
{
    return length >= 6 && memcmp(piece + length - 6, "Z\0\0\0\5", 5) == 0;
}

static void
pass_answer(Pair *pair)
{
    static char piece[PIECE];
    ssize_t length = read(pair->server, piece, sizeof(piece));

    if (length <= 0)
        pair_close(pair);
    else if (pair->condemned && ends_answer(piece, length))
        pair_cut(pair);
    else if (!pair->condemned && !answer_send(pair, piece, (size_t)length))
        pair_close(pair);
}

static void
serve(int listener, const char *server_dir)
{
    struct pollfd polled[1 + 2 * PAIRS_MOST];

    for (;;)
    {
        polled[0] = (struct pollfd){.fd = listener, .events = POLLIN};
        for (int i = 0; i < PAIRS_MOST; i++)
        {
            polled[1 + 2 * i] =
                (struct pollfd){.fd = pairs[i].client, .events = POLLIN};
            polled[2 + 2 * i] =
                (struct pollfd){.fd = pairs[i].server, .events = POLLIN};
        }
        if (poll(polled, 1 + 2 * PAIRS_MOST, -1) < 0)
            give_up("poll", strerror(errno));
        for (int i = 0; i < PAIRS_MOST; i++)
        {
            if (polled[1 + 2 * i].revents != 0 && pairs[i].client != -1)
                pass_question(&pairs[i]);
            if (polled[2 + 2 * i].revents != 0 && pairs[i].server != -1)
                pass_answer(&pairs[i]);
        }
        if (polled[0].revents != 0)
            pair_open(listener, server_dir);
    }
}

static void
option_read(const char *option, const char *value)
{
    if (value == NULL)
        give_up(option, "takes a value");
    if (strcmp(option, "--cut") == 0)
        plan.text = value;
    else if (strcmp(option, "--nth") == 0)
        plan.nth = (int)strtol(value, NULL, 10);
    else if (strcmp(option, "--lose") == 0)
        plan.lose_message = strcmp(value, "sent") == 0;
    else if (strcmp(option, "--as") == 0)
    {
        plan.passing.version = cockroach_version;
        plan.passing.silent = strcmp(value, "silent-cockroach") == 0;
    }
    else if (strcmp(option, "--version") == 0)
        plan.passing.version = value;
    else if (strcmp(option, "--conflicts") == 0)
        plan.passing.conflicts = (int)strtol(value, NULL, 10);
    else
        give_up(option, "unknown option");
}

int
main(int argc, char **argv)
{
    if (argc < 3)
        give_up("usage", "proxy LISTEN_DIR SERVER_DIR [--cut TEXT ...]");
    for (int i = 3; i < argc; i += 2)
        option_read(argv[i], argv[i + 1]);
    for (int i = 0; i < PAIRS_MOST; i++)
        pairs[i].client = pairs[i].server = -1;

    int listener = listen_in(argv[1]);

    announce("ready");
    serve(listener, argv[2]);
}
