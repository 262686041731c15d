#!/bin/bash
# once: no PostgreSQL is met but in disguise
# cockroach.sh: the conformance suite on a stand-in for CockroachDB; see engines/cockroach.sh.
engine=cockroach
. "$(dirname "$0")/conform.sh"
