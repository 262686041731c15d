# shape.awk: a file is one room, a function one screen, nesting three.
#
# Relies on the formatter: the braces of a function stand alone in column 0, and one
# level of nesting is four spaces.

BEGIN {
	file_lines = 500
	function_lines = 70
	nesting = 3
	rule_columns = 87
}

FNR == file_lines + 1 {
	complain("more than " file_lines " lines, it is two files that share a wall")
}

/^[A-Za-z_].*\(/ {
	name = $0
	sub(/^START_TEST\(/, "", name)
	sub(/[()].*/, "", name)
	sub(/^.*[ *]/, "", name)
}

/^\{$/ { opened = FNR }

/^\}/ {
	if ($0 == "}" && opened && FNR - opened - 1 > function_lines)
		complain("\"" name "\" has " FNR - opened - 1 " lines (at most " function_lines \
			"), give its parts names")
	opened = 0
}

opened && !/\\$/ && match($0, /^ +(if|for|while|switch|do)( |$)/) {
	match($0, /^ +/)
	if (RLENGTH / 4 > nesting)
		complain("nested " int(RLENGTH / 4) " deep (at most " nesting "), return early or name the inner part")
}

/^\/\* --- / && (length($0) != rule_columns || !/ -+ \*\/$/) {
	complain("a section's rule is one line of " rule_columns " columns")
}

/^\/\*/ { comment = FNR }
/\*\/$/ && comment && FNR - comment > 16 && comment > 1 {
	complain("a comment of " FNR - comment + 1 " lines, history belongs to git, arguments to a page")
}
/\*\// { comment = 0 }
