-- gives: which server this is, as far as it says
SELECT CONCAT(@@hostname, ':', @@port, ':', @@server_id, ':', @@datadir) AS identifier, 1 AS timeline;
