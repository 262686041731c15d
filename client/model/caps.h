/*
 * What an engine can do, as data: core plans from this and never asks which engine it
 * is.
 *
 * The driver fills it when a connection opens. Quoting is part of it, so that SqlText
 * needs no connection either.
 */
#ifndef PGSTRIDE_MODEL_CAPS_H
#define PGSTRIDE_MODEL_CAPS_H

#include <stdbool.h>

/* What became of asking for the server extension, once, when we connected. */
typedef enum ExtensionState
{
    EXTENSION_NONE,    /* this database has none */
    EXTENSION_UNASKED, /* it is there, and has not said which protocol it speaks */
    EXTENSION_USED,    /* ours: the server does what it can for us */
    EXTENSION_CLOSED,  /* we lack the privilege to use it */
    EXTENSION_OLDER,   /* it speaks an older protocol than ours */
    EXTENSION_NEWER,   /* it speaks a newer one */
    EXTENSION_BROKEN   /* it is declared here, and does not answer */
} ExtensionState;

typedef struct Extension
{
    ExtensionState state;
    char version[32]; /* "1.0"; empty: none */
    char user[64];    /* whose privileges count */
    int protocol;     /* 0: it did not say */
} Extension;

/*
 * How pgstride's own tables are spoken of: the texts of its records (run/history) are
 * the same for every engine but for these words.
 */
typedef struct OwnSql
{
    const char *prefix; /* of their names: "pgstride." or "pgstride_" */
    const char *now;    /* the time of day, not of the transaction */
    const char *uuid;   /* behind a quoted uuid: a cast, or empty */
    const char *begin;  /* a transaction that writes */
    const char *hasty;  /* may be lost with the server, goes before a text; or empty */
    const char *user;   /* who is connected, without a host */
    const char *age_ms; /* of a row's started_at, or of what is under way; whole */
    bool on_conflict;   /* ON CONFLICT (...) DO UPDATE SET a = excluded.a; else
                           ON DUPLICATE KEY UPDATE a = VALUES(a) */
    bool deed_done;     /* a function of that name records a phase of one step */
} OwnSql;

extern const OwnSql own_postgres; /* also where Caps say nothing */
extern const OwnSql own_mysql;

typedef struct Caps
{
    const char *engine;    /* "postgres": also the tag in FILE.postgres.up.sql */
    const char *product;   /* "PostgreSQL", for people */
    char version_text[32]; /* "15.20" */
    int version;           /* 150020 */

    char ident_quote;      /* around names, doubled inside */
    bool quotes_names;     /* all of them: its keywords are not PostgreSQL's */
    bool string_backslash; /* '\' escapes inside '...' */
    bool string_verbatim;  /* '\' is a byte like any other, and there is no E'...' */
    const OwnSql *own;     /* NULL: own_postgres */
    bool plain_path;       /* planned by core/plan/plain.h: no online recipes */
    bool one_writer;       /* the worker's session also holds the runner lock and writes
                              the history: what a killed run left going holds it too */
    bool index_of_table;   /* DROP INDEX i ON t */
    bool lock_leased;      /* the runner lock is a row that ends by itself: whoever has
                              it says in time that it goes on */
    bool restarts;         /* a transaction may fail (40001) by nobody's fault, and is
                              sent again */
    bool ddl_in_transaction; /* a history row can commit with its DDL */
    bool drops_apart;        /* DROP TABLE a, b drops them one after the other */
    bool table_locks;      /* LOCK TABLES holds a table while DDL that commits by itself
                              changes it */
    bool concurrent_index; /* CREATE INDEX CONCURRENTLY */
    bool lock_nowait;      /* LOCK TABLE ... NOWAIT */
    bool skip_locked;      /* SELECT ... SKIP LOCKED */
    bool session_lock;     /* advisory locks that live with the connection */
    bool tid_range_scan;   /* ctid ranges without a sequential scan: 14 */
    bool not_null_not_valid; /* NOT NULL as a NOT VALID constraint: 18 */
    bool connection_check;   /* client_connection_check_interval: 14 */
    bool sync_trigger;       /* row triggers that fire ALWAYS */
    bool in_recovery;        /* a standby: it can be looked at, not changed */
    bool replicas_apart;     /* every server has an identifier of its own, and how far a
                                replica is behind is known there alone */
    bool sees_all_activity;  /* pg_monitor or better: other users' snapshots and queries
                              */
    Extension extension;     /* without it everything works too, from here */
} Caps;

const OwnSql *caps_own(const Caps *caps);

static inline bool
extension_used(const Caps *caps)
{
    return caps->extension.state == EXTENSION_USED;
}

#endif
