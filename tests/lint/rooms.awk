# rooms.awk: rooms look down only, and only cli prints.
#
# base <- model <- {core, db} <- run <- cli <- main: a row of `below` names the rooms
# that a room may include. core and db never meet.

BEGIN {
	below["base"] = "|base|"
	below["model"] = "|base|model|"
	below["core"] = "|base|model|core|"
	below["db"] = "|base|model|db|"
	below["run"] = "|base|model|core|db|run|"
	below["cli"] = "|base|model|core|db|run|cli|"
	below["main.c"] = below["cli"]

	# The log, and what says why the program ends at once.
	last_words = "^client/base/(log|mem|digest)[.]c$"

	# A library is known to one room only, whose headers hide its types.
	home["libpq-fe.h"] = "client/db/postgres/"
	home["pg_query.h"] = "client/core/sql/pg/"
	home["talloc.h"] = "client/base/"
	home["sqlite3.h"] = "client/db/sqlite/"
	home["yaml.h"] = "client/core/config/yaml.c"
}

FNR == 1 {
	split(FILENAME, path, "/")
	room = path[1] == "client" ? path[2] : ""
	prints = room == "cli" || room == "main.c" || FILENAME ~ last_words
}

/^#[ ]*include[ ]*"/ {
	included = $0
	sub(/^[^"]*"/, "", included)
	sub(/".*/, "", included)
	split(included, part, "/")
	if (room != "" && included !~ /\//)
		complain("includes \"" included "\", say which room it is in")
	else if (room != "" && (part[1] in below) && !index(below[room], "|" part[1] "|"))
		complain(room "/ includes \"" included "\", rooms look down only: " \
			"base <- model <- {core, db} <- run <- cli <- main")
	if (included ~ /^core\/sql\/pg\// && FILENAME ~ /^client\// && FILENAME !~ /^client\/core\/sql\//)
		complain("includes \"" included "\", parser nodes stay inside core/sql")
}

/^#[ ]*include/ {
	included = $2
	gsub(/[<>"]/, "", included)
	sub(/^.*protobuf\/.*$/, "pg_query.h", included)
	if (room != "" && (included in home) && index(FILENAME, home[included]) != 1)
		complain("includes <" included ">, which belongs to " home[included])
}

room != "" && !prints && !/^#/ {
	word = called("printf|vprintf|fprintf|vfprintf|dprintf|puts|fputs|putchar|putc|fputc|fwrite|perror|psignal")
	if (word == "")
		word = mentions("stdout|stderr")
	if (word != "")
		complain(room "/ uses " word ", only cli prints: fill err or tell the observer")
}
