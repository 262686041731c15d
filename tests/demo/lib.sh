# shellcheck shell=bash disable=SC2034,SC2154 # shared with who sources this
# lib.sh: how a demo tells its story.
exec 2>&1 # one story, in one order

bold='' dim='' plain=''
if [ -t 1 ]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; fi
chapter() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
note() { printf '  %s\n' "$@"; }
typed() { printf '\n%s$ pgstride %s%s\n' "$dim" "$*" "$plain"; }
export PGSTRIDE_DIR=migrations/demo
pgstride() { build/pgstride "$@"; }
thousands() { printf "%'d" "$1" | LC_ALL=C sed -E ':a; s/^([0-9]+)([0-9]{3})/\1,\2/; ta'; }

# The application, $traffic, reads lines from descriptor 3 and answers them in $home/traffic.
wait_for_line() {
	until grep -qxF "$1" "$home/traffic"; do
		kill -0 "$traffic" || { cat "$home/wrong" >&2; exit 1; }
		sleep 0.05
	done
}
tell() {
	echo "$1" >&3
	wait_for_line "$1"
}

# What the programs of build/tests/writers felt, under each mark.
print_traffic() {
	tail -n 1 "$home/traffic" | jq -r '
		(["", "writes", "errors", "p50 ms", "p99 ms", "max ms", "reads", "errors", "wrong", "max ms"]),
		(.marks[] | select(.name != "all")
		 | [.name, .writes.statements, .writes.errors, .writes.p50_ms, .writes.p99_ms, .writes.max_ms,
		    .reads.statements, .reads.errors, .reads.wrong, .reads.max_ms]) | @tsv' |
		awk -F'\t' 'NR == 1 { printf "  %-18s %7s %7s %8s %8s %8s %9s %7s %6s %8s\n", $1, $2, $3, $4, $5, $6, $7, $8, $9, $10; next }
			{ printf "  %-18s %7d %7d %8.2f %8.2f %8.2f %9d %7d %6d %8.2f\n", $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 }'
}
