-- gives: what the server calls itself, before anything is set
SELECT VERSION() AS version, @@version_comment AS comment;
