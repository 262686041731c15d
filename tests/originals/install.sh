#!/bin/bash
# install.sh: the migration runners whose tables we write, for tests that let them read.
#
#   install.sh DIR              installs them below DIR, unless they are there; prints the
#                               directory that has node_modules in it
#
# They are npm packages at pinned versions; npm's own configuration says where from.
# Exits 3 when npm or node is missing, or does not get them.
set -eu

# dbmate is a program; drizzle-orm a library, with a driver for each server. What it would
# pull in for other servers is not wanted. Both of its table formats are in use.
packages='dbmate@2.36.0
drizzle-orm@0.45.4
drizzle-orm-next@npm:drizzle-orm@1.0.0-rc.5
postgres@3.4.9'

# Made aside and renamed: an interrupted installation leaves nothing that looks finished.
install_packages() {
	local dir=$1 tool
	for tool in npm node; do
		command -v $tool >/dev/null || { echo "install.sh: $tool is missing" >&2; exit 3; }
	done
	new=$(mktemp -d "$dir.new.XXXXXX")
	trap 'rm -rf "$new"' EXIT
	echo '{"private": true}' >"$new/package.json"
	# shellcheck disable=SC2086 # a list of words
	npm install --prefix "$new" --ignore-scripts --legacy-peer-deps --no-audit --no-fund $packages >"$new/said" 2>&1 ||
		{ cat "$new/said" >&2; exit 3; }
	rm -rf "$dir"
	mv "$new" "$dir"
}

[ $# -eq 1 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
mkdir -p "$1"
dir=$(cd "$1" && pwd)/$(sum=$(cksum <<<"$packages") && echo "${sum%% *}")
[ -d "$dir/node_modules/dbmate" ] || install_packages "$dir"
echo "$dir"
