#!/bin/bash
# once: there is no server in it
# shells.sh: what is installed; completion as the shells themselves do it; the manual.
. "$(dirname "$0")/../lib.sh"
cd "$tmp" || exit 1
mkdir -p migrations other
touch migrations/20260101_a.sql migrations/20260102_b.up.sql other/7_c.sql

# needs PROGRAM WHAT: true when it is here; else WHAT is skipped, and counted so.
needs() { command -v "$1" >/dev/null || { skip "$2" "no $1 here, make deps installs it"; return 1; }; }

# A terminal's word breaks are set by readline: "=" stands apart from what is around it.
bash_completes() {
	(
		eval "$(pgstride completion bash)"
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_pgstride
		echo "${COMPREPLY[*]}"
	)
}

in_bash() {
	holds 'bash: the script is one' bash -n <(pgstride completion bash)
	is "$(bash_completes pgstride cont)" contract 'bash: a command'
	is "$(bash_completes pgstride migrate sql stat)" status 'bash: behind other words'
	is "$(bash_completes pgstride up --thr)" '--through --throttle-query --throttle-file' 'bash: flags of a command'
	is "$(bash_completes pgstride status --thr)" '' 'bash: and of no other'
	is "$(bash_completes pgstride up --through '')" 'expand backfill contract' 'bash: the values of a flag'
	is "$(bash_completes pgstride up --format = js)" 'json json-pretty' 'bash: behind "="'
	is "$(bash_completes pgstride contract '')" '20260101 20260102' 'bash: versions of the folder'
	is "$(bash_completes pgstride contract --dir other '')" 7 'bash: of the folder that is named'
	is "$(bash_completes pgstride up --dir ot)" other 'bash: folders'
	is "$(bash_completes pgstride completion '')" 'bash zsh fish' 'bash: shells'
	like "$(bash_completes pgstride help '')" 'exit-codes' 'bash: subjects of help'
}

# What the completion system would be told, from stubs that print it.
zsh_completes() {
	zsh -f -c '
		_describe() { shift $(($# - 1)); print -l -- ${(P)1%%:*}; }
		compadd() { shift; print -l -- "$@"; }
		_files() { print FILES; }
		_message() { print "MESSAGE $1"; }
		compset() { PREFIX=${PREFIX#*=}; }
		source =(print -r -- "$1"); shift
		words=("$@") CURRENT=$#; PREFIX=${words[-1]}
		_pgstride' zsh "$(pgstride completion zsh)" "$@" | grep -- "^${*: -1}" | tr '\n' ' '
}

in_zsh() {
	needs zsh 'zsh completes' || return
	holds 'zsh: the script is one' zsh -n <(pgstride completion zsh)
	is "$(zsh_completes pgstride cont)" 'contract ' 'zsh: a command'
	is "$(zsh_completes pgstride up --thr)" '--through --throttle-query --throttle-file ' 'zsh: flags of a command'
	is "$(zsh_completes pgstride status --thr)" '' 'zsh: and of no other'
	is "$(zsh_completes pgstride up --through '')" 'expand backfill contract ' 'zsh: the values of a flag'
	is "$(zsh_completes pgstride contract '')" '20260101 20260102 ' 'zsh: versions of the folder'
	is "$(zsh_completes pgstride contract --dir other '')" '7 ' 'zsh: of the folder that is named'
	is "$(zsh_completes pgstride up --dir '')" 'FILES ' 'zsh: files'
	is "$(zsh_completes pgstride up --role '')" 'MESSAGE ROLE ' 'zsh: what cannot be known is named'
	holds 'zsh: compinit takes it' zsh -f -c 'fpath=($PWD $fpath); print -r -- "$1" >_pgstride
		autoload -Uz compinit && compinit -D -u && [[ $_comps[pgstride] == _pgstride ]]' zsh "$(pgstride completion zsh)"
}

fish_completes() {
	pgstride completion fish >pgstride.fish
	HOME=$tmp fish --no-config -c 'source $argv[1]; complete -C $argv[2]' pgstride.fish "$1" | cut -f 1 | tr '\n' ' '
}

in_fish() {
	needs fish 'fish completes' || return
	holds 'fish: the script is one' fish --no-execute <(pgstride completion fish)
	is "$(fish_completes 'pgstride contr')" 'contract ' 'fish: a command'
	is "$(fish_completes 'pgstride up --thro')" '--throttle-file --throttle-query --through ' 'fish: flags of a command'
	is "$(fish_completes 'pgstride status --thro')" '' 'fish: and of no other'
	is "$(fish_completes 'pgstride up --through ')" 'backfill contract expand ' 'fish: the values of a flag'
	is "$(fish_completes 'pgstride contract ')" '20260101 20260102 ' 'fish: versions of the folder'
	is "$(fish_completes 'pgstride contract --dir other ')" '7 ' 'fish: of the folder that is named'
}

manual() {
	pgstride help man >pgstride.1
	if needs mandoc 'the manual has no fault'; then
		is "$(mandoc -Tlint pgstride.1)" '' 'the manual has no fault'
		like "$(mandoc -Tascii pgstride.1 | col -b)" '--max-stall TIME' 'and has every flag'
	fi
	for word in NAME SYNOPSIS COMMANDS 'EXIT STATUS' ENVIRONMENT FILES EXAMPLES; do
		holds "the manual has $word" grep -qx ".SH $word" pgstride.1
	done
}

installed() {
	local what
	keep make -s -C "$root" install DESTDIR="$tmp/dest" PREFIX=/usr
	is "$status" 0 'make install'
	is "$(cd dest && find . -type f | sort | tr '\n' ' ')" \
		'./usr/bin/pgstride ./usr/share/bash-completion/completions/pgstride ./usr/share/fish/vendor_completions.d/pgstride.fish ./usr/share/man/man1/pgstride.1 ./usr/share/zsh/site-functions/_pgstride ' \
		'installs the binary, the manual and completions'
	holds 'the installed binary runs' dest/usr/bin/pgstride version
	for what in bash-completion/completions/pgstride man/man1/pgstride.1; do
		holds "$what is not empty" test -s "dest/usr/share/$what"
	done
	make -s -C "$root" uninstall DESTDIR="$tmp/dest" PREFIX=/usr
	is "$(find dest -type f)" '' 'make uninstall takes all of it away'
}

# What the README lists is what there is.
documented() {
	local listed
	listed=$(pgstride help | sed '/^Subjects/,$d' | grep '^  ')
	is "$(grep -vxF -f "$root/README.md" <<<"$listed")" '' 'the README lists every command as help does'
	is "$(pgstride help exit-codes | grep '^  ' | grep -vxF -f "$root/README.md")" '' 'and every exit code'
	is "$(pgstride help config | sed -n '/^# deploy/,/orders/p' | grep -vxF -f "$root/README.md")" '' 'and the configuration of help'
}

in_bash
in_zsh
in_fish
manual
installed
documented
exits 2 'a shell that we do not know' pgstride completion tcsh
like "$err" 'Did you mean "bash"' 'which was meant'
finish
