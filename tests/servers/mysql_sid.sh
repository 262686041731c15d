#!/bin/bash
# mysql_sid.sh: MySQL and MariaDB of versions that the distribution does not carry.
#
#   mysql_sid.sh mysql|mariadb DIR    unpacks the server that Debian's sid has below
#                                     DIR/KIND, unless it is there; prints its program,
#                                     to be used as PGSTRIDE_TEST_MYSQL
#
# Beside the program lie install, for PGSTRIDE_TEST_MYSQL_INSTALL, and for MySQL its
# client library: include and lib of `make MYSQL_CLIENT=mysqlclient` (see pkgconfig).
# Everything a server needs comes with it, down to libc, and is run by its own loader, so
# that nothing of it touches this machine. Exits 3 where apt cannot get the packages.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)

packages_of() {
	case $1 in
	mysql) echo mysql-server-core libmysqlclient-dev ;;
	mariadb) echo mariadb-server-core ;;
	*) echo "mysql_sid.sh: no such server: $1" >&2 && return 2 ;;
	esac
}

# wrap PROGRAM [OPTION...]: under its name a script, which runs it with the loader beside
# it. Options go behind those that are given: --no-defaults has to be the first.
wrap() {
	local program=$1
	shift
	[ -f "$program.original" ] || mv "$program" "$program.original"
	cat >"$program" <<-SH
		#!/bin/sh
		exec "$loader" --library-path "$libraries" "$program.original" "\$@" $*
	SH
	chmod 755 "$program"
}

# Where this copy lies is written into what runs it: done anew each time.
settle() {
	local tree=$1 multiarch
	multiarch=$(basename "$(dirname "$(find "$tree/usr/lib" -path '*-linux-*' -name 'libc.so.6' | head -n 1)")")
	loader=$(find "$tree/usr/lib64" "$tree/usr/lib" -maxdepth 2 -name 'ld-linux*.so.*' | head -n 1)
	libraries=$tree/usr/lib/$multiarch:$tree/usr/lib/mysql/private
	if [ -x "$tree/usr/sbin/mysqld" ] && [ ! -L "$tree/usr/sbin/mysqld" ]; then
		wrap "$tree/usr/sbin/mysqld" "--basedir=$tree/usr" "--lc-messages-dir=$tree/usr/share/mysql" \
			"--character-sets-dir=$tree/usr/share/mysql/charsets" "--plugin-dir=$tree/usr/lib/mysql/plugin" \
			--mysqlx=OFF --secure-file-priv=NULL
		echo "$tree/usr/sbin/mysqld" >"$tree/program"
		return
	fi
	wrap "$tree/usr/sbin/mariadbd" "--basedir=$tree/usr" "--lc-messages-dir=$tree/usr/share/mysql" \
		"--character-sets-dir=$tree/usr/share/mysql/charsets" "--plugin-dir=$tree/usr/lib/mysql/plugin"
	wrap "$tree/usr/bin/resolveip"
	ln -sf "$(command -v my_print_defaults)" "$tree/usr/bin/my_print_defaults" # packed elsewhere
	printf '#!/bin/sh\nexec "%s" "$@" "--basedir=%s"\n' "$tree/usr/bin/mariadb-install-db" "$tree/usr" >"$tree/install"
	chmod 755 "$tree/install"
	echo "$tree/usr/sbin/mariadbd" >"$tree/program"
}

[ $# -eq 2 ] || { sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2; }
packages=$(packages_of "$1") || exit 2
mkdir -p "$2"
tree=$(cd "$2" && pwd)/$1
# shellcheck disable=SC2086 # a list of words
"$root/client/tools/unpack.sh" --whole "$tree" sid $packages >&2 || exit 3
settle "$tree"
chmod -R a+rX "$tree"
cat "$tree/program"
