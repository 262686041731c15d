-- $1 first key of the runner lock, $2 first key of the step lock, $3 second key of both
-- gives: whether nobody else holds either in this database
SELECT NOT EXISTS (
       SELECT FROM pg_catalog.pg_locks l
        WHERE l.locktype = 'advisory'
          AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
          AND l.classid::bigint IN ($1::bigint, $2::bigint)
          AND l.objid::bigint = ($3::bigint & 4294967295)
          AND l.objsubid = 2
          AND l.granted
          AND l.pid <> pg_catalog.pg_backend_pid()) AS absent;
