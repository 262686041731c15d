-- $1 oid of a table
-- gives: where on the server's disks it grows, and what the server's WAL may take; a
-- directory is null where we may not know it, `local` is false over a network
SELECT t.spcname::text AS tablespace,
       coalesce(NULLIF(pg_catalog.pg_tablespace_location(t.oid), ''), data.directory) AS directory,
       data.directory AS wal_directory,
       pg_catalog.inet_server_addr() IS NULL AS local,
       pg_catalog.pg_size_bytes(pg_catalog.current_setting('max_wal_size')) AS max_wal_bytes,
       (SELECT pg_catalog.min(r.slot_name::text) FROM pg_catalog.pg_replication_slots r
         WHERE NOT r.active) AS idle_slot
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_tablespace t
    ON t.oid = coalesce(NULLIF(c.reltablespace, 0),
                        (SELECT d.dattablespace FROM pg_catalog.pg_database d
                          WHERE d.datname = pg_catalog.current_database()))
 -- not by pg_settings, which works out every setting there is
 CROSS JOIN (SELECT CASE WHEN pg_catalog.pg_has_role('pg_read_all_settings', 'USAGE')
                         THEN pg_catalog.current_setting('data_directory') END AS directory) data
 WHERE c.oid = $1::oid;
