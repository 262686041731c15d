-- gives: which server this is
SELECT @@server_uuid AS identifier, 1 AS timeline;
