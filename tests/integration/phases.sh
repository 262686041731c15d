#!/bin/bash
# phases.sh: an application of every age lives through every phase, and through giving
# up in each of them: no error, no wrong read, both columns level at every moment, no row
# lost. (Whether anybody waited too long is for the tests of locks to say.)
. "$(dirname "$0")/../lib.sh"
rows=60000
folder=$root/migrations/demo

open_shop() {
	new_database "$1" shop
	: >"$tmp/unlevel"
}

# Traffic that is spoken to through a fifo; its answers are in $tmp/traffic.
open_traffic() {
	rm -f "$tmp/say" "$tmp/traffic"
	mkfifo "$tmp/say"
	"$traffic_binary" --clients 6 --rate 600 --rows $rows --mix "$1" <"$tmp/say" >"$tmp/traffic" 2>"$tmp/wrong" &
	traffic=$!
	exec 7>"$tmp/say"
	wait_until grep -qx ready "$tmp/traffic" || not_ok 'the traffic starts' "$(cat "$tmp/wrong")"
	watch_level &
	watcher=$!
}
deploy() {
	local before
	before=$(grep -cx "mix $1" "$tmp/traffic")
	echo "mix $1" >&7
	wait_until sh -c "[ \$(grep -cx 'mix $1' '$tmp/traffic') -gt $before ]" ||
		not_ok "code \"$1\" is deployed" "$(cat "$tmp/wrong")"
	sleep 1
}

# A row that carries both values and not the same one is seen by someone, sometime.
watch_level() {
	while :; do
		psql -XAtqc "SELECT count(*) FROM identities WHERE new_email IS NOT NULL AND new_email IS DISTINCT FROM email HAVING count(*) > 0" 2>/dev/null >>"$tmp/unlevel"
		sleep 0.2
	done
}

# close_shop WHAT: the application goes home; what did it see?
close_shop() {
	exec 7>&-
	kill "$watcher" "$traffic"
	wait "$watcher" "$traffic" 2>/dev/null
	local said
	said=$(tail -n 1 "$tmp/traffic")
	is "$(jq -c '[.errors, .wrong]' <<<"$said")" '[0,0]' "$1: no errors, no wrong reads"
	[ "$(jq -c '[.errors, .wrong]' <<<"$said")" = '[0,0]' ] || { jq -c .failures <<<"$said"; cat "$tmp/wrong"; }
	holds "$1: there was traffic" jq -e '.statements > 200' <<<"$said"
	is "$(cat "$tmp/unlevel")" '' "$1: both columns level at every moment"
	is "$(sql "SELECT count(*) FROM generate_series(1, $rows) n LEFT JOIN identities i ON i.id = md5('identity ' || n)::uuid WHERE i.id IS NULL OR i.email IS NULL")" \
		0 "$1: no row lost"
}
shape() {
	sql "SELECT string_agg(attname || CASE WHEN attnotnull THEN '!' ELSE '' END, ' ' ORDER BY attname)
	       FROM pg_attribute WHERE attrelid = 'identities'::regclass AND attname LIKE '%email' AND NOT attisdropped"
}
run_up() { exits 0 "$1: up" pgstride up --yes --dir "$folder"; }
unfilled() { sql "SELECT count(*) FROM identities WHERE new_email IS DISTINCT FROM email"; }
triggers() { sql "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'identities'::regclass AND tgname NOT LIKE 'RI\_%' AND NOT tgisinternal"; }

# stop_midway WHAT: expanded, and the backfill interrupted.
stop_midway() {
	slow_rows identities
	"$pgstride_binary" up --yes --batch-time 10ms --dir "$folder" >"$tmp/up" 2>&1 </dev/null &
	local up=$!
	wait_until sh -c "psql -XAtqc 'SELECT 1 FROM pgstride.backfills WHERE position > 0 OR rows_done > 0' 2>/dev/null | grep -q 1"
	kill -INT "$up"
	wait "$up"
	is $? 75 "$1: interrupted"
	sql 'DROP TRIGGER slowly ON identities; DROP FUNCTION slowly()'
}

email_only_all_the_way() {
	open_shop only_old
	open_traffic old
	run_up 'email only'
	is "$(unfilled)" 0 'email only: every row is filled'
	sleep 1
	is "$(unfilled)" 0 'email only: and new ones too'
	exits 0 'email only: contract' pgstride contract --yes --dir "$folder"
	sleep 1
	close_shop 'email only'
	is "$(shape)" 'email!' 'email only: only the new shape is left'
	is "$(triggers)" 1 "email only: only the shop's own trigger is left"
}

every_age_in_turn() {
	open_shop turns
	open_traffic old
	run_up 'old, both, new, old'
	deploy both
	deploy new
	is "$(unfilled)" 0 'old, both, new, old: level while the new code writes'
	deploy both
	deploy old
	exits 0 'old, both, new, old: contract' pgstride contract --yes --dir "$folder"
	sleep 1
	close_shop 'old, both, new, old'
	is "$(shape)" 'email!' 'old, both, new, old: only the new shape is left'
}

both_during_the_backfill() {
	open_shop during
	open_traffic old
	stop_midway 'both during the backfill'
	deploy both
	run_up 'both during the backfill'
	deploy new
	deploy old
	close_shop 'both during the backfill'
	is "$(unfilled)" 0 'both during the backfill: every row is filled'
}

give_up_midway() {
	open_shop midway
	open_traffic old
	stop_midway 'given up midway'
	deploy both
	deploy old
	exits 0 'given up midway: down' pgstride down --yes --dir "$folder"
	sleep 1
	close_shop 'given up midway'
	is "$(shape)" 'email!' 'given up midway: the old shape, as it was'
	is "$(triggers)" 1 "given up midway: only the shop's own trigger is left"
	run_up 'given up midway: and another try'
}

give_up_backfilled() {
	open_shop late
	open_traffic old
	run_up 'given up late'
	deploy new
	deploy old
	exits 0 'given up late: down' pgstride down --yes --dir "$folder"
	sleep 1
	close_shop 'given up late'
	is "$(shape)" 'email!' 'given up late: the old shape, as it was'
}

start_postgres 'shared_buffers = 128MB'
new_database shop
[ "$server_major" -ge 13 ] || sql 'CREATE EXTENSION pgcrypto' # for gen_random_uuid
psql -Xq -v ON_ERROR_STOP=1 -v rows=$rows -f "$root/migrations/demo/shop/shop.sql"
email_only_all_the_way
every_age_in_turn
both_during_the_backfill
give_up_midway
give_up_backfilled
finish
