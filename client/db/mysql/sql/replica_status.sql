-- gives: whether this server gets and applies what another writes, in Replica_IO_Running and
-- Replica_SQL_Running, and how far it is behind, in Seconds_Behind_Source; needs REPLICATION
-- CLIENT
SHOW REPLICA STATUS;
