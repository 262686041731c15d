-- $1 component, $2 version, $3 phase, $4 step number, $5 how the server did it
UPDATE pgstride_steps SET manner = $5
 WHERE component = $1 AND version = $2 AND phase = $3 AND number = $4;
