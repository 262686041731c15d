#!/bin/bash
# The conversation with MariaDB, and what protects it: against a real server, with its
# TLS on and off. With PGSTRIDE_TEST_MYSQL against that server (check-matrix).
# once: no PostgreSQL is met
. "$(dirname "$0")/../lib.sh"
driver=$root/build/tests/driver
start_mysql
mysql_say 'CREATE DATABASE shop'
shop="mysql://root@localhost/shop?socket=$server/s"

# --- the conversation ------------------------------------------------------------------

keep "$driver" "$shop" scenarios
printf '%s\n' "$out"
is "$(grep -c '^ok ' <<<"$out")" 11 'every scenario was played'
[ "$status" -eq 0 ] || not_ok 'the scenarios end well' "$err"

# --- where the server is ---------------------------------------------------------------

exits 1 'a server that is not there is no connection' "$driver" "mysql://root@localhost/shop?socket=$tmp/none" connect
like "$out" 'socket "/.*none".*error 2002' 'the socket and the error are named'
exits 1 'nor is a wrong password' "$driver" "mysql://nobody:not-this-one@localhost/shop?socket=$server/s" connect
like "$out" 'error 1045' 'the refusal is the server'"'"'s'
unlike "$out$err" 'not-this-one' 'the password is not told'
exits 1 'a database that is not there is named' "$driver" "mysql://root@localhost/nowhere?socket=$server/s" connect
like "$out" "nowhere.*error 1049" 'it is named'

# --- option files ----------------------------------------------------------------------

mysql_say "CREATE USER filed IDENTIFIED BY 'from a file'; GRANT ALL ON shop.* TO filed"
printf '[client]\npassword="from a file"\n' >"$tmp/my.cnf"
exits 0 'a password may come from an option file' "$driver" "mysql://filed@localhost/shop?socket=$server/s&option-file=$tmp/my.cnf" connect
exits 1 'and is missed without it' "$driver" "mysql://filed@localhost/shop?socket=$server/s&option-file=" connect

# --- TLS -------------------------------------------------------------------------------

# certificate NAME SUBJECT-ALTERNATIVE
certificate() {
	openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "$tmp/$1.key" -out "$tmp/$1.csr" 2>/dev/null
	openssl x509 -req -in "$tmp/$1.csr" -CA "$tmp/ca.pem" -CAkey "$tmp/ca.key" -CAcreateserial -days 2 \
		-extfile <(echo "subjectAltName=$2") -out "$tmp/$1.pem" 2>/dev/null
}
for name in ca stranger; do
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$name" -keyout "$tmp/$name.key" -out "$tmp/$name.pem" 2>/dev/null
done
certificate localhost DNS:localhost
cp "$tmp/localhost.pem" "$tmp/localhost.key" "$tmp/ca.pem" "$server"
chmod 644 "$server"/localhost.*

port=$(free_port)
mysql_say "CREATE USER far IDENTIFIED BY 'password of far'; GRANT ALL ON shop.* TO far"
restart_mysql --skip-networking=0 --bind-address=127.0.0.1 "--port=$port" \
	--ssl-ca="$server/ca.pem" --ssl-cert="$server/localhost.pem" --ssl-key="$server/localhost.key"
at() { echo "mysql://far:password of far@$1:$port/shop?option-file=$2"; }

# over HOST PARAMETERS WANT WHAT: what such a connection is.
over() {
	keep "$driver" "$(at "$1" "&$2")" connect
	like "$out" "$3" "$4"
}
over 127.0.0.1 tls=disable 'clear text' 'tls=disable is clear text'
over 127.0.0.1 tls=require encrypted 'tls=require is encrypted'
over localhost "tls=verify-full&tls-ca=$tmp/ca.pem" encrypted 'tls=verify-full knows the name in the certificate'
over 127.0.0.1 "tls=verify-full&tls-ca=$tmp/ca.pem" 'error: .*error 2026' 'and refuses another name'
over localhost "tls=verify-full&tls-ca=$tmp/stranger.pem" 'error: .*error 2026' 'and another authority'
over localhost "tls-ca=$tmp/stranger.pem" 'error: .*error 2026' 'who names an authority has it asked'
over 127.0.0.1 '' 'clear text' 'to this machine itself nothing is asked for'
over 0.0.0.0 '' encrypted 'a host that may be another is encrypted unasked'

