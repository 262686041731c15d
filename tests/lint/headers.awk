# headers.awk: every header begins with its docstring and is guarded by its own name.

function finish() {
	if (file != "" && (guard == "" || defined != guard))
		complain("no include guard, add #ifndef PGSTRIDE_..._H and #define")
	else if (file != "" && guard in seen)
		complain("its guard " guard " is also that of " seen[guard])
	seen[guard] = file
}

function complain(what) {
	print file ":1: " what
}

FNR == 1 {
	finish()
	file = FILENAME
	guard = defined = ""
	if ($0 !~ /^\/\*/)
		complain("no docstring, say first what it is for: units, ownership, errors")
}

/^#ifndef PGSTRIDE_[A-Z0-9_]+_H$/ && guard == "" { guard = $2 }
/^#define PGSTRIDE_[A-Z0-9_]+_H$/ && defined == "" { defined = $2 }

END { finish() }
