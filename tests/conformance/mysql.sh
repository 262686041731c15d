#!/bin/bash
# once: no PostgreSQL is met
# mysql.sh: the conformance suite on MariaDB, or what PGSTRIDE_TEST_MYSQL runs.
engine=mysql
. "$(dirname "$0")/conform.sh"
