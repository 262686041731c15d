-- ?1 schema or null (then this file), ?2 table
-- gives: that schema, whether the table is there and may be read, its columns in order
SELECT coalesce(?1, 'main') AS schema,
       CASE WHEN count(c.cid) > 0 THEN 't' ELSE 'f' END AS here,
       't' AS readable,
       NULL AS denied,
       NULL AS denied_sequence,
       'main' AS database,
       NULL AS role,
       group_concat(c.name, ',') AS columns
  FROM (SELECT i.cid, i.name
          FROM pragma_table_list AS l, pragma_table_info(l.name, l.schema) AS i
         WHERE l.schema = coalesce(?1, 'main') AND l.name = ?2 AND l.type = 'table'
         ORDER BY i.cid) AS c;
