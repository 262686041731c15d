-- gives: the servers that this one copies from, or did until somebody stopped it; needs
-- SELECT on performance_schema
SELECT HOST AS host, PORT AS port FROM performance_schema.replication_connection_configuration
 WHERE CHANNEL_NAME NOT LIKE 'group\_replication\_%' ORDER BY CHANNEL_NAME;
