# outline.awk: what a script sees of a shell library that it sources: the names of its
# functions, the variables that it sets and reads, and what it sources itself. Shellcheck
# reads a sourced file with every script anew, which for a large library takes longer than
# the script.

function note(text, pattern, kind) {
	while (match(text, pattern)) {
		name = substr(text, RSTART, RLENGTH)
		gsub(/[^A-Za-z0-9_]/, "", name)
		kinds[kind, name] = name
		text = substr(text, RSTART + RLENGTH)
	}
}

/^# shellcheck source=/ { directive = $0 }
/^[ \t]*#/ { next }
/^[ \t]*[.] / { sources[++sourced] = directive "\n" $0 }
{ directive = "" }
{
	note($0, "^[a-z_][a-z_0-9]*[(][)]", "function")
	note($0, "[A-Za-z_][A-Za-z_0-9]*=", "set")
	note($0, "[$][{]?[A-Za-z_][A-Za-z_0-9]*", "read")
}
/^[ \t]*for [a-z_]+/ { kinds["set", $2] = $2 }
/^[ \t]*local / { for (i = 2; i <= NF && $i ~ /^[a-z_]+$/; i++) kinds["set", $i] = $i }

# One statement of each kind: what shellcheck keeps of a file grows with every statement.
END {
	print "#!/bin/bash"
	for (i = 1; i <= sourced; i++)
		print sources[i]
	for (key in kinds) {
		if (key ~ /^set/)
			set = set " " kinds[key]
		else if (key ~ /^read/)
			read = read " ${" kinds[key] ":-}"
		else
			functions = functions kinds[key] "() { :; }; "
	}
	print functions
	print "read -r _" set "; export _" set
	print ": \"" read "\""
}
