#!/bin/sh
# deps.sh: the Debian packages that building and testing need. Silent when all is there.
# What every Debian has (perl, tar, awk, setpriv, ...) is left out; of others the packages
# are named even where another here would bring them: procps (pgrep), bsdextrautils (col).
set -eu

packages='gcc make libc6-dev pkg-config libpq-dev libtalloc-dev libjansson-dev libyaml-dev
nettle-dev zlib1g-dev libprotobuf-c-dev check clang-format shellcheck postgresql-15 git jq tzdata
procps bsdextrautils openssl python3
mandoc zsh fish libipc-run-perl
libmariadb-dev mariadb-server-core mariadb-client-core
libsqlite3-dev sqlite3 debian-archive-keyring ca-certificates'

# shellcheck disable=SC2086 # a list of words
installed=$(dpkg-query -W -f '${Package}:${db:Status-Status}\n' $packages 2>/dev/null || :)
missing=
for package in $packages; do
	case "
$installed
" in *"
$package:installed
"*) ;; *) missing="$missing $package" ;; esac
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
	sudo=
elif command -v sudo >/dev/null; then
	sudo=sudo
else
	echo "deps: missing:$missing" >&2
	echo "deps: run 'make deps' as root, or install sudo" >&2
	exit 1
fi

# Our tests start servers of their own, on Unix sockets: the cluster that the
# postgresql package makes for itself is in nobody's way and stays as it is.
echo "installing:$missing" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly() {
	$sudo env DEBIAN_FRONTEND=noninteractive "$@" >"$log" 2>&1 || { tail -n 20 "$log" >&2; exit 1; }
}
quietly apt-get update -q
# shellcheck disable=SC2086 # a list of words
quietly apt-get install -y -q --no-install-recommends $missing
