#!/bin/bash
# caching_sha2_password, the way MySQL's accounts log in: cold, when the server has to see
# the password itself, and warm, when a hash will do. Over TCP without TLS, with TLS, and
# over the socket. Only MySQL has it (check-matrix).
# once: no PostgreSQL is met
. "$(dirname "$0")/../lib.sh"
driver=$root/build/tests/driver
start_mysql
if mysql_is MariaDB; then
	skip 'caching_sha2_password' 'only MySQL has such accounts'
	finish
fi
port=$(free_port)
network=(--skip-networking=0 --bind-address=127.0.0.1 "--port=$port")
restart_mysql "${network[@]}"
mysql_say "CREATE DATABASE shop; CREATE USER hashed IDENTIFIED WITH caching_sha2_password BY 'pass of hashed'; GRANT ALL ON shop.* TO hashed"
over() { keep "$driver" "mysql://hashed:pass of hashed@$1" connect; }
# login WHERE WANT WHAT: cold, behind a restart; warm; and cold again, when the server has forgotten.
login() {
	restart_mysql "${network[@]}"
	over "$1"
	like "$out" "$2" "$3, cold"
	over "$1"
	like "$out" "$2" "$3, warm"
	mysql_say 'FLUSH PRIVILEGES'
	over "$1"
	like "$out" "$2" "$3, once the server has forgotten"
	unlike "$out$err" 'pass of hashed' 'and the password is not told'
}
login "127.0.0.1:$port/shop?tls=disable" 'clear text' 'TCP without TLS'
login "127.0.0.1:$port/shop?tls=require" encrypted 'TLS'
login "localhost/shop?socket=$server/s" 'clear text' 'the socket'

keep "$driver" "mysql://hashed:not-this-one@127.0.0.1:$port/shop?tls=disable" connect
like "$out" 'error 1045' 'a wrong password is told as one'
like "$out" 'Check user and password' 'with what to look at'

# An account that only TLS may use.
mysql_say 'ALTER USER hashed REQUIRE SSL'
over "127.0.0.1:$port/shop?tls=disable"
like "$out" 'error 1045|error 3159' 'an account that wants TLS refuses clear text'
over "127.0.0.1:$port/shop?tls=require"
like "$out" encrypted 'and takes TLS'
finish
