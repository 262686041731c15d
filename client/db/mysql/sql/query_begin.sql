-- A transaction that cannot write.
START TRANSACTION READ ONLY;
