/*
 * A client of the shop: one thread, one connection, a few rows of its own.
 *
 * It remembers what it wrote into its rows and compares what it reads there. It never
 * looks at the shape of the table: the names it uses are those of the mix deployed.
 */
#ifndef PGSTRIDE_TESTS_TRAFFIC_CLIENT_H
#define PGSTRIDE_TESTS_TRAFFIC_CLIENT_H

#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "traffic/mix.h"
#include "traffic/tally.h"

enum
{
    CLIENTS_MOST = 64,
    MARKS_MOST = 16,
    OWN_ROWS = 20
};

/* What all clients share; the atomics are how main speaks to them. */
typedef struct Shop
{
    int clients;
    double rate; /* statements a second, of all clients together; 0: no rest */
    int rows;
    double started_ms;
    atomic_int mix;  /* the code that should run */
    atomic_int mark; /* what is counted together */
    atomic_bool stopping;
} Shop;

typedef struct OwnRow
{
    bool alive;
    char email[64];
} OwnRow;

typedef struct Client
{
    Shop *shop;
    int number;
    pthread_t thread;
    atomic_int runs; /* the mix it runs; -1 before its rows are there */
    PGconn *connection;
    bool prepared[8]; /* by mix: this connection knows its statements */
    unsigned seed;
    int64_t written; /* so that every address is written once */
    OwnRow own[OWN_ROWS];
    Tally tallies[MARKS_MOST];
    Failures failures;
} Client;

/* The body of its thread; `client` is a Client. */
void *client_live(void *client);

#endif
