-- gives: which protocol the server extension speaks, 0 where it does not say; fails where
-- its library is missing
SELECT coalesce((SELECT pgstride_server.protocol())::pg_catalog.int4, 0) AS protocol;
