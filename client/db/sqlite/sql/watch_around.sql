-- gives: what there is to say of the file right now
SELECT 'journal ' || (SELECT journal_mode FROM pragma_journal_mode) ||
       ', ' || pgstride_bytes((SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size)) ||
       CASE WHEN pgstride_wal_bytes() > 0 THEN ', WAL ' || pgstride_bytes(pgstride_wal_bytes()) ELSE '' END AS line
 UNION ALL
SELECT 'written to by ' || pgstride_writers() WHERE pgstride_writers() IS NOT NULL
 UNION ALL
SELECT 'the WAL is read by ' || pgstride_readers() WHERE pgstride_readers() IS NOT NULL;
