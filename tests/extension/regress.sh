#!/bin/bash
# extended
# regress.sh: the extension's own tests, pg_regress and isolation, on a private server:
# what `make -C pg_extension installcheck` runs on a server that is up.
. "$(dirname "$0")/../lib.sh"
start_postgres 'max_prepared_transactions = 4'

# Up to 15 "test NAME ... ok 12 ms", from 16 on "ok 1 - NAME 12 ms".
verdicts() {
	sed -nE -e "s/^test +([a-z_]+) +\.\.\. ok .*/ok $1 \1/p" -e "s/^test +([a-z_]+) +\.\.\. FAILED.*/not ok $1 \1/p" \
		-e "s/^(ok|not ok) +[0-9]+ +[-+] +([a-z_]+) .*/\1 $1 \2/p" "$tmp/printed"
}

# installcheck KIND [VARIABLE=...]: one kind of them; the other is told to be none.
installcheck() {
	local kind=$1
	shift
	mkdir -p "$tmp/$kind"
	make -C "$tmp/$kind" -f "$root/pg_extension/Makefile" VPATH="$root/pg_extension" srcdir="$root/pg_extension" \
		PG_CONFIG="$PGSTRIDE_TEST_EXTENSION/pg_config" installcheck "$@" >"$tmp/printed" 2>&1
	status=$?
	verdicts "$kind" >"$tmp/verdicts"
	cat "$tmp/verdicts"
	[ "$status" -eq 0 ] && [ -s "$tmp/verdicts" ] && return
	not_ok "$kind: all of them" "$(tail -n 5 "$tmp/printed")" "$(cat "$tmp/$kind"/*.diffs "$tmp/$kind"/*/*.diffs 2>/dev/null)"
}

installcheck regress ISOLATION=
installcheck isolation REGRESS=
finish
