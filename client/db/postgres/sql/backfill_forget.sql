-- $1 component, $2 version, $3 number of the backfill, $4 id of our run, $5 oids of the
-- tables that hold its rows now, as an array
-- Forgets tables that were dropped or detached meanwhile: nobody will finish them.
DELETE FROM pgstride.backfills
 WHERE component = $1 AND version = $2 AND number = $3::integer AND run_id = $4::uuid
   AND leaf <> ALL ($5::oid[]);
