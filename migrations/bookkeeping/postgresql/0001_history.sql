-- pgstride's own tables, made by `up` on first use, in one transaction.
--
-- They belong to the role that migrates, not to the server extension: dropping the
-- extension must never drop the history. One database can hold several components
-- (folders); every row carries the one it belongs to.
CREATE SCHEMA IF NOT EXISTS pgstride;

CREATE TABLE pgstride.bookkeeping (
    version      integer     PRIMARY KEY,
    applied_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    tool_version text        NOT NULL
);
COMMENT ON TABLE pgstride.bookkeeping IS
    'which of pgstride''s own migrations were applied here';

-- The fence. Every step and every batch checks, in its own transaction, that this row
-- still carries the id of its run: a killed run that goes on cannot write past a new one.
CREATE TABLE pgstride.runners (
    component text        PRIMARY KEY,
    run_id    uuid        NOT NULL,
    verb      text        NOT NULL,
    db_user   name        NOT NULL DEFAULT session_user,
    os_user   text        NOT NULL,
    host      text        NOT NULL,
    client_pid integer    NOT NULL,
    since     timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE pgstride.runners IS
    'the run that owns each component, or owned it last: the fence';

CREATE TABLE pgstride.runs (
    id           uuid        PRIMARY KEY,
    component    text        NOT NULL,
    verb         text        NOT NULL,
    db_user      name        NOT NULL DEFAULT session_user,
    os_user      text        NOT NULL,
    host         text        NOT NULL,
    client_pid   integer     NOT NULL,
    tool_version text        NOT NULL,
    started_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at  timestamptz,
    outcome      text,
    error        text
);
COMMENT ON TABLE pgstride.runs IS
    'every invocation that could change something; no outcome: it was killed';

-- The checks are patterns because the server reads a check anew for every statement: a
-- list of words takes it as long as a row does.
CREATE TABLE pgstride.migrations (
    component     text        NOT NULL,
    version       text        NOT NULL,
    name          text        NOT NULL,
    file          text        NOT NULL,
    state         text        NOT NULL
                  CHECK (state ~ '^(pending|expanded|backfilled|contracted)$'),
    how           text        NOT NULL DEFAULT 'run'
                  CHECK (how ~ '^(run|baseline|mark|force|adopt|import)$'),
    applied_order bigint      GENERATED ALWAYS AS IDENTITY,
    state_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    failed        boolean     NOT NULL DEFAULT false,
    error         text,
    run_id        uuid        NOT NULL,
    PRIMARY KEY (component, version)
);
COMMENT ON TABLE pgstride.migrations IS 'where each migration stands now';

CREATE TABLE pgstride.phases (
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
COMMENT ON TABLE pgstride.phases IS
    'what ran of each migration, with the SHA-256 of its bytes and of its tokens';

-- A row is written in the transaction of the step's own statements; only for statements
-- that refuse one it is written before (done = false) and completed after.
CREATE TABLE pgstride.steps (
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
COMMENT ON TABLE pgstride.steps IS
    'steps done, what they cost others, and the statements that take them back';

-- One row a table swept, and one more for every further worker at it until the sweep is
-- done, updated in the transaction of every batch. Only block numbers
-- are kept: a row address may belong to another row by the next transaction.
CREATE TABLE pgstride.backfills (
    component   text        NOT NULL,
    version     text        NOT NULL,
    number      integer     NOT NULL,
    leaf        oid         NOT NULL,
    part        integer     NOT NULL DEFAULT 0,
    leaf_name   text        NOT NULL,
    filenode    oid         NOT NULL,
    position    bigint      NOT NULL DEFAULT 0,
    end_block   bigint      NOT NULL,
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
) WITH (fillfactor = 50);
COMMENT ON TABLE pgstride.backfills IS
    'how far each backfill is: blocks below position are done, but for those skipped';

CREATE TABLE pgstride.set_aside (
    component text        NOT NULL,
    version   text        NOT NULL,
    number    integer     NOT NULL,
    leaf      oid         NOT NULL,
    key       text        NOT NULL,
    error     text        NOT NULL,
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (component, version, number, leaf, key)
);
COMMENT ON TABLE pgstride.set_aside IS 'rows a backfill could not fill, and why';

CREATE TABLE pgstride.events (
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
    db_user      name        NOT NULL DEFAULT session_user,
    os_user      text        NOT NULL,
    host         text        NOT NULL,
    tool_version text        NOT NULL,
    took_ms      double precision,
    stall_ms     double precision,
    tries        integer,
    rows         bigint
);
COMMENT ON TABLE pgstride.events IS 'the audit trail: rows are added, never taken away';

-- What operators tell a run from elsewhere. A table of its own: their open transaction
-- must block no batch. Limits are for the run that had the fence when they were given.
CREATE TABLE pgstride.control (
    component text        PRIMARY KEY,
    paused    boolean     NOT NULL,
    version   text,
    limits    text        NOT NULL DEFAULT '',
    limits_run uuid,
    db_user   name        NOT NULL DEFAULT session_user,
    os_user   text        NOT NULL,
    host      text        NOT NULL,
    since     timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE pgstride.control IS
    'what pause and resume said last: whether to rest, and with which limits to go on';

-- What a run is at, once a second, for whoever watches it from elsewhere. Nothing is
-- decided by it: it is written without waiting for the disk, and may be lost.
CREATE TABLE pgstride.pulse (
    component text        PRIMARY KEY,
    run_id    uuid        NOT NULL,
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    label     text,
    phase     text,
    step      integer,
    title     text,
    doing     text,
    resting   text,
    rows_done bigint,
    rows_total bigint,
    fraction  double precision,
    rows_per_second double precision,
    left_ms   double precision,
    batch_ms  double precision,
    hot_share double precision,
    wal_bytes bigint,
    set_aside bigint
) WITH (fillfactor = 50);
COMMENT ON TABLE pgstride.pulse IS
    'what each run is at right now, or was at when it ended';

-- What every transaction of a run says of itself, as functions, so that the server plans
-- it once a session and not once a migration. They run as whoever calls them, and name
-- everything in full: a file may have set any search_path before.
CREATE FUNCTION pgstride.guard(lock integer, key integer, component text, run_id uuid)
RETURNS void LANGUAGE plpgsql AS $guard$
BEGIN
    IF NOT (pg_catalog.pg_try_advisory_xact_lock_shared($1, $2)
            AND EXISTS (SELECT FROM pgstride.runners r
                         WHERE r.component OPERATOR(pg_catalog.=) $3
                           AND r.run_id OPERATOR(pg_catalog.=) $4)) THEN
        RAISE EXCEPTION USING ERRCODE = 'PS001',
            MESSAGE = 'another run of pgstride has taken over';
    END IF;
END
$guard$;
COMMENT ON FUNCTION pgstride.guard(integer, integer, text, uuid) IS
    'the fence: an error unless that run still owns its component';

-- The timeouts of a try, until it has its locks. Its COMMIT does not wait for the disk, nor
-- do its locks: the run's end does (run_end), and a crash before that takes back whole
-- deeds with their records, the last ones first. With clocks, others may come to wait for
-- it, and a step without locks to take counts from here.
CREATE FUNCTION pgstride.try_begin(lock text, statement text, clocks boolean)
RETURNS void LANGUAGE plpgsql AS $begin$
DECLARE
    done text;
    now text;
BEGIN
    done := pg_catalog.set_config('lock_timeout', $1, true);
    done := pg_catalog.set_config('statement_timeout', $2, true);
    done := pg_catalog.set_config('synchronous_commit', 'off', true);
    IF $3 THEN
        now := extract(epoch FROM pg_catalog.clock_timestamp())::text;
        done := pg_catalog.set_config('pgstride_try.began', now, true);
        done := pg_catalog.set_config('pgstride_try.granted', now, true);
    END IF;
END
$begin$;
COMMENT ON FUNCTION pgstride.try_begin(text, text, boolean) IS
    'the timeouts of a try, and its first clock';

-- Asking inside a block that catches the refusal costs no log line, and its rollback
-- lets go of whatever was granted: between two attempts nothing is held. Where we queue,
-- we queue first: a queue entered while holding another lock could deadlock, and would
-- stall two tables. Then what is left of the budget is what the statement may take.
-- locks: "public.t IN SHARE MODE"; queue: at which of them we queue, counted from 1, 0 none
CREATE FUNCTION pgstride.try_lock(locks text[], queue integer, wait_ms integer, budget_ms integer)
RETURNS void LANGUAGE plpgsql AS $lock$
DECLARE
    stop_at timestamptz := pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+) (
        CASE WHEN $2 OPERATOR(pg_catalog.=) 0 THEN $3 ELSE 0 END OPERATOR(pg_catalog.*) '1ms'::interval);
    began timestamptz;
    granted timestamptz;
    which integer;
    left_ms text := '0';
    lock_ms text := $3::text;
    done text;
BEGIN
    LOOP
        began := pg_catalog.clock_timestamp();
        BEGIN
            IF $2 OPERATOR(pg_catalog.>) 0 THEN
                which := $2;
                EXECUTE pg_catalog.concat('LOCK TABLE ', $1[which]);
            END IF;
            FOR place IN 1 .. pg_catalog.cardinality($1) LOOP
                CONTINUE WHEN place OPERATOR(pg_catalog.=) $2;
                which := place;
                EXECUTE pg_catalog.concat('LOCK TABLE ', $1[which], ' NOWAIT');
            END LOOP;
            granted := pg_catalog.clock_timestamp();
            IF $4 OPERATOR(pg_catalog.>) 0 THEN
                left_ms := greatest(1, pg_catalog.floor($4 OPERATOR(pg_catalog.-) (
                    1000 OPERATOR(pg_catalog.*) extract(epoch FROM granted OPERATOR(pg_catalog.-) began))))::text;
                lock_ms := left_ms;
            END IF;
            done := pg_catalog.set_config('pgstride_try.began', extract(epoch FROM began)::text, true);
            done := pg_catalog.set_config('pgstride_try.granted', extract(epoch FROM granted)::text, true);
            done := pg_catalog.set_config('statement_timeout', left_ms, true);
            done := pg_catalog.set_config('lock_timeout', lock_ms, true);
            RETURN;
        EXCEPTION WHEN lock_not_available THEN
            IF pg_catalog.clock_timestamp() OPERATOR(pg_catalog.>=) stop_at THEN
                RAISE EXCEPTION USING ERRCODE = 'lock_not_available',
                    MESSAGE = SQLERRM, DETAIL = pg_catalog.concat('lock ', which OPERATOR(pg_catalog.-) 1);
            END IF;
        END;
        PERFORM pg_catalog.pg_sleep(0.001);
    END LOOP;
END
$lock$;
COMMENT ON FUNCTION pgstride.try_lock(text[], integer, integer, integer) IS
    'takes the locks of a step together, or none of them, and gives it what is left of its budget';

-- The vigil over a try that may hold its locks for longer than the budget, as long as
-- nobody waits for them. It is kept by another session, here in the server, so that neither
-- the network nor the death of the client can come between a look and the cancel. A wait
-- that is seen began after the last look that saw none (clear_at): the statement goes on
-- for what the budget leaves of that, less the look that would be the next. A slow look
-- therefore cancels sooner, not later. To tell the try that it is watched, its session's
-- advisory lock is taken, and only once it is known which transaction that is: without
-- it no try gets more than the budget, see await_vigil(). Nothing here can be kept over
-- the readers of a standby, who wait for replay: where one streams, what is replayed is
-- not watched.
-- worker, ours: the session that tries, and all of ours; longest_ms: an upper bound of
-- how long anybody waited
CREATE FUNCTION pgstride.keep_vigil(worker integer, ours integer[], budget_ms integer,
    replayed boolean, OUT watched boolean, OUT waiters bigint, OUT cancelled boolean,
    OUT longest_ms double precision)
LANGUAGE plpgsql SET search_path TO pg_catalog, pg_temp AS $vigil$
DECLARE
    give_up_at timestamptz := clock_timestamp() + '500ms';
    grace double precision := budget_ms - 10;
    whole text;
    at_work boolean := true;
    clear_at timestamptz;
    looked_at timestamptz;
    waiting bigint;
BEGIN
    watched := false;
    waiters := 0;
    cancelled := false;
    longest_ms := 0;
    IF replayed AND EXISTS (
            SELECT FROM pg_stat_get_wal_senders() w
             WHERE NOT EXISTS (SELECT FROM pg_replication_slots s
                                WHERE s.slot_type = 'logical' AND s.active_pid = w.pid)) THEN
        RETURN;
    END IF;
    WHILE whole IS NULL LOOP
        IF clock_timestamp() > give_up_at THEN
            RETURN;
        END IF;
        PERFORM pg_sleep(0.001);
        SELECT l.virtualtransaction INTO whole
          FROM pg_locks l
         WHERE l.pid = worker AND l.virtualxid = l.virtualtransaction;
    END LOOP;
    clear_at := clock_timestamp(); -- it takes its locks when it has met us
    watched := pg_try_advisory_xact_lock(7239, worker);
    WHILE watched AND at_work LOOP
        looked_at := clock_timestamp();
        SELECT coalesce(bool_or(l.pid = worker AND l.virtualxid = whole), false),
               count(DISTINCT l.pid) FILTER (WHERE CASE
                   WHEN l.granted OR l.pid = ANY (ours) THEN false
                   ELSE worker = ANY (pg_blocking_pids(l.pid)) END)
          INTO at_work, waiting
          FROM pg_locks l;
        waiters := greatest(waiters, waiting);
        longest_ms := greatest(longest_ms, 1000 * extract(epoch FROM clock_timestamp() - clear_at));
        IF at_work AND waiting > 0
           AND clock_timestamp() > clear_at + grace * '1ms'::interval THEN
            cancelled := pg_cancel_backend(worker);
            grace := grace + 50; -- a block may catch it
        END IF;
        IF waiting = 0 THEN
            clear_at := looked_at;
        END IF;
        PERFORM pg_sleep(0.01);
    END LOOP;
END
$vigil$;
COMMENT ON FUNCTION pgstride.keep_vigil(integer, integer[], integer, boolean) IS
    'lets a try hold its locks while nobody waits for them, and cancels it in time when somebody does';

-- Asked first in the transaction, while it holds nothing. What comes of it is what its
-- statements may take from when it began to queue: hold_ms where it is watched.
CREATE FUNCTION pgstride.await_vigil(hold_ms integer, budget_ms integer)
RETURNS void LANGUAGE plpgsql SET search_path TO pg_catalog, pg_temp AS $await$
DECLARE
    give_up_at timestamptz := clock_timestamp() + '500ms';
    watched boolean := false;
    done text;
BEGIN
    WHILE NOT watched AND clock_timestamp() < give_up_at LOOP
        PERFORM pg_sleep(0.001);
        SELECT count(*) > 0 INTO watched
          FROM pg_locks l
         WHERE l.locktype = 'advisory' AND l.classid = 7239 AND l.objsubid = 2
           AND l.objid = pg_backend_pid()::oid AND l.granted;
    END LOOP;
    done := set_config('pgstride_try.hold',
        CASE WHEN watched THEN hold_ms ELSE budget_ms END::text, true);
END
$await$;
COMMENT ON FUNCTION pgstride.await_vigil(integer, integer) IS
    'what the statements of a try may take: more than the budget only under a vigil';

-- metered: nobody could come to wait for the step, so that all it cost is its time.
-- clocked: it cost others what it queued and held until now, and what its COMMIT adds to
-- that, see deed_released(); stalls: those that it locked out were readers or writers.
CREATE FUNCTION pgstride.deed_done(
    component text, version text, phase text, kind text, title text, hash text, sql text,
    undo text, run_id uuid, exact text, normal text, name text, file text, state text,
    what text, os_user text, host text, tool_version text, metered boolean, clocked boolean,
    stalls boolean)
RETURNS double precision LANGUAGE plpgsql AS $deed$
DECLARE
    now timestamptz := pg_catalog.clock_timestamp();
    told boolean := $19 OR $20;
    took double precision := 0;
    held double precision := 0;
    queued double precision := 0;
    stall double precision := 0;
BEGIN
    IF told THEN
        took := 1000 OPERATOR(pg_catalog.*) extract(epoch FROM now OPERATOR(pg_catalog.-)
            pg_catalog.statement_timestamp());
        held := took;
    END IF;
    IF $20 THEN
        stall := 1000 OPERATOR(pg_catalog.*) (extract(epoch FROM now) OPERATOR(pg_catalog.-)
            pg_catalog.current_setting('pgstride_try.began')::numeric);
        held := 1000 OPERATOR(pg_catalog.*) (extract(epoch FROM now) OPERATOR(pg_catalog.-)
            pg_catalog.current_setting('pgstride_try.granted')::numeric);
        queued := stall OPERATOR(pg_catalog.-) held;
        stall := CASE WHEN $21 THEN stall ELSE 0 END;
    END IF;
    INSERT INTO pgstride.steps AS s (component, version, phase, number, kind, title, hash,
                done, sql, undo, finished_at, run_id, queued_ms, held_ms, stall_ms, took_ms)
         VALUES ($1, $2, $3, 1, $4, $5, $6, true, $7, $8, now, $9, queued, held, stall, took)
    ON CONFLICT ON CONSTRAINT steps_pkey DO UPDATE
            SET undo = CASE WHEN s.hash OPERATOR(pg_catalog.=) excluded.hash
                            THEN coalesce(CASE WHEN s.undo OPERATOR(pg_catalog.<>) '' THEN s.undo END,
                                          excluded.undo)
                            ELSE excluded.undo END,
                queued_ms = excluded.queued_ms, held_ms = excluded.held_ms,
                stall_ms = excluded.stall_ms, took_ms = excluded.took_ms,
                hash = excluded.hash, done = true, sql = excluded.sql,
                finished_at = excluded.finished_at, run_id = excluded.run_id;
    INSERT INTO pgstride.phases AS p (component, version, phase, exact, normal, done,
                finished_at, run_id)
         VALUES ($1, $2, $3, $10, $11, true, now, $9)
    ON CONFLICT ON CONSTRAINT phases_pkey DO UPDATE
            SET exact = excluded.exact, normal = excluded.normal, done = true,
                finished_at = excluded.finished_at;
    INSERT INTO pgstride.migrations AS m (component, version, name, file, state, how, run_id)
         VALUES ($1, $2, $12, $13, $14, 'run', $9)
    ON CONFLICT ON CONSTRAINT migrations_pkey DO UPDATE
            SET state = excluded.state, how = excluded.how, name = excluded.name,
                file = excluded.file, run_id = excluded.run_id, failed = false,
                error = NULL, state_at = now;
    INSERT INTO pgstride.events (component, version, run_id, kind, phase, step, what,
                outcome, os_user, host, tool_version, tries, stall_ms, took_ms)
         VALUES ($1, $2, $9, 'step', $3, 1, $5, 'done', $16, $17, $18,
                 CASE WHEN told THEN 1 END, CASE WHEN told THEN stall END,
                 CASE WHEN told THEN took END),
                ($1, $2, $9, 'phase', $3, NULL, $15, 'done', $16, $17, $18, NULL, NULL, NULL);
    RETURN queued;
END
$deed$;
COMMENT ON FUNCTION pgstride.deed_done(text, text, text, text, text, text, text, text, uuid, text,
    text, text, text, text, text, text, text, text, boolean, boolean, boolean) IS
    'records a phase that was one step, and with it the migration''s state';

-- Said behind the COMMIT that let go of the locks: what that took is known now. It is told,
-- and no more durable than the deed is.
CREATE FUNCTION pgstride.deed_released(component text, version text, phase text)
RETURNS double precision LANGUAGE plpgsql AS $released$
DECLARE
    now timestamptz := pg_catalog.clock_timestamp();
    held double precision;
    done text := pg_catalog.set_config('synchronous_commit', 'off', true);
BEGIN
    UPDATE pgstride.steps s
       SET held_ms = s.held_ms OPERATOR(pg_catalog.+) (1000 OPERATOR(pg_catalog.*)
                extract(epoch FROM now OPERATOR(pg_catalog.-) s.finished_at)),
           took_ms = s.took_ms OPERATOR(pg_catalog.+) (1000 OPERATOR(pg_catalog.*)
                extract(epoch FROM now OPERATOR(pg_catalog.-) s.finished_at)),
           stall_ms = CASE WHEN s.stall_ms OPERATOR(pg_catalog.>) 0
                THEN s.stall_ms OPERATOR(pg_catalog.+) (1000 OPERATOR(pg_catalog.*)
                     extract(epoch FROM now OPERATOR(pg_catalog.-) s.finished_at))
                ELSE 0 END
     WHERE s.component OPERATOR(pg_catalog.=) $1 AND s.version OPERATOR(pg_catalog.=) $2
       AND s.phase OPERATOR(pg_catalog.=) $3 AND s.number OPERATOR(pg_catalog.=) 1
 RETURNING s.held_ms INTO held;
    RETURN held;
END
$released$;
COMMENT ON FUNCTION pgstride.deed_released(text, text, text) IS
    'what a step held until its locks were gone, once it has committed';
