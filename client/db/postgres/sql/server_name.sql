-- gives: what people call this server, null where it has no name
SELECT coalesce(nullif(pg_catalog.current_setting('cluster_name'), ''),
                pg_catalog.host(pg_catalog.inet_server_addr()) || ':' || pg_catalog.inet_server_port()) AS name;
