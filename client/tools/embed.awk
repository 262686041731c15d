# SQL files become one C table: {name, newest server major it is for (0: any), text}.
#
#   awk -v table=NAME -f embed.awk FILE.sql...
#
# NAME.sql is found under NAME; NAME@13.sql under NAME on servers up to major 13.

function escape(line) {
	gsub(/\\/, "&&", line)
	gsub(/"/, "\\\"", line)
	gsub(/\t/, "\\t", line)
	return line
}

BEGIN {
	print "/* Made by client/tools/embed.awk: edit the .sql files instead. */"
	print "#include \"db/embedded.h\"\n"
	print "const Embedded " table "[] = {"
}

FNR == 1 {
	if (seen++)
		print "    },"
	name = FILENAME
	sub(/^.*\//, "", name)
	sub(/\.sql$/, "", name)
	upto = 0
	if (split(name, part, "@") == 2) {
		name = part[1]
		upto = part[2]
	}
	print "    {\"" name "\", " upto ","
}

{ print "     \"" escape($0) "\\n\"" }

END {
	if (seen)
		print "    },"
	print "    {0, 0, 0},\n};"
}
