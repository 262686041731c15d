-- $1 oid of a table
-- gives: its blocks now, and the file node that they are in
SELECT pg_catalog.pg_relation_size($1::oid)
           / pg_catalog.current_setting('block_size')::bigint AS blocks,
       coalesce(pg_catalog.pg_relation_filenode($1::oid), 0)::bigint AS filenode;