# golang-migrate's own words for it, as its addresses have them.
certificate client DNS:client
mysql_say "CREATE USER certified IDENTIFIED BY 'password of far' REQUIRE X509; GRANT ALL ON shop.* TO certified"
# golang USER HOST PARAMETERS WANT WHAT
golang() {
	keep "$driver" "mysql://$1:password of far@tcp($2:$port)/shop?option-file=&multiStatements=true&$3" connect
	like "$out" "$4" "golang-migrate: $5"
}
custom=tls=custom mine="x-tls-cert=$tmp/client.pem&x-tls-key=$tmp/client.key"
golang far localhost "$custom&x-tls-ca=$tmp/ca.pem" encrypted 'x-tls-ca names the authority'
golang far localhost "$custom&x-tls-ca=${tmp//\//%2F}%2Fca.pem" encrypted 'however its path is spelled'
golang far 127.0.0.1 "$custom&x-tls-ca=$tmp/ca.pem" 'error: .*error 2026' 'the name in the certificate is asked about'
golang far localhost "$custom&x-tls-ca=$tmp/stranger.pem" 'error: .*error 2026' 'and so is who has signed it'
golang far 127.0.0.1 "$custom&x-tls-ca=$tmp/ca.pem&x-tls-insecure-skip-verify=true" encrypted 'unless x-tls-insecure-skip-verify says otherwise'
golang far 127.0.0.1 "$custom&x-tls-ca=$tmp/stranger.pem&x-tls-insecure-skip-verify=true" encrypted 'of whomever it is'
golang far 127.0.0.1 "$custom&x-tls-ca=$tmp/ca.pem&x-tls-insecure-skip-verify=false" 'error: .*error 2026' 'which false does not'
golang far localhost tls=true 'error: .*error 2026' 'tls=true asks who is known to the machine'
golang far 127.0.0.1 tls=skip-verify encrypted 'tls=skip-verify asks nobody'
golang certified localhost "$custom&x-tls-ca=$tmp/ca.pem&$mine" encrypted 'x-tls-cert and x-tls-key say who we are'
golang certified localhost "$custom&x-tls-ca=$tmp/ca.pem" 'error: .*error 1045' 'who is asked for that and says nothing is refused'
golang certified localhost "$custom&x-tls-ca=$tmp/ca.pem&x-tls-cert=$tmp/client.pem&x-tls-key=$tmp/stranger.key" 'error: ' 'and so is who has the key of another'
mkdir "$tmp/pair"
echo 'CREATE TABLE over_tls (n int);' >"$tmp/pair/1_over.up.sql"
exits 0 'golang-migrate: a folder of its own goes up so' pgstride up --yes --dir "$tmp/pair" \
	--database "mysql://certified:password of far@tcp(localhost:$port)/shop?$custom&x-tls-ca=$tmp/ca.pem&$mine"
unlike "$err" 'not known here|x-tls' 'golang-migrate: and nothing of it is called unknown'
is "$(mysql_say 'SELECT version FROM schema_migrations' shop)" 1 'golang-migrate: and its table says so'

exits 6 'who takes it for a PostgreSQL' pgstride status --dir "$tmp" --database "postgres://far@127.0.0.1:$port/shop"
like "$err" 'no PostgreSQL: for MySQL and MariaDB say mysql://' 'is told what it is'
exits 6 'also without TLS' pgstride status --dir "$tmp" --database "postgres://far@127.0.0.1:$port/shop?sslmode=disable"
like "$err" 'no PostgreSQL: for MySQL and MariaDB say mysql://' 'is told what it is'
exits 6 'a database that is not there, or that the account may not use' pgstride status --dir "$tmp" --database "mysql://far:password of far@127.0.0.1:$port/nowhere"
like "$err" 'no database of that name, or this account may not use it' 'is told as either'

# MySQL's library may be through with a server that it will not trust before it can be asked.
weak=ssl-verify-server-cert=0 or_refused=''
if ldd "$driver" | grep -q libmysqlclient; then weak=ssl-mode=REQUIRED or_refused='|.*error 2026'; fi

# Option files give what the address does not, and never less than it asks for.
far() { keep "$driver" "mysql://far:password of far@$1:$port/shop?$2" connect; }
mkdir "$tmp/home"
printf '[client]\nssl-ca=%s\n' "$tmp/ca.pem" >"$tmp/home/.my.cnf"
HOME=$tmp/home far localhost tls=verify-full
like "$out" encrypted 'beside a password in the address an option file names the authority'
printf '[client]\nssl-ca=%s\n' "$tmp/stranger.pem" >"$tmp/home/.my.cnf"
HOME=$tmp/home far localhost "tls-ca=$tmp/ca.pem"
like "$out" "error: (an option file names another authority$or_refused)" 'but no other than the address'
printf '[client]\n%s\n' "$weak" >"$tmp/home/.my.cnf"
HOME=$tmp/home far 127.0.0.1 "tls=verify-full&tls-ca=$tmp/ca.pem"
like "$out" "error: (an option file has the server.s certificate checked less$or_refused)" 'nor does it check less than asked'

restart_mysql --skip-networking=0 --bind-address=127.0.0.1 "--port=$port" "$(mysql_without_tls)"
over 0.0.0.0 '' '^error: ' 'where the server has no TLS, such a host is refused'
like "$out" 'tls=disable' 'and the words for it are said'
over 0.0.0.0 tls=disable 'clear text' 'with them it is clear text'
over 127.0.0.1 tls=require '^error: ' 'tls=require means it, near too'

finish
