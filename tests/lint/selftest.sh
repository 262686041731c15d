#!/bin/bash
# selftest.sh: every lint check can fail, at the right line, and does not cry wolf.
#
# A small clean tree is made; then one offence at a time is planted in a file of it.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(mktemp -d) && trap 'rm -rf "$root"' EXIT
failed=0

verdict() {
	echo "$1 lint: $2"
	[ "$1" = ok ] || { failed=1; echo "$said"; }
}

# finds CHECK PLACE WHAT: with stdin as the file PLACE names, CHECK complains there. A script
# that sources something is one to run.
finds() {
	local check=$1 file=${2%:*} what=$3
	mkdir -p "$root/$(dirname "$file")"
	[ ! -f "$root/$file" ] || cp "$root/$file" "$root/.kept"
	cat >"$root/$file"
	! grep -q '^[.] ' "$root/$file" || chmod +x "$root/$file"
	if said=$("$here/lint.sh" -C "$root" "$check") || ! grep -qF "$2: " <<<"$said"; then
		verdict 'not ok' "$what"
	else
		verdict ok "$what"
	fi
	rm "$root/$file"
	[ ! -f "$root/.kept" ] || mv "$root/.kept" "$root/$file"
}

lines() { for ((i = 0; i < $1; i++)); do echo "$2"; done; }

git -C "$root" init -q
cp "$here/../../.clang-format" "$root/"
mkdir -p "$root/client/core" "$root/client/base"
cat >"$root/client/base/one.h" <<-'C'
	/* One thing: says what it is for, and mentions printf( and malloc( only in words. */
	#ifndef PGSTRIDE_BASE_ONE_H
	#define PGSTRIDE_BASE_ONE_H

	int one_more(int number);

	#endif
C
cat >"$root/client/core/one.c" <<-'C'
	#include "base/one.h"

	int
	one_more(int number)
	{
	    return number + "goto printf( strcpy("[0]; /* free( */
	}
C
printf '#!/bin/sh\necho "$1"\n' >"$root/client/one.sh"
printf '#!/bin/bash\nknown=1 given=\nsay() { echo "$known$given$1"; }\n' >"$root/client/lib.sh"
printf '#!/bin/bash\n. "$(dirname "$0")/lib.sh"\ngiven=2\nsay "$known"\n' >"$root/client/two.sh"
chmod +x "$root/client/two.sh"
if said=$("$here/lint.sh" -C "$root"); then verdict ok 'a clean tree is clean'; else verdict 'not ok' 'a clean tree is clean'; fi

finds format client/core/a.c:1 'a line the formatter would change' <<<'int  a;'
finds rooms client/core/a.c:1 'core includes db' <<<'#include "db/driver.h"'
finds rooms client/db/a.c:2 'db includes core' <<<$'\n#include "core/plan/plan.h"'
finds rooms client/base/a.c:1 'base looks up' <<<'#include "model/step.h"'
finds rooms client/run/a.c:1 'run includes cli' <<<'#include "cli/print.h"'
finds rooms client/run/a.c:1 'an include without a room' <<<'#include "driver.h"'
finds rooms client/core/plan/plan.c:1 'parser nodes leave core/sql' <<<'#include "core/sql/pg/tree.h"'
finds rooms client/core/sql/a.c:1 'the parser leaves core/sql/pg' <<<'#include <protobuf/pg_query.pb-c.h>'
finds rooms client/run/a.c:1 'libpq outside its driver' <<<'#include <libpq-fe.h>'
finds rooms client/cli/a.c:1 'libyaml outside its reader' <<<'#include <yaml.h>'
finds rooms client/run/a.c:1 'run prints' <<<'int a(void) { return printf("x"); }'
finds rooms client/db/a.c:1 'db mentions stderr' <<<'void *a = stderr;'
finds calls client/cli/a.c:1 'strcpy' <<<'char *a(char *b) { return strcpy(b, "x"); }'
finds calls client/run/a.c:1 'atoi outside the fault points' <<<'int a(char *b) { return atoi(b); }'
finds calls client/run/a.c:1 'malloc without an owner' <<<'void *a(void) { return malloc(1); }'
finds calls tests/unit/a.c:1 'goto, in tests too' <<<'int a(void) { x: goto x; }'
finds calls client/run/a.c:2 'a name that says nothing' <<<$'int\ndo_step(void)'
finds calls client/run/utils.c:1 'a file of leftovers' <<<'int a;'
{ echo '/* x */'; lines 501 'int a;'; } | finds shape client/run/a.c:501 'a file of 502 lines'
{ printf 'int\nrun_it(void)\n{\n'; lines 71 '    a();'; echo '}'; } | finds shape client/run/a.c:75 'a function of 71 lines'
finds shape client/run/a.c:1 'a rule on two lines' <<<$'/* --- parts -------\n */'
finds shape client/run/a.c:3 'nesting of four' <<<$'int a(void)\n{\n                if (b)'
finds headers client/run/a.h:1 'a header without docstring' <<<$'#ifndef PGSTRIDE_RUN_A_H\n#define PGSTRIDE_RUN_A_H\n#endif'
finds headers client/run/a.h:1 'a header without guard' <<<'/* A. */'
finds headers client/run/a.h:1 'a guard used twice' <<<$'/* A. */\n#ifndef PGSTRIDE_BASE_ONE_H\n#define PGSTRIDE_BASE_ONE_H\n#endif'
finds text client/a.sql:1 'a query without a comment' <<<'SELECT 1;'
lines 501 '-- x' | finds text client/a.sql:501 'a query of 501 lines'
finds text a.md:2 'trailing white space' <<<$'\nx '
finds text client/run/a.c:1 'a carriage return' <<<$'int a;\r'
finds text client/run/a.c:1 'work still owed' <<<"/* TO""DO: all of it */"
finds text client/run/a.c:1 'a stub' <<<"/* not impl""emented */"
finds text tests/a.sh:1 'a place of one machine' <<<'ls /wor''k/main'
finds portable tests/a.awk:2 "a function of gawk's" <<<$'\n{ print strftim''e("%F") }'
finds portable tests/a.sh:1 'the same within a script' <<<"awk '{ print gensu""b(/a/, 1, 1) }'"
finds portable tests/a.awk:1 'a repetition in braces' <<<'/[0-9]{3}/'
finds portable tests/a.awk:1 "a class of gawk's" <<<'/\s/'
finds portable tests/a.awk:1 'a match into an array' <<<'match($0, /a/, part)'
finds portable tests/a.awk:1 'backslashes in a replacement' <<<"gsu""b(/x/, \"\\\\\\\\\", line)"
finds portable tests/a.sh:1 'a program that nobody installs' <<<'sum=$(xx''d -p <a)'
finds shell tests/a.sh:2 'a shell mistake' <<<$'#!/bin/sh\nls $1'
finds shell .ci/run:2 'a shell mistake without .sh' <<<$'#!/bin/sh\nls $1'
finds shell client/a.sh:3 'a variable that the library does not set' <<<$'#!/bin/bash\n. "$(dirname "$0")/lib.sh"\nsay "$unknown"'
finds shell client/lib.sh:2 'a shell mistake in a library' <<<$'#!/bin/bash\nls $1'
finds tree notes/a.md:1 'a stray room' <<<'x'
finds tree .toolrc:1 'a stray dotfile' <<<'x'
exit $failed
