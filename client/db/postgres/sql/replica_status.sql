-- gives: how far this standby is behind in what it replays, and whether somebody keeps it from
-- replaying; what it has not received it does not know
SELECT CASE WHEN pg_catalog.pg_last_wal_receive_lsn() = pg_catalog.pg_last_wal_replay_lsn() THEN 0
            ELSE COALESCE(EXTRACT(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp()), 0)
       END::bigint AS seconds,
       'Yes' AS receives,
       CASE WHEN pg_catalog.pg_is_wal_replay_paused() THEN 'No' ELSE 'Yes' END AS applies;
