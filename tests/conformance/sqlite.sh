#!/bin/bash
# once: the extension has tests of its own
# sqlite.sh: the conformance suite on sqlite.
engine=sqlite
. "$(dirname "$0")/conform.sh"
