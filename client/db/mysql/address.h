/*
 * Where a MySQL or MariaDB server is, as core/config hands it over: a keyword string
 * "host='db' port='3306' user='shop' tls='require'", whatever form the user gave.
 */
#ifndef PGSTRIDE_DB_MYSQL_ADDRESS_H
#define PGSTRIDE_DB_MYSQL_ADDRESS_H

#include "base/err.h"

/* How the connection is protected. There is no "when the server offers it": whoever
 * sits between could say that it does not. */
typedef enum TlsMode
{
    TLS_UNSAID, /* none to ourselves, required to everybody else */
    TLS_DISABLE,
    TLS_REQUIRE,    /* encrypted, and nobody knows with whom */
    TLS_VERIFY_FULL /* encrypted, certificate and host name checked */
} TlsMode;

typedef struct MysqlAddress
{
    const char *host;   /* NULL: this machine's socket */
    const char *socket; /* its path; NULL: where the library or an option file says */
    unsigned port;      /* 0: unsaid */
    const char *user;   /* NULL, as the password: option files, then who we are */
    const char *password;
    const char *database;
    TlsMode tls;
    const char *tls_ca;
    const char *tls_cert;
    const char *tls_key;
    const char *option_file; /* NULL: the standard ones; "": none */
    const char *time_zone;   /* of the session; NULL: the server's */
    const char *sql_mode;
} MysqlAddress;

bool address_read(Mem *mem, const char *given, MysqlAddress *address, Err *err);

/* Unsaid no more. */
TlsMode address_tls(const MysqlAddress *address);

/* host:port or the socket, for messages. */
char *address_shown(Mem *mem, const MysqlAddress *address);

#endif
