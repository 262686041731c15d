-- gives: the servers that this one copies from, or did until somebody stopped it, in
-- Master_Host; needs REPLICA MONITOR
SHOW ALL SLAVES STATUS;
