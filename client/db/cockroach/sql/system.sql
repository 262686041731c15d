-- gives: which database system this is; its nodes are one, so nobody ever takes over
SELECT 'cluster' AS identifier, 1 AS timeline;
