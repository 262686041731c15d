#!/bin/bash
# extended.sh BIN TREE: the server in BIN once more below TREE, with our extension in it.
#
# A server finds its libraries by where its program lies: the programs are copied, what
# they load is linked, and the system's PostgreSQL stays as it is. The extension is
# built for it in TREE/build. Prints the new bin directory; safe to run again.
set -eu
[ $# -eq 2 ] || { echo "usage: $0 BIN TREE" >&2; exit 2; }
root=$(cd "$(dirname "$0")/../.." && pwd)
bin=$(cd "$1" && pwd)
mkdir -p "$2/build"
tree=$(cd "$2" && pwd)
log=$tree/build/log

# Debian's layout: what is below /usr there is below TREE here.
below() { "$bin/pg_config" "--$1" | sed "s|^/usr|$tree|"; }
new_bin=$(below bindir)
library=$(below pkglibdir)
share=$(below sharedir)

if [ ! -x "$new_bin/postgres" ]; then
	mkdir -p "$(dirname "$library")" "$(dirname "$share")" "$new_bin.new"
	cp -as "$("$bin/pg_config" --pkglibdir)" "$(dirname "$library")"
	cp -as "$("$bin/pg_config" --sharedir)" "$(dirname "$share")"
	cp "$bin"/* "$new_bin.new"
	mv "$new_bin.new" "$new_bin"
fi

# No LLVM: the headers alone are unpacked, see the Makefile.
major=$("$bin/pg_config" --version | sed -E 's/[^0-9]*([0-9]+).*/\1/')
headers=$root/build/deps/postgresql-$major/usr/include/postgresql/$major/server
extension() {
	make -s -C "$tree/build" -f "$root/pg_extension/Makefile" VPATH="$root/pg_extension" \
		srcdir="$root/pg_extension" PG_CONFIG="$bin/pg_config" with_llvm=no \
		PG_CPPFLAGS="-isystem $headers" "$@" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
}
mkdir -p "$tree/build/src"
extension all
extension install DESTDIR="$tree/build/installed"
cp -r "$tree/build/installed/usr/." "$tree/"
echo "$new_bin"
