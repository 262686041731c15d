#!/bin/bash
# waits.sh: who waited for a lock and for how long, by the server's word: it logs every
# wait longer than deadlock_timeout. What the machine itself did not come to its work is
# left out, so that a verdict is of pgstride and never of a slow machine.
#
#   . "$(dirname "$0")/../waits.sh"
#   start_postgres "deadlock_timeout = ${allowed}ms"
#   start_witness
#   begin_waits                                   # from here on
#   is "$(long_waits application)" '' 'nobody waited longer than allowed'
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# The default budget of 100 ms, and what the work itself may take beside it.
allowed=150

# start_witness: tests/witness watches every processor from now on.
start_witness() { "$root/build/tests/witness" "$tmp/late" & }

begin_waits() { waits_from=$(wc -l <"$server/log") waits_since=$(date +%s%3N); }

# machine_took: the most milliseconds that a processor was taken from us within any second
# since begin_waits.
machine_took() {
	[ -e "$tmp/late" ] || { echo 0 && return; }
	awk -v since="$waits_since" '
		$1 < since { next }
		{
			n = ++count[$3]; ended[$3, n] = $1; late[$3, n] = $2; sum[$3] += $2
			while (ended[$3, first[$3] + 1] < $1 - 1000)
				sum[$3] -= late[$3, ++first[$3]]
			if (sum[$3] > most) most = sum[$3]
		}
		END { print int(most) }' "$tmp/late"
}

# long_waits APPLICATION [LOCK]: the log's lines of those who waited longer than allowed for such a lock, if any.
long_waits() {
	tail -n "+$((waits_from + 1))" "$server/log" |
		awk -v app=" $1 LOG:" -v lock="${2:-}" -v most="$((allowed + $(machine_took)))" '
			!index($0, app) || $0 !~ lock { next }
			match($0, /process [0-9]+ /) { who = substr($0, RSTART, RLENGTH) }
			/ still waiting for / { waits[who] = $0 }
			/ acquired .* after [0-9.]+ ms/ {
				delete waits[who]
				match($0, / after [0-9.]+/)
				if (substr($0, RSTART + 7, RLENGTH - 7) + 0 > most) print substr($0, 1, 200)
			}
			END { for (who in waits) print substr(waits[who], 1, 200) }'
}
# noted_stalls [WHERE]: the titles of steps that by our own account stalled anybody longer than allowed.
noted_stalls() {
	sql "SELECT string_agg(title, ', ') FROM pgstride.steps WHERE stall_ms > $allowed + $(machine_took) AND ${1:-true}"
}
