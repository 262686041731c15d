#!/bin/bash
# demo.sh [ENGINE]: the life of one migration, on a shop that stays open. ENGINE.sh is
# the story; without a name it is PostgreSQL's.
set -eu
cd "$(dirname "$0")/../.."
engine=${1:-postgres}
if ! [[ $engine =~ ^[a-z]+$ ]] || [[ $engine =~ ^(demo|lib|shop)$ ]] || [ ! -f "tests/demo/$engine.sh" ]; then
	engines=$(basename -s .sh tests/demo/*.sh | grep -vxE 'demo|lib|shop' | paste -sd ' ')
	echo "demo: there is none for ENGINE=$engine; there is one for each of: ${engines// /, }" >&2
	exit 2
fi
export LC_ALL=C.UTF-8
# shellcheck source=tests/demo/lib.sh
. tests/demo/lib.sh
# shellcheck source=/dev/null
. "tests/demo/$engine.sh"
