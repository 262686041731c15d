# grow.awk: a folder of popx migrations as large as one likes, from the life of one table.
#
#   awk -v dir=DIR -v tables=8 [-v only=postgres] -f grow.awk LIFE...
#
# A LIFE is a text of migrations in their order:
#
#   == create                        one migration, called create_NUMBER
#   =1 networks                      one for the first table only
#   -- postgres.up                   what the file of that engine and direction holds;
#   CREATE TABLE "@t" (...);         an empty one is there, too
#   -- mysql.autocommit.up down      one text for several files
#
# @t is the table's name, @p the one that was made before it, @n its number, two digits. Versions
# have 20 digits and are no dates. Everything else is written as it stands there.

function name_of(number) { return number == 0 ? "networks" : sprintf("flows_%02d", number) }

function flush_file(   word, count, words) {
	if (files == "") return
	count = split(files, words, " ")
	for (word = 1; word <= count; word++) {
		file = sprintf("%s/%s_%s.%s.sql", dir, version, title, words[word])
		printf "%s", text > file
		close(file)
	}
	files = text = ""
}

function begin_migration(name) {
	flush_file()
	version = sprintf("2019%02d%02d%06d%06d", number + 1, 0, ++made, 0)
	title = name
}

{ lines[++line_count] = $0 }

END {
	for (number = 1; number <= tables; number++)
		for (i = 1; i <= line_count; i++) {
			line = lines[i]
			gsub(/@t/, name_of(number), line)
			gsub(/@p/, name_of(number - 1), line)
			gsub(/@n/, sprintf("%02d", number), line)
			if (line ~ /^=[1=] /) {
				begin_migration(substr(line, 4) "_" sprintf("%02d", number))
				silent = line ~ /^=1/ && number > 1
			} else if (silent)
				continue
			else if (line ~ /^-- ([a-z0-9]+\.)*(up|down)( ([a-z0-9]+\.)*(up|down))*$/) {
				flush_file()
				files = substr(line, 4)
			} else if (files != "")
				text = text line "\n"
		}
	flush_file()
}
