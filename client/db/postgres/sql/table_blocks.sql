-- $1 oid of a table
-- gives: its blocks now, and the file node that they are in; 0 when it was dropped
SELECT coalesce(pg_catalog.pg_relation_size($1::oid), 0)
           / pg_catalog.current_setting('block_size')::bigint AS blocks,
       coalesce(pg_catalog.pg_relation_filenode($1::oid), 0)::bigint AS filenode;
