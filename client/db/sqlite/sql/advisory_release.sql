-- ?1 class of the lock, ?2 key of the component
DELETE FROM pgstride_leases
 WHERE class = ?1 AND lease_key = ?2 AND host = pgstride_host() AND pid = pgstride_pid()
   AND born = pgstride_born();
SELECT 't' AS released;
