/*
 * What a server says first, before it is answered.
 *
 * libmariadb that is told to use TLS answers a server without it in clear text all the
 * same, and a caching_sha2_password server is then sent the password itself. So nothing
 * of ours leaves before the greeting was looked at; it stays for the library to read.
 */
#ifndef PGSTRIDE_DB_MYSQL_GREETING_H
#define PGSTRIDE_DB_MYSQL_GREETING_H

#include <stddef.h>

typedef enum Greeting
{
    GREETING_NOT_YET,
    GREETING_TLS,   /* the server offers it */
    GREETING_PLAIN, /* it does not */
    GREETING_OTHER  /* an error, or no connection: for the library to tell */
} Greeting;

/* Of the bytes that have come so far. */
Greeting greeting_read(const unsigned char *bytes, size_t length);

/* Of what waits at the socket, where it stays. */
Greeting greeting_peek(int fd);

#endif
