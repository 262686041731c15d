#!/bin/bash
# checker.sh: random rounds of a migration's life against writers who know their rows.
#
# CHECKER_ROUNDS and CHECKER_SECONDS bound it (default: 8 rounds, 90 s); CHECKER_SEED
# plays one round again, as the line of a failed one prints it.
. "$(dirname "$0")/../lib.sh"
export PGSTRIDE=${PGSTRIDE:-$root/build/pgstride-faults}
export PGOPTIONS='-c client_min_messages=warning'

start_postgres 'shared_buffers = 128MB'
cd "$tmp" || exit 1
"$root/build/tests/checker" --rounds "${CHECKER_ROUNDS:-8}" --seconds "${CHECKER_SECONDS:-90}"
failures=$?
finish
