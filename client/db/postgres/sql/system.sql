-- gives: which database system this is, the same on all its servers, and how often a
-- standby has taken over; timeline 0: this is a standby
SELECT s.system_identifier::text AS identifier,
       CASE WHEN pg_catalog.pg_is_in_recovery() THEN 0
            ELSE ('x' || pg_catalog.substr(pg_catalog.pg_walfile_name(
                     pg_catalog.pg_current_wal_lsn()), 1, 8))::bit(32)::integer
       END::bigint AS timeline
  FROM pg_catalog.pg_control_system() s;
