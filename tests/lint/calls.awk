# calls.awk: calls that lose bounds, owners or control flow, and names that say nothing.

BEGIN {
	unbounded = "strcpy|strcat|sprintf|vsprintf|strncpy|strncat|gets|strtok|atoi|atol|atof|alloca"
	unowned = "malloc|calloc|realloc|free|strdup|strndup|asprintf|vasprintf|reallocarray"

	# Known and meant: a test build's switch, and a text that a library hands over.
	meant["client/base/fault.c atoi"]
	meant["client/cli/json.c free"]
}

/^#/ { next }

{
	word = called(unbounded)
	if (word != "" && !((FILENAME " " word) in meant))
		complain("calls " word ", use Buf, mem_text, snprintf or strtoll with a check")

	word = called(unowned)
	if (word != "" && FILENAME ~ /^client\// && !((FILENAME " " word) in meant))
		complain("calls " word ", every allocation has an owner: use Mem")

	if (mentions("goto") != "")
		complain("uses goto, return early: scopes clean up")
}

# A definition or declaration at column 0 names the idea.
/^[A-Za-z_]/ && match(code, /^([A-Za-z_][A-Za-z0-9_ ]*[ *])?[a-z_0-9]+\(/) {
	name = substr(code, 1, RLENGTH - 1)
	sub(/^.*[ *]/, "", name)
	if (name ~ /^(do|process)_/ || name ~ /(^|_)(utils?|manager|helpers?)(_|$)/)
		complain("\"" name "\" says nothing, name it noun_verb after what it is about")
}

FNR == 1 && FILENAME ~ /(utils?|manager|helpers?)[^\/]*$/ {
	complain("a file of leftovers, name it after its one idea")
}
