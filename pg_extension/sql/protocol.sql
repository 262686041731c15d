-- Both sides know each other by a number, and PUBLIC may call nothing.
SELECT pgstride_server.protocol();
SELECT p.oid::regprocedure
  FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g
 WHERE p.pronamespace = 'pgstride_server'::regnamespace AND g.grantee = 0;
