-- pgstride's own tables, made by `up` on first use. A statement that makes a table commits
-- at once here, so all of them are made where they are missing, and the row in
-- pgstride_bookkeeping comes last. One database can hold several components (folders);
-- every row carries the one it belongs to. Times are UTC.
CREATE TABLE IF NOT EXISTS pgstride_bookkeeping (
    version      int          PRIMARY KEY,
    applied_at   datetime(6)  NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
    tool_version varchar(64)  NOT NULL
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
  COMMENT='which of pgstride''s own migrations were applied here';

-- The fence. Every step and every batch writes, in its own transaction, whether this row
-- carries another run's id: the constraint then ends the transaction.
CREATE TABLE IF NOT EXISTS pgstride_runners (
    component  varchar(128) PRIMARY KEY,
    run_id     char(36)     NOT NULL,
    verb       varchar(64)  NOT NULL,
    db_user    varchar(288) NOT NULL,
    os_user    varchar(128) NOT NULL,
    host       varchar(255) NOT NULL,
    client_pid int          NOT NULL,
    connection bigint unsigned NOT NULL,
    since      datetime(6)  NOT NULL,
    fenced     tinyint      NOT NULL DEFAULT 0,
    CONSTRAINT pgstride_fenced CHECK (fenced = 0)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
  COMMENT='the run that owns each component, or owned it last: the fence';

CREATE TABLE IF NOT EXISTS pgstride_runs (
    id           char(36)     PRIMARY KEY,
    component    varchar(128) NOT NULL,
    verb         varchar(64)  NOT NULL,
    db_user      varchar(288) NOT NULL,
    os_user      varchar(128) NOT NULL,
    host         varchar(255) NOT NULL,
    client_pid   int          NOT NULL,
    tool_version varchar(64)  NOT NULL,
    started_at   datetime(6)  NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
    finished_at  datetime(6),
    outcome      varchar(64),
    error        text
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
  COMMENT='every invocation that could change something; no outcome: it was killed';

CREATE TABLE IF NOT EXISTS pgstride_migrations (
    component     varchar(128) NOT NULL,
    version       varchar(128) NOT NULL,
    name          varchar(255) NOT NULL,
    file          text         NOT NULL,
    state         varchar(16)  NOT NULL
                  CHECK (state IN ('pending', 'expanded', 'backfilled', 'contracted')),
    how           varchar(16)  NOT NULL DEFAULT 'run'
                  CHECK (how IN ('run', 'baseline', 'mark', 'force', 'adopt', 'import')),
    applied_order bigint       NOT NULL AUTO_INCREMENT UNIQUE,
    state_at      datetime(6)  NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
    failed        boolean      NOT NULL DEFAULT false,
    error         text,
    run_id        char(36)     NOT NULL,
    PRIMARY KEY (component, version)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
  COMMENT='where each migration stands now';

CREATE TABLE IF NOT EXISTS pgstride_phases (
    component   varchar(128) NOT NULL,
    version     varchar(128) NOT NULL,
    phase       varchar(32)  NOT NULL,
    exact       char(64),
    normal      char(64),
    done        boolean      NOT NULL DEFAULT false,
    started_at  datetime(6)  NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
    finished_at datetime(6),
    run_id      char(36)     NOT NULL,
    PRIMARY KEY (component, version, phase)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
  COMMENT='what ran of each migration, with the SHA-256 of its bytes and of its tokens';

-- A row of DML is written with it. One of DDL is written before it (done = false) and
-- completed behind it; `before` is what the objects looked like then, so that the next run
-- can tell whether it happened.
CREATE TABLE IF NOT EXISTS pgstride_steps (
    component   varchar(128) NOT NULL,
    version     varchar(128) NOT NULL,
    phase       varchar(32)  NOT NULL,
    number      int          NOT NULL,
    kind        varchar(32)  NOT NULL,
    title       text         NOT NULL,
    hash        char(64)     NOT NULL,
    done        boolean      NOT NULL,
    `sql`       longtext     NOT NULL,
    `undo`      longtext,
    `before`    char(64),
    manner      varchar(64),
    started_at  datetime(6)  NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
    finished_at datetime(6),
    tries       int          NOT NULL DEFAULT 1,
    queued_ms   double       NOT NULL DEFAULT 0,
    held_ms     double       NOT NULL DEFAULT 0,
    stall_ms    double       NOT NULL DEFAULT 0,
    took_ms     double       NOT NULL DEFAULT 0,
    run_id      char(36)     NOT NULL,
    PRIMARY KEY (component, version, phase, number)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
  COMMENT='steps done, how, what they cost others, and the statements that take them back';

-- One row a table swept, updated in the transaction of every batch. `place` is the key of
-- the last row that was met, as literals apart by commas.
CREATE TABLE IF NOT EXISTS pgstride_backfills (
    component   varchar(128) NOT NULL,
    version     varchar(128) NOT NULL,
    number      int          NOT NULL,
    leaf        bigint       NOT NULL DEFAULT 0,
    leaf_name   varchar(255) NOT NULL,
    filenode    bigint       NOT NULL DEFAULT 0,
    position    bigint       NOT NULL DEFAULT 0,
    end_block   bigint       NOT NULL DEFAULT 0,
    skipped     text         NOT NULL DEFAULT (''),
    place       longtext,
    rows_done   bigint       NOT NULL DEFAULT 0,
    rows_total  bigint       NOT NULL DEFAULT 0,
    hot_rows    bigint       NOT NULL DEFAULT 0,
    wal_bytes   bigint       NOT NULL DEFAULT 0,
    batches     bigint       NOT NULL DEFAULT 0,
    swept       boolean      NOT NULL DEFAULT false,
    verified    boolean      NOT NULL DEFAULT false,
    last_xid    bigint       NOT NULL DEFAULT 0,
    run_id      char(36)     NOT NULL,
    started_at  datetime(6)  NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
    updated_at  datetime(6)  NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
    finished_at datetime(6),
    PRIMARY KEY (component, version, number)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
  COMMENT='how far each backfill is';

CREATE TABLE IF NOT EXISTS pgstride_set_aside (
    component varchar(128) NOT NULL,
    version   varchar(128) NOT NULL,
    number    int          NOT NULL,
    leaf      bigint       NOT NULL DEFAULT 0,
    `key`     varchar(255) NOT NULL,
    error     text         NOT NULL,
    at        datetime(6)  NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
    PRIMARY KEY (component, version, number, leaf, `key`)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
  COMMENT='rows a backfill could not fill, and why';

CREATE TABLE IF NOT EXISTS pgstride_events (
    id           bigint       PRIMARY KEY AUTO_INCREMENT,
    at           datetime(6)  NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
    run_id       char(36)     NOT NULL,
    component    varchar(128) NOT NULL,
    kind         varchar(32)  NOT NULL,
    version      varchar(128),
    phase        varchar(32),
    step         int,
    what         text         NOT NULL,
    outcome      varchar(64)  NOT NULL,
    db_user      varchar(288) NOT NULL DEFAULT (CURRENT_USER()),
    os_user      varchar(128) NOT NULL,
    host         varchar(255) NOT NULL,
    tool_version varchar(64)  NOT NULL,
    took_ms      double,
    stall_ms     double,
    tries        int,
    `rows`       bigint
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
  COMMENT='the audit trail: rows are added, never taken away';

-- What operators tell a run from elsewhere. A table of its own: their open transaction
-- must block no batch. Limits are for the run that had the fence when they were given.
CREATE TABLE IF NOT EXISTS pgstride_control (
    component  varchar(128) PRIMARY KEY,
    paused     boolean      NOT NULL,
    version    varchar(128),
    limits     text         NOT NULL DEFAULT (''),
    limits_run char(36),
    db_user    varchar(288) NOT NULL DEFAULT (CURRENT_USER()),
    os_user    varchar(128) NOT NULL,
    host       varchar(255) NOT NULL,
    since      datetime(6)  NOT NULL DEFAULT (UTC_TIMESTAMP(6))
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
  COMMENT='what pause and resume said last: whether to rest, and with which limits to go on';

-- What a run is at, once a second, for whoever watches it from elsewhere. Nothing is
-- decided by it.
CREATE TABLE IF NOT EXISTS pgstride_pulse (
    component  varchar(128) PRIMARY KEY,
    run_id     char(36)     NOT NULL,
    at         datetime(6)  NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
    label      text,
    phase      varchar(32),
    step       int,
    title      text,
    doing      text,
    resting    text,
    rows_done  bigint,
    rows_total bigint,
    fraction   double,
    rows_per_second double,
    left_ms    double,
    batch_ms   double,
    hot_share  double,
    wal_bytes  bigint,
    set_aside  bigint
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
  COMMENT='what each run is at right now, or was at when it ended';
