#!/bin/sh
# unpack.sh [--whole] DIR SUITE PACKAGE...: Debian packages of that release, unpacked
# below DIR; --whole: with everything that they need, down to libc.
#
# For what must not be installed on this machine. apt itself fetches them, from the mirror
# that this machine is configured with and checked against Debian's keys, into a private
# state directory: the system's package lists and sources stay as they are.
# Idempotent; prints nothing when DIR is complete.  No root needed.
set -eu
whole=
[ "${1:-}" != --whole ] || { whole=yes && shift; }
[ $# -ge 3 ] || { echo "usage: $0 DIR SUITE PACKAGE..." >&2; exit 2; }
dir=$1 suite=$2
shift 2
done=$dir/.complete-$suite

[ ! -f "$done" ] || exit 0
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)

# The first address that apt would update this release from names the mirror; this
# asks nobody, and works before the first apt-get update too.
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
mirror=$(apt-get --print-uris update 2>/dev/null | sed -n "s|^'\([^']*\)/dists/$release/.*|\1|p" | head -n 1)
[ -n "$mirror" ] || { echo "unpack.sh: apt has no source for $release" >&2; exit 1; }

keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ -f "$keys" ] || { echo "unpack.sh: $keys is missing: install debian-archive-keyring" >&2; exit 1; }

echo "fetching $1 ($suite) with apt" >&2
apt=$dir/apt
rm -rf "$apt" && mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/parts"
echo "deb [signed-by=$keys] $mirror $suite main" >"$apt/sources.list"
: >"$apt/status"

# A mirror's copy of the suite that moves daily may be old; it is signed all the same.
lenient=
[ "$suite" != sid ] || lenient='-o Acquire::Check-Valid-Until=false'

# shellcheck disable=SC2086 # a list of words, or none
# As root apt drops to _apt, who may not write here: a private state stays with the caller.
private() {
	apt-get -qq \
		-o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts="$apt/parts" \
		-o Dir::State="$apt" -o Dir::State::Lists="$apt/lists" -o Dir::State::status="$apt/status" \
		-o Dir::Cache="$apt/cache" -o APT::Sandbox::User="$(id -un)" $lenient "$@"
}

private update >&2
if [ -n "$whole" ]; then
	# Next to an empty list of what is installed, everything is needed. Left out is what
	# no server is run by: manuals, and the interpreters of maintainers' scripts.
	private -y --no-install-recommends --download-only install "$@" >&2
	for package in "$apt"/cache/archives/*.deb; do
		case $package in */perl* | */libperl* | */gcc-*-base*) continue ;; esac
		dpkg-deb --fsys-tarfile "$package" | tar -x -C "$dir" --no-same-owner --exclude='*.a' \
			--exclude='./usr/share/doc' --exclude='./usr/share/man' --exclude='./usr/share/locale' \
			--exclude='./etc' --exclude='./var'
	done
else
	(cd "$apt" && private download "$@" >&2)
	for package in "$apt"/*.deb; do
		dpkg-deb -x "$package" "$dir"
	done
fi
rm -rf "$apt"
: >"$done"
