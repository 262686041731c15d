# outline.awk: what a script sees of a shell library that it sources: the names of its
# functions, and the variables that it sets and reads. Shellcheck reads a sourced file
# with every script anew, which for a large library takes longer than the script.

function note(text, pattern, kind) {
	while (match(text, pattern)) {
		name = substr(text, RSTART, RLENGTH)
		gsub(/[^A-Za-z0-9_]/, "", name)
		kinds[kind, name] = name
		text = substr(text, RSTART + RLENGTH)
	}
}

/^[ \t]*#/ { next }
{
	note($0, "^[a-z_][a-z_0-9]*[(][)]", "function")
	note($0, "[A-Za-z_][A-Za-z_0-9]*=", "set")
	note($0, "[$][{]?[A-Za-z_][A-Za-z_0-9]*", "read")
}
/^[ \t]*for [a-z_]+/ { kinds["set", $2] = $2 }
/^[ \t]*local / { for (i = 2; i <= NF && $i ~ /^[a-z_]+$/; i++) kinds["set", $i] = $i }

END {
	print "#!/bin/bash"
	for (key in kinds) {
		if (key ~ /^set/)
			print "export " kinds[key] "=''"
		else if (key ~ /^read/)
			print ": \"${" kinds[key] ":-}\""
		else
			print kinds[key] "() { :; }"
	}
}
