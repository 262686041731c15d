#!/bin/bash
# npm_extended.sh VERSION DIR: the server that npm.sh gives, once more, with our extension.
#
# The extension is built by this machine's compiler against headers of that major version;
# a server of the same one loads it, whatever its minor version. They are those of the
# Debian release that carries it; none carries 16, which PyPI has in a wheel of a whole
# server (pip is asked). Below DIR/VERSION-extended there is then a bin directory, which
# is printed: the server, a pg_config that speaks for it, and this machine's psql. Exits
# 3 where neither has the headers (14), or the server cannot be had.
set -eu

[ $# -eq 2 ] || { echo "usage: $0 VERSION DIR" >&2; exit 2; }
root=$(cd "$(dirname "$0")/../.." && pwd)
major=$1
headers=$root/build/deps/headers-$major

from_debian() {
	"$root/client/tools/unpack.sh" "$headers" "$1" "postgresql-server-dev-$major" "postgresql-client-$major" >&2 || exit 3
	pgxs=$headers/usr/lib/postgresql/$major/lib/pgxs
	includes=$headers/usr/include/postgresql server_headers=$headers/usr/include/postgresql/$major/server
}

# A wheel of CPython 3.10, whatever runs here: it is unpacked, never run.
from_wheel() {
	local install=$headers/pgserver/pginstall
	if [ ! -d "$headers" ]; then
		rm -rf "$headers.new"
		mkdir -p "$headers.new"
		pip download -q --no-deps --only-binary :all: --python-version 3.10 -d "$headers.new" "$1" >&2 || exit 3
		python3 -m zipfile -e "$headers.new"/*.whl "$headers.new" && rm "$headers.new"/*.whl
		chmod +x "$headers.new"/pgserver/pginstall/lib/postgresql/pgxs/config/install-sh
		mv "$headers.new" "$headers"
	fi
	pgxs=$install/lib/postgresql/pgxs
	includes=$install/include/postgresql server_headers=$install/include/postgresql/server
}

bin=$("$root/tests/servers/npm.sh" "$major" "$2") || exit 3
case $major in
13) from_debian bullseye ;;
15) from_debian bookworm ;;
16) from_wheel pgserver==0.1.4 ;;
17) from_debian trixie ;;
18) from_debian sid ;;
*) echo "npm_extended.sh: the headers of PostgreSQL $major cannot be had" >&2 && exit 3 ;;
esac

# Made aside and renamed, as npm.sh does.
original=$(dirname "$bin")
tree=$(dirname "$original")-extended
if [ ! -d "$tree" ]; then
	rm -rf "$tree.new"
	cp -a "$original" "$tree.new"
	ln -s "$(command -v psql)" "$tree.new/bin/psql"
	mv "$tree.new" "$tree"
fi

# It speaks for the tree that it lies in: a copy of that is a server too.
cat >"$tree/bin/pg_config" <<-SH
	#!/bin/sh
	tree=\$(cd "\$(dirname "\$0")/.." && pwd)
	for word; do case \$word in
	--pgxs) echo $pgxs/src/makefiles/pgxs.mk ;;
	--includedir-server) echo $server_headers ;;
	--includedir | --pkgincludedir) echo $includes ;;
	--bindir) echo \$tree/bin ;;
	--libdir) echo \$tree/lib ;;
	--pkglibdir) echo \$tree/lib/postgresql ;;
	--sharedir) echo \$tree/share/postgresql ;;
	--version) sed -n 's/#define PG_VERSION "\(.*\)"/PostgreSQL \1/p' $server_headers/pg_config.h ;;
	*) echo /nonexistent ;;
	esac; done
SH
chmod +x "$tree/bin/pg_config"

# What a newer compiler was told, and test programs for a newer libc than this machine's.
sed -i 's/-Wmissing-variable-declarations//g' "$pgxs/src/Makefile.global"
for program in regress/pg_regress isolation/pg_isolation_regress isolation/isolationtester; do
	mkdir -p "$pgxs/src/test/$(dirname $program)"
	ln -sf "$(printf '%s\n' /usr/lib/postgresql/*/lib/pgxs/src/test | sort -V | tail -n 1)/$program" "$pgxs/src/test/$program"
done

# No LLVM: its compiler is not among the headers.
mkdir -p "$tree/build/src"
make -s -C "$tree/build" -f "$root/pg_extension/Makefile" VPATH="$root/pg_extension" \
	srcdir="$root/pg_extension" PG_CONFIG="$tree/bin/pg_config" with_llvm=no \
	PG_CPPFLAGS="-isystem $server_headers" install >"$tree/build/log" 2>&1 || { cat "$tree/build/log" >&2; exit 1; }
chmod -R a+rX "$tree"
echo "$tree/bin"
