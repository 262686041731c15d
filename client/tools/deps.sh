#!/bin/sh
# deps.sh: the Debian packages that building and testing need. Silent when all is there.
set -eu

packages='gcc make libc6-dev pkg-config libpq-dev libtalloc-dev libjansson-dev
libssl-dev libprotobuf-c-dev check clang-format shellcheck postgresql-15 git
debian-archive-keyring ca-certificates'

missing=
for package in $packages; do
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
		missing="$missing $package"
done

# libpg_query is fetched by apt too: it needs the package lists, installed or not.
lists=$(apt-get indextargets --format '$(FILENAME)' 'Created-By: Packages' | head -n 1)
[ -n "$missing" ] || [ ! -e "${lists:-/nonexistent}" ] || exit 0

if [ "$(id -u)" = 0 ]; then
	sudo=
elif command -v sudo >/dev/null; then
	sudo=sudo
else
	echo "deps: missing:$missing" >&2
	echo "deps: run 'make deps' as root, or install sudo" >&2
	exit 1
fi

echo "installing:${missing:- package lists}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# A cluster of the distribution's own would only be in the way of nothing we do.
if ! { $sudo apt-get update -q && [ -z "$missing" ] ||
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing; } \
	>"$log" 2>&1; then
	tail -n 20 "$log" >&2
	exit 1
fi
