-- gives: the time here, as RFC 3339 has it
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 'now') AS at;
