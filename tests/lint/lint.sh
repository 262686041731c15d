#!/bin/bash
# lint.sh [-C ROOT] [CHECK...]: what a machine can see of how the code reads.
#
# Each check is one function below, or the .awk file of its name; it prints
# "file:line: what, cure"; anything printed is a failure. Without CHECK all run.
# selftest.sh plants an offence for every one of them and sees that it is found.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
checks='format rooms calls shape headers text portable shell tree'

[ "${1:-}" != -C ] || { root=$2; shift 2; }
[ $# -eq 0 ] || checks=$*
cd "$root" || exit 2

# files PATTERN...: ours, committed or about to be; deleted ones are gone.
files() {
	git ls-files -co --exclude-standard -- "$@" | sort -u | while read -r file; do
		[ ! -f "$file" ] || echo "$file"
	done
}

# over_code CHECK PATTERN...: an awk check that reads C.
over_code() {
	local check=$1
	shift
	files "$@" | xargs -r awk -f "$here/code.awk" -f "$here/$check.awk"
}

format() {
	files '*.c' '*.h' | xargs -r clang-format --dry-run -Werror 2>&1 |
		sed -nE 's/^([^ :]+:[0-9]+):[0-9]+: .*/\1: not as the formatter has it, run make format/p' | sort -u
}
rooms() { over_code rooms '*.c' '*.h'; }
calls() { over_code calls '*.c' '*.h'; }
shape() { over_code shape '*.c' '*.h'; }
headers() { files '*.h' | xargs -r awk -f "$here/headers.awk"; }
text() { files . | grep -vE '/(fixtures|expected)/' | xargs -r grep -Il '' | xargs -r awk -f "$here/text.awk"; }
portable() { files '*.awk' '*.sh' Makefile | xargs -r awk -f "$here/portable.awk"; }

# Functions are called by name ("$check") and with optional arguments; awk and SQL live in
# single quotes.
unheeded=SC2317,SC2016,SC2119,SC2120
checked() { xargs -r -n 4 -P "$(nproc)" shellcheck -f gcc -x -P SCRIPTDIR -e "$unheeded"; }

# A script without the executable bit is a library. Those are checked as they are; in a
# copy of the tree, what sources them, with their outlines.
shell() {
	local copy script
	copy=$(mktemp -d)
	: >"$copy/.scripts"
	{
		files '*.sh'
		files . | grep -v '\.[a-z]*$' | xargs -r grep -lE '^#!.*/(ba)?sh'
	} | sort -u | while read -r script; do
		mkdir -p "$copy/$(dirname "$script")"
		if [ -x "$script" ]; then
			cp "$script" "$copy/$script"
			echo "$script" >>"$copy/.scripts"
		else
			awk -f "$here/outline.awk" "$script" >"$copy/$script"
			echo "$script"
		fi
	done >"$copy/.libraries"
	{
		checked <"$copy/.libraries"
		(cd "$copy" && checked <.scripts)
	} | sed -E 's,^([^:]+:[0-9]+):[0-9]+: ,\1: ,; s, \[(SC[0-9]+)\]$, (shellcheck \1),'
	rm -r "$copy"
}

# The top level is the map a stranger reads first: nothing else lives there.
tree() {
	files . | grep -vE '^(Makefile|README\.md|LICENSE|\.ci/.*|\.clang-format|\.gitignore|(client|pg_extension|migrations|playbooks|tests)/.*)$' |
		sed 's/$/:1: outside the fixed top level, move it into a room/'
}

for tool in git clang-format shellcheck; do
	command -v "$tool" >/dev/null || { echo "lint: $tool is missing, run make deps" >&2; exit 2; }
done

said=$(for check in $checks; do $check 2>&1 & done | sort -u -t: -k1,1 -k2,2n -k3)
count=$(files . | wc -l)
[ -z "$said" ] || { echo "$said"; echo "lint: $(echo "$said" | wc -l) complaints in $count files"; exit 1; }
echo "lint: $count files, clean"
