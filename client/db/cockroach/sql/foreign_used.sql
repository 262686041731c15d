-- $1 schema
-- gives: whether tables, views or sequences are in it
SELECT EXISTS (SELECT 1 FROM information_schema.tables t WHERE t.table_schema = $1)
       OR EXISTS (SELECT 1 FROM information_schema.sequences s
                   WHERE s.sequence_schema = $1) AS used;
