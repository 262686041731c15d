# code.awk: what is left of a line of C without comments, strings and characters.
#
#   awk -f code.awk -f CHECK.awk FILE...   where CHECK.awk reads `code` in its rules
#
# `complain(what)` prints it behind file:line.

function strip(line,    out) {
	out = ""
	while (line != "") {
		if (in_comment) {
			if (!match(line, /[*][/]/))
				return out
			in_comment = 0
		} else if (match(line, /^[^"'\/]+/)) {
			out = out substr(line, 1, RLENGTH)
		} else if (match(line, /^[/][/]/)) {
			return out
		} else if (match(line, /^[/][*]/)) {
			in_comment = 1
		} else if (match(line, /^"([^"\\]|\\.)*"/)) {
			out = out "\"\""
		} else if (match(line, /^'([^'\\]|\\.)*'/)) {
			out = out "' '"
		} else {
			match(line, /^./)
			out = out substr(line, 1, 1)
		}
		line = substr(line, RSTART + RLENGTH)
	}
	return out
}

function complain(what) {
	print FILENAME ":" FNR ": " what
}

# The whole words of `names` (a|b|c) that `code` calls.
function called(names,    rest, word, found) {
	rest = code
	found = ""
	while (match(rest, /[A-Za-z_][A-Za-z0-9_]*[ ]*\(/)) {
		word = substr(rest, RSTART, RLENGTH - 1)
		gsub(/ /, "", word)
		if (index("|" names "|", "|" word "|"))
			found = word
		rest = substr(rest, RSTART + RLENGTH)
	}
	return found
}

# The same for a bare word, called or not.
function mentions(names,    rest, word) {
	rest = code
	while (match(rest, /[A-Za-z_][A-Za-z0-9_]*/)) {
		word = substr(rest, RSTART, RLENGTH)
		if (index("|" names "|", "|" word "|"))
			return word
		rest = substr(rest, RSTART + RLENGTH)
	}
	return ""
}

FNR == 1 { in_comment = 0 }

# An #include keeps its path; everything else loses its strings.
{ code = /^#[ ]*include/ ? $0 : strip($0) }
