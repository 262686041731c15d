-- pgstride's own tables on CockroachDB, made by `up` on first use; they are those of
-- PostgreSQL (migrations/bookkeeping/postgresql, which says what each is for) but for
-- the lease and the key that a backfill has reached.
--
-- Where schema changes commit by themselves, half of this may be there: every statement
-- can be run again.
CREATE TABLE IF NOT EXISTS pgstride.bookkeeping (
    version      integer     PRIMARY KEY,
    applied_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    tool_version text        NOT NULL
);

CREATE TABLE IF NOT EXISTS pgstride.runners (
    component  text        PRIMARY KEY,
    run_id     uuid        NOT NULL,
    verb       text        NOT NULL,
    db_user    text        NOT NULL DEFAULT session_user,
    os_user    text        NOT NULL,
    host       text        NOT NULL,
    client_pid integer     NOT NULL,
    since      timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE IF NOT EXISTS pgstride.runs (
    id           uuid        PRIMARY KEY,
    component    text        NOT NULL,
    verb         text        NOT NULL,
    db_user      text        NOT NULL DEFAULT session_user,
    os_user      text        NOT NULL,
    host         text        NOT NULL,
    client_pid   integer     NOT NULL,
    tool_version text        NOT NULL,
    started_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at  timestamptz,
    outcome      text,
    error        text
);

CREATE TABLE IF NOT EXISTS pgstride.migrations (
    component     text        NOT NULL,
    version       text        NOT NULL,
    name          text        NOT NULL,
    file          text        NOT NULL,
    state         text        NOT NULL
                  CHECK (state IN ('pending', 'expanded', 'backfilled', 'contracted')),
    how           text        NOT NULL DEFAULT 'run'
                  CHECK (how IN ('run', 'baseline', 'mark', 'force', 'adopt', 'import')),
    applied_order bigint      GENERATED ALWAYS AS IDENTITY,
    state_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    failed        boolean     NOT NULL DEFAULT false,
    error         text,
    run_id        uuid        NOT NULL,
    PRIMARY KEY (component, version)
);

CREATE TABLE IF NOT EXISTS pgstride.phases (
    component   text        NOT NULL,
    version     text        NOT NULL,
    phase       text        NOT NULL,
    exact       text,
    normal      text,
    done        boolean     NOT NULL DEFAULT false,
    started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    run_id      uuid        NOT NULL,
    PRIMARY KEY (component, version, phase)
);

-- Written before a schema change (done = false) and completed after it; other
-- statements commit with their row.
CREATE TABLE IF NOT EXISTS pgstride.steps (
    component   text        NOT NULL,
    version     text        NOT NULL,
    phase       text        NOT NULL,
    number      integer     NOT NULL,
    kind        text        NOT NULL,
    title       text        NOT NULL,
    hash        text        NOT NULL,
    done        boolean     NOT NULL,
    sql         text        NOT NULL,
    undo        text,
    started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    tries       integer     NOT NULL DEFAULT 1,
    queued_ms   double precision NOT NULL DEFAULT 0,
    held_ms     double precision NOT NULL DEFAULT 0,
    stall_ms    double precision NOT NULL DEFAULT 0,
    took_ms     double precision NOT NULL DEFAULT 0,
    run_id      uuid        NOT NULL,
    PRIMARY KEY (component, version, phase, number)
);

-- One row a backfill. Rows up to last_key, in the order of the primary key, are done.
CREATE TABLE IF NOT EXISTS pgstride.backfills (
    component   text        NOT NULL,
    version     text        NOT NULL,
    number      integer     NOT NULL,
    leaf        bigint      NOT NULL DEFAULT 0,
    part        integer     NOT NULL DEFAULT 0,
    leaf_name   text        NOT NULL,
    filenode    bigint      NOT NULL DEFAULT 0,
    last_key    text[],
    position    bigint      NOT NULL DEFAULT 0,
    end_block   bigint      NOT NULL DEFAULT 0,
    skipped     text        NOT NULL DEFAULT '{}',
    rows_done   bigint      NOT NULL DEFAULT 0,
    rows_total  bigint      NOT NULL DEFAULT 0,
    hot_rows    bigint      NOT NULL DEFAULT 0,
    wal_bytes   bigint      NOT NULL DEFAULT 0,
    batches     bigint      NOT NULL DEFAULT 0,
    swept       boolean     NOT NULL DEFAULT false,
    verified    boolean     NOT NULL DEFAULT false,
    last_xid    bigint      NOT NULL DEFAULT 0,
    run_id      uuid        NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    PRIMARY KEY (component, version, number, leaf, part)
);

CREATE TABLE IF NOT EXISTS pgstride.set_aside (
    component text        NOT NULL,
    version   text        NOT NULL,
    number    integer     NOT NULL,
    leaf      bigint      NOT NULL,
    key       text        NOT NULL,
    error     text        NOT NULL,
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (component, version, number, leaf, key)
);

CREATE TABLE IF NOT EXISTS pgstride.events (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    run_id       uuid        NOT NULL,
    component    text        NOT NULL,
    kind         text        NOT NULL,
    version      text,
    phase        text,
    step         integer,
    what         text        NOT NULL,
    outcome      text        NOT NULL,
    db_user      text        NOT NULL DEFAULT session_user,
    os_user      text        NOT NULL,
    host         text        NOT NULL,
    tool_version text        NOT NULL,
    took_ms      double precision,
    stall_ms     double precision,
    tries        integer,
    rows         bigint
);

CREATE TABLE IF NOT EXISTS pgstride.control (
    component  text        PRIMARY KEY,
    paused     boolean     NOT NULL,
    version    text,
    limits     text        NOT NULL DEFAULT '',
    limits_run uuid,
    db_user    text        NOT NULL DEFAULT session_user,
    os_user    text        NOT NULL,
    host       text        NOT NULL,
    since      timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE IF NOT EXISTS pgstride.pulse (
    component       text        PRIMARY KEY,
    run_id          uuid        NOT NULL,
    at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    label           text,
    phase           text,
    step            integer,
    title           text,
    doing           text,
    resting         text,
    rows_done       bigint,
    rows_total      bigint,
    fraction        double precision,
    rows_per_second double precision,
    left_ms         double precision,
    batch_ms        double precision,
    hot_share       double precision,
    wal_bytes       bigint,
    set_aside       bigint
);
