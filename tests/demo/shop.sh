# shellcheck shell=bash disable=SC2154 # sourced by an engine's story
# shop.sh: the frame of the stories that are told by the programs of build/tests/writers:
# two writers and a reader on a shop whose e-mail column goes through expand, backfill and
# contract, with a kill -9 in the middle. The engine says the rest:
#
#   $home $rows        where it lives, and how many customers it has
#   shop_start         makes it, and says so; shop_stop ends what that started
#   $shop              as the writers name it; $writers_note, what else there is to say of them
#   sql SQL            its own client
#   filled kept        SQL: how many percent the backfill is at; customers with an e-mail,
#                      orders, and the customers that the view counts, with blanks between
#   go_on              what is deployed while the backfill goes on
#   proof              says what its own checks find; false: something is wrong

# --- the stage -------------------------------------------------------------------------

clean_up() {
	trap - EXIT INT TERM
	# shellcheck disable=SC2046 # a list of words
	kill $(jobs -p) 2>/dev/null || :
	wait 2>/dev/null || :
	shop_stop || :
	rm -rf "$home"
}

open_traffic() {
	mkfifo "$home/say"
	build/tests/writers "$shop" "$rows" 2 <"$home/say" >"$home/traffic" 2>"$home/wrong" &
	traffic=$!
	exec 3>"$home/say"
	wait_for_line ready
	note "two writers and a reader, each up to 200 times a second$writers_note"
}

# --- the obstacle ----------------------------------------------------------------------

swept_percent() {
	local percent
	percent=$(sql "$filled" 2>/dev/null) || :
	echo "${percent:-0}"
}

kill_midway() {
	local status=0
	until [ "$(swept_percent)" -ge 45 ]; do
		kill -0 "$1" 2>/dev/null || return 0
		sleep 0.05
	done
	kill -9 "$1" 2>/dev/null || return 0
	wait "$1" 2>/dev/null || status=$?
	note "kill -9 of pgstride, with $(swept_percent) % of the table filled (its status: $status)"
}

# --- the numbers -----------------------------------------------------------------------

verdict() {
	local errors wrong there proven=yes
	errors=$(tail -n 1 "$home/traffic" | jq '[.marks[] | .writes.errors + .reads.errors] | add')
	wrong=$(tail -n 1 "$home/traffic" | jq '[.marks[].reads.wrong] | add')
	there=$(sql "$kept")
	chapter 'What the application felt'
	print_traffic
	echo
	proof || proven=no
	echo
	if [ "$errors $wrong $proven $there" = "0 0 yes $rows $((rows / 5)) $rows" ]; then
		note "${bold}The shop never closed: 0 errors, 0 wrong reads, every customer and order kept.$plain"
		return 0
	fi
	note "${bold}The shop noticed: $errors errors, $wrong wrong reads, all checks passed: $proven; customers, orders and the view's customers: $there.$plain"
	cat "$home/wrong"
	return 1
}

# --- the story -------------------------------------------------------------------------

tell_story() {
	trap clean_up EXIT
	trap 'exit 130' INT TERM

	chapter 'A shop'
	shop_start
	open_traffic
	tell 'mark before'
	sleep 1

	chapter 'What would happen'
	typed plan
	pgstride plan

	chapter 'Expand and backfill, with a kill -9 in the middle'
	tell 'mark expand, backfill'
	typed up --yes
	build/pgstride up --yes &
	kill_midway $!
	typed status
	pgstride status
	go_on

	chapter 'Contract'
	tell 'mark contract'
	typed contract --yes
	pgstride contract --yes
	tell 'mark after'
	sleep 1
	typed status
	pgstride status
	echo stop >&3
	wait "$traffic"
	verdict
}
