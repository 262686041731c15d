-- gives: what of the file and its settings is in the way of a migration
WITH file AS (
    SELECT (SELECT page_count FROM pragma_page_count) AS pages,
           (SELECT page_size FROM pragma_page_size) AS size,
           (SELECT freelist_count FROM pragma_freelist_count) AS free,
           (SELECT journal_mode FROM pragma_journal_mode) AS journal,
           pgstride_wal_bytes() AS wal, pgstride_readers() AS readers,
           pgstride_network() AS network, pgstride_wrote() AS wrote
)
SELECT 'read-only' AS kind, 'the file, or its directory,' AS object, NULL AS detail
 WHERE NOT pgstride_writable()
 UNION ALL
SELECT 'network', network, NULL FROM file WHERE network IS NOT NULL
 UNION ALL
SELECT 'newer-library', wrote / 1000000 || '.' || wrote / 1000 % 1000 || '.' || wrote % 1000, sqlite_version()
  FROM file WHERE wrote > pgstride_library()
 UNION ALL
SELECT CASE WHEN journal IN ('off', 'memory') THEN 'no-journal' ELSE 'rollback-journal' END, journal, NULL
  FROM file WHERE journal <> 'wal'
 UNION ALL
SELECT CASE WHEN readers IS NULL THEN 'wal-large' ELSE 'wal-pinned' END, pgstride_bytes(wal), readers
  FROM file WHERE wal > 16777216
 UNION ALL
SELECT 'litestream', '-litestream', NULL WHERE pgstride_litestream()
 UNION ALL
SELECT 'free-pages', printf('%d %% (%s)', free * 100 / pages, pgstride_bytes(free * size)), NULL
  FROM file WHERE free * 4 > pages AND free > 1000
 UNION ALL
SELECT 'unchecked', pgstride_bytes(pages * size), NULL
  FROM file WHERE journal <> 'wal' AND pages * size >= 1000000000;
