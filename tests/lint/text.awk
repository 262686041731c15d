# text.awk: what no file of ours may contain, whatever its language.

FNR == 1 && FILENAME ~ /\.sql$/ && FILENAME ~ /^client\// && !/^--/ {
	complain("no comment, say first what is asked and given (-- gives: ...)")
}

FNR == 501 && FILENAME ~ /\.(sh|sql|awk)$/ {
	complain("more than 500 lines, it is two files that share a wall")
}

/[ \t]$/ { complain("trailing white space") }
/\r$/ && FILENAME !~ /fixtures\// { complain("ends in a carriage return") }

/(^|[^A-Za-z0-9_])(TO[D]O|FIX[M]E|X[X]X|HA[C]K)([^A-Za-z0-9_]|$)/ {
	complain("something is still owed here, do it or take it to an issue")
}
/[Nn]ot (yet )?imple[m]ented/ { complain("promises what it does not do") }

/(^|[^A-Za-z0-9_.])\/wor[k]([^A-Za-z0-9_]|$)/ || /(^|[^A-Za-z0-9_-])share[d]\/(design|style|reference|seeds|servers|screens)/ {
	complain("names a place outside the project")
}

function complain(what) {
	print FILENAME ":" FNR ": " what
}
