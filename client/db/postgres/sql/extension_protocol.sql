-- gives: which protocol the server extension speaks; fails where its library is missing
SELECT pgstride_server.protocol() AS protocol;
