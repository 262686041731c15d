-- $1 oid of the table
-- gives: its constraints, and the foreign keys of other tables that point at it. Of a
-- foreign key: the columns that refer, whether an index begins with them, and how many
-- rows they are in.
SELECT k.conname::text AS name,
       k.contype::text AS kind,
       pg_catalog.pg_get_constraintdef(k.oid) AS definition,
       pg_catalog.array_to_string(
           CASE WHEN k.conrelid = $1::oid THEN k.conkey ELSE k.confkey END, ',') AS mentions,
       k.convalidated AS valid,
       k.conrelid <> $1::oid AS incoming,
       (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY u.place)
          FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY u (number, place)
          JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number
         WHERE k.contype = 'f') AS refers,
       k.contype <> 'f' OR EXISTS (
           SELECT FROM pg_catalog.pg_index i
            WHERE i.indrelid = k.conrelid AND i.indisvalid AND i.indpred IS NULL
              AND (i.indkey::int2[])[0:pg_catalog.cardinality(k.conkey) - 1] @> k.conkey)
           AS indexed,
       (SELECT greatest(r.reltuples, 0)::bigint FROM pg_catalog.pg_class r
         WHERE r.oid = k.conrelid) AS referring_rows,
       n.nspname::text AS other_schema,
       o.relname::text AS other_name
  FROM pg_catalog.pg_constraint k
  LEFT JOIN pg_catalog.pg_class o
    ON o.oid = CASE WHEN k.conrelid <> $1::oid THEN k.conrelid ELSE nullif(k.confrelid, 0) END
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = o.relnamespace
 WHERE k.conrelid = $1::oid OR (k.confrelid = $1::oid AND k.contype = 'f' AND k.conparentid = 0)
 ORDER BY k.conname;
