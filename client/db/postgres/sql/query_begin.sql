-- A transaction that cannot write.
BEGIN READ ONLY;
