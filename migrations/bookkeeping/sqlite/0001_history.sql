-- pgstride's own tables in a SQLite file, made by `up` on first use, in one transaction.
-- The names and columns of migrations/bookkeeping/postgresql; times are RFC 3339, UTC.
CREATE TABLE IF NOT EXISTS pgstride_leases (
    class INTEGER NOT NULL,
    lease_key INTEGER NOT NULL,
    os_user TEXT NOT NULL,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    born INTEGER NOT NULL,
    since TEXT NOT NULL,
    beat REAL NOT NULL,
    PRIMARY KEY (class, lease_key));

CREATE TABLE pgstride_bookkeeping (
    version INTEGER PRIMARY KEY,
    applied_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    tool_version TEXT NOT NULL);

CREATE TABLE pgstride_runners (
    component TEXT PRIMARY KEY,
    run_id TEXT NOT NULL,
    verb TEXT NOT NULL,
    os_user TEXT NOT NULL,
    host TEXT NOT NULL,
    client_pid INTEGER NOT NULL,
    since TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')));

CREATE TABLE pgstride_runs (
    id TEXT PRIMARY KEY,
    component TEXT NOT NULL,
    verb TEXT NOT NULL,
    os_user TEXT NOT NULL,
    host TEXT NOT NULL,
    client_pid INTEGER NOT NULL,
    tool_version TEXT NOT NULL,
    started_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    finished_at TEXT,
    outcome TEXT,
    error TEXT);

CREATE TABLE pgstride_migrations (
    applied_order INTEGER PRIMARY KEY,
    component TEXT NOT NULL,
    version TEXT NOT NULL,
    name TEXT NOT NULL,
    file TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'expanded', 'backfilled', 'contracted')),
    how TEXT NOT NULL DEFAULT 'run' CHECK (how IN ('run', 'baseline', 'mark', 'force', 'adopt', 'import')),
    state_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    failed INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    run_id TEXT NOT NULL,
    UNIQUE (component, version));

CREATE TABLE pgstride_phases (
    component TEXT NOT NULL,
    version TEXT NOT NULL,
    phase TEXT NOT NULL,
    exact TEXT,
    normal TEXT,
    done INTEGER NOT NULL DEFAULT 0,
    started_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    finished_at TEXT,
    run_id TEXT NOT NULL,
    PRIMARY KEY (component, version, phase));

CREATE TABLE pgstride_steps (
    component TEXT NOT NULL,
    version TEXT NOT NULL,
    phase TEXT NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    hash TEXT NOT NULL,
    done INTEGER NOT NULL,
    sql TEXT NOT NULL,
    undo TEXT,
    started_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    finished_at TEXT,
    tries INTEGER NOT NULL DEFAULT 1,
    queued_ms REAL NOT NULL DEFAULT 0,
    held_ms REAL NOT NULL DEFAULT 0,
    stall_ms REAL NOT NULL DEFAULT 0,
    took_ms REAL NOT NULL DEFAULT 0,
    run_id TEXT NOT NULL,
    PRIMARY KEY (component, version, phase, number));

-- One row a backfill; place is the key of the last row that is done, as SQL.
CREATE TABLE pgstride_backfills (
    component TEXT NOT NULL,
    version TEXT NOT NULL,
    number INTEGER NOT NULL,
    leaf INTEGER NOT NULL DEFAULT 0,
    leaf_name TEXT NOT NULL,
    filenode INTEGER NOT NULL DEFAULT 0,
    place TEXT,
    end_block INTEGER NOT NULL DEFAULT 0,
    skipped TEXT NOT NULL DEFAULT '{}',
    rows_done INTEGER NOT NULL DEFAULT 0,
    rows_total INTEGER NOT NULL DEFAULT 0,
    hot_rows INTEGER NOT NULL DEFAULT 0,
    wal_bytes INTEGER NOT NULL DEFAULT 0,
    batches INTEGER NOT NULL DEFAULT 0,
    swept INTEGER NOT NULL DEFAULT 0,
    verified INTEGER NOT NULL DEFAULT 0,
    last_xid INTEGER NOT NULL DEFAULT 0,
    run_id TEXT NOT NULL,
    started_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    finished_at TEXT,
    PRIMARY KEY (component, version, number));

CREATE TABLE pgstride_set_aside (
    component TEXT NOT NULL,
    version TEXT NOT NULL,
    number INTEGER NOT NULL,
    leaf INTEGER NOT NULL DEFAULT 0,
    key TEXT NOT NULL,
    error TEXT NOT NULL,
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    PRIMARY KEY (component, version, number, leaf, key));

CREATE TABLE pgstride_events (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    run_id TEXT NOT NULL,
    component TEXT NOT NULL,
    kind TEXT NOT NULL,
    version TEXT,
    phase TEXT,
    step INTEGER,
    what TEXT NOT NULL,
    outcome TEXT NOT NULL,
    os_user TEXT NOT NULL,
    host TEXT NOT NULL,
    tool_version TEXT NOT NULL,
    took_ms REAL,
    stall_ms REAL,
    tries INTEGER,
    rows INTEGER);

CREATE TABLE pgstride_control (
    component TEXT PRIMARY KEY,
    paused INTEGER NOT NULL,
    version TEXT,
    limits TEXT NOT NULL DEFAULT '',
    limits_run TEXT,
    os_user TEXT NOT NULL,
    host TEXT NOT NULL,
    since TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')));

CREATE TABLE pgstride_pulse (
    component TEXT PRIMARY KEY,
    run_id TEXT NOT NULL,
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    label TEXT,
    phase TEXT,
    step INTEGER,
    title TEXT,
    doing TEXT,
    resting TEXT,
    rows_done INTEGER,
    rows_total INTEGER,
    fraction REAL,
    rows_per_second REAL,
    left_ms REAL,
    batch_ms REAL,
    hot_share REAL,
    wal_bytes INTEGER,
    set_aside INTEGER);
