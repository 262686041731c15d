/* What one look from outside shows: the runs, and what matters of the server around. */
#ifndef PGSTRIDE_MODEL_WATCH_H
#define PGSTRIDE_MODEL_WATCH_H

#include <stdbool.h>
#include <stdint.h>

/* A run that is connected, or the last one that was; NULL and -1: not said. */
typedef struct WatchRun
{
    char *component;
    char *verb;
    char *who;
    char *since;     /* RFC 3339, as all times here */
    char *paused_by; /* "alice@host"; NULL: it is not paused */
    char *paused_since;
    char *paused_version; /* only that one rests; or NULL */
    bool connected;
    int64_t
        session; /* that it works in; -1: its sessions say themselves whose they are */
    char *outcome; /* of one that ended; NULL: it was killed, or goes on */
    char *label;   /* the migration it is at */
    char *phase;
    int64_t step;
    char *title;
    char *resting; /* why */
    char *doing;
    int64_t seen_ms; /* ago; -1: it has shown nothing yet */
    int64_t rows_done;
    int64_t rows_total;
    double fraction;
    double rows_per_second;
    double left_ms;
    double batch_ms;
    double hot_share;
    int64_t wal_bytes;
    int64_t set_aside;
} WatchRun;

/* A session, or a prepared transaction (pid 0). */
typedef struct WatchSession
{
    int64_t pid;
    char *who;        /* "app@10.0.0.7 "nightly"" */
    bool ours;        /* pgstride's own */
    char *state;      /* NULL: hidden from this role */
    int64_t age_ms;   /* of its transaction */
    int64_t state_ms; /* in that state */
    char *query;      /* scrubbed, one line */
    char *waits_for;  /* "relation accounts", of one that waits; or NULL */
    char **blockers;  /* pids that it waits for, as text */
    int blocker_count;
} WatchSession;

typedef struct WatchProgress
{
    int64_t pid;
    bool ours;
    char *what; /* "CREATE INDEX" */
    char *relation;
    char *phase;
    double percent;
} WatchProgress;

typedef struct WatchReplica
{
    char *kind; /* "replica", "slot" */
    char *name;
    char *state;
    double lag_ms;
    int64_t bytes; /* behind, or kept */
} WatchReplica;

/* What else is worth a line: what the server is at, how large the WAL is. */
typedef struct WatchAround
{
    char *line;
} WatchAround;

typedef struct Sight
{
    const char *trouble;  /* no connection: why; all else is empty then */
    const char *database; /* "shop on PostgreSQL 15.20"; NULL before the first look */
    char *at;
    WatchRun *runs;
    int run_count;
    bool runs_hidden;
    WatchSession *waiting; /* who waits for a lock, and for whom */
    int waiting_count;
    WatchSession *sessions; /* what matters of the others */
    int session_count;
    WatchProgress *progress;
    int progress_count;
    WatchReplica *replicas;
    int replica_count;
    WatchAround *around;
    int around_count;
    WatchAround *purge; /* what of it not every account may know */
    int purge_count;
    WatchSession *snapshots; /* the oldest; none or one */
    int snapshot_count;
    const char *hidden[3]; /* what is not shown, and which grant would show it */
    int hidden_count;
} Sight;

#endif
