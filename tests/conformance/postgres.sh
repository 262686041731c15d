#!/bin/bash
# once: the extension has tests of its own
# postgres.sh: the conformance suite on postgres.
engine=postgres
. "$(dirname "$0")/conform.sh"
