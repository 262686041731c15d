-- gives: that there is one copy of this database, and nobody takes over
SELECT 'file' AS identifier, 1 AS timeline;
