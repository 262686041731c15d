#!/bin/bash
# outages.sh: what dies is not us: a backend, the server, the wire; and the server goes
# on with what a killed client left it. The end must be that of an undisturbed run.
. "$(dirname "$0")/scenarios.sh"

swept() { [ "$(sql "SELECT coalesce(max(position), 0) FROM pgstride.backfills")" -gt "$1" ]; }

# A row of a batch is being changed right now: the trigger makes it take its time.
in_a_batch() {
	[ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
	           AND application_name LIKE 'pgstride%' AND wait_event = 'PgSleep'")" -gt 0 ]
}

# up_until CONDITION...: starts an up in the background ($up) and waits for it there.
up_until() {
	: >"$tmp/played"
	"$faults" up --yes --dir "$tmp/swap" >>"$tmp/played" 2>&1 </dev/null &
	up=$!
	wait_until "$@" || not_ok "the up comes so far" "$(cat "$tmp/played")"
}
ended() {
	wait "$up"
	status=$?
} 2>/dev/null

# The rest of the story, typed again at full speed; then the verdict.
go_on() {
	set_pace 0
	if type_once '' up --yes --dir "$tmp/swap" && type_once '' contract --yes --dir "$tmp/swap"; then
		same_end swap "$1"
	else
		not_ok "$1" "ended with $status" "$(cat "$tmp/played")"
	fi
}

backend_terminated() {
	new_database outage world
	set_pace 0.0002
	up_until swept 0
	sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
	      WHERE datname = current_database() AND application_name LIKE 'pgstride%worker%'" >/dev/null
	set_pace 0
	ended
	like "$status" '^[06]$' 'the backend is terminated: it reconnects, or ends with 6'
	like "$(cat "$tmp/played")" 'terminat|lost|connection' 'the backend is terminated: said so'
	go_on 'the backend is terminated: run again, it ends as if undisturbed'
}

server_restarted() {
	new_database outage world
	set_pace 0.0002
	up_until swept 0
	restart_postgres immediate
	set_pace 0
	ended
	like "$status" '^[06]$' 'the server crashes midway: it comes back, or ends with 6'
	go_on 'the server crashes midway: run again, it ends as if undisturbed'
}

# The server crashes and stays away for longer than anybody waits for it.
server_stays_away() {
	new_database outage world
	set_pace 0.0002
	up_until swept 0
	"$root/tests/servers/pg.sh" stop "$server" immediate
	ended
	is "$status" 6 'the server stays away: exit 6'
	like "$(cat "$tmp/played")" '^Error: ' 'the server stays away: an error, said once'
	restart_postgres immediate
	go_on 'the server was away: run again, it ends as if undisturbed'
}

# killed client, living server: the batch that runs belongs to nobody, and must be
# waited for before anybody reads the history.
orphan_goes_on() {
	local pace=0.005
	# The extension's sweep takes a few rows at first: they have to last.
	[ -z "${PGSTRIDE_TEST_EXTENSION:-}" ] || pace=0.05
	new_database outage world
	set_pace $pace
	up_until in_a_batch
	kill -9 "$up"
	ended
	is "$(in_a_batch && echo alive)" alive 'after kill -9 the server goes on with the batch'
	go_on 'the orphan is waited for: run again, it ends as if undisturbed'
}

# frozen client: not dead, and past its time. A new run may take over only when the old
# one can write no more; when it thaws, it must notice.
frozen_runner() {
	new_database outage world
	set_pace 0.0002
	up_until swept 0
	kill -STOP "$up"
	exits 5 'a frozen run still holds the runner lock: exit 5' \
		timeout -k 5 60 "$faults" up --yes --no-wait --dir "$tmp/swap"
	sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
	      WHERE datname = current_database() AND application_name LIKE 'pgstride%warden%'" >/dev/null
	set_pace 0
	type_once '' up --yes --dir "$tmp/swap"
	is "$status" 0 'when its lock is gone a new run takes over'
	kill -CONT "$up"
	ended
	like "$status" '^4$' 'the thawed run stops: another run owns the fence'
	type_once '' contract --yes --dir "$tmp/swap"
	same_end swap 'a thawed run writes nothing past the new one'
}

# cut_at LOSE TEXT NTH WHAT: the wire is cut at the NTH message with TEXT in it.
cut_at() {
	local lose=$1 text=$2 nth=$3 what=$4 proxy
	new_database outage world
	mkdir -p "$tmp/wire"
	: >"$tmp/played"
	"$root/build/tests/proxy" "$tmp/wire" "$server" --cut "$text" --nth "$nth" --lose "$lose" >"$tmp/proxied" &
	proxy=$!
	wait_until grep -q ready "$tmp/proxied"
	PGSTRIDE_DATABASE=${PGSTRIDE_DATABASE/host=$server/host=$tmp/wire} type_once '' up --yes --dir "$tmp/swap"
	kill "$proxy"
	wait "$proxy" 2>/dev/null
	grep -q cut "$tmp/proxied" || not_ok "$what: the wire was cut" "$(cat "$tmp/played")"
	like "$status" '^(0|6)$' "$what: it reconnects or ends with 6"
	go_on "$what: run again, it ends as if undisturbed"
}

make_world
play_undisturbed swap
backend_terminated
server_restarted
server_stays_away
orphan_goes_on
frozen_runner
cut_at answer 'UPDATE pgstride.backfills' 3 'a batch commits, its answer is lost'
cut_at sent 'UPDATE pgstride.backfills' 3 'a batch is lost on its way'
cut_at answer 'ALTER TABLE' 1 'expand commits, its answer is lost'
cut_at sent 'ALTER TABLE' 1 'expand is lost on its way'
finish
