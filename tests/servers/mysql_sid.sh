#!/bin/bash
# mysql_sid.sh: MySQL and MariaDB of versions that the distribution does not carry.
#
#   mysql_sid.sh mysql|mariadb DIR    unpacks the server that Debian's sid has below
#                                     DIR/KIND, unless it is there; prints its program,
#                                     to be used as PGSTRIDE_TEST_MYSQL
#
# Beside the program lies install, for PGSTRIDE_TEST_MYSQL_INSTALL. With MySQL comes its
# client library; a program that is linked with it runs with the loader of that release:
#   make clean && PKG_CONFIG_PATH=DIR/mysql/pkgconfig make MYSQL_CLIENT=mysqlclient tests
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

# How to link with MySQL's client library where it lies. Its libc is newer than ours,
# and what both need must come once: hence the loader, and a path for all libraries.
describe_client() {
	local tree=$1
	mkdir -p "$tree/pkgconfig"
	cat >"$tree/pkgconfig/mysqlclient.pc" <<-PC
		Name: mysqlclient
		Description: the client library of MySQL
		Version: $(basename "$(readlink -f "${libraries%%:*}/libmysqlclient.so")" | sed 's/.*\.so\.//')
		Cflags: -I$tree/client/mysql -I$tree/client
		Libs: -L$tree/client -lmysqlclient -Wl,--allow-shlib-undefined,--disable-new-dtags,-rpath,${libraries%%:*},--dynamic-linker,$loader
	PC
	mkdir -p "$tree/client" # this library alone, and nothing of that libc
	ln -sfn "${libraries%%:*}/libmysqlclient.so" "$tree/client/libmysqlclient.so"
	ln -sfn "$tree/usr/include/mysql" "$tree/client/mysql"
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
		describe_client "$tree"
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
