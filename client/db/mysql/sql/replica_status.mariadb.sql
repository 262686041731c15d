-- gives: whether this server gets and applies what another writes, in Slave_IO_Running and
-- Slave_SQL_Running, and how far it is behind, in Seconds_Behind_Master; needs REPLICA MONITOR
SHOW REPLICA STATUS;
