-- $1 component, $2 version, $3 number of the backfill
-- gives: when its record was written last, as this server has it, and what time it is here;
-- one row, always
SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', b.updated_at) AS at,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', b.started_at) AS since,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) AS now
  FROM (SELECT $1 AS component) asked
  LEFT JOIN pgstride_backfills b ON b.component = asked.component AND b.version = $2 AND b.number = $3;
