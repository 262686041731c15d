# portable.awk: what only one awk understands, and programs that `make deps` does not bring.
#
# Debian's own awk is mawk, many have gawk instead, and busybox has a third: what stands
# here means the same to all of them. Words are broken by [] so as not to find themselves.

BEGIN {
	before = "(^|[^A-Za-z0-9_.$])"
	behind = "([^A-Za-z0-9_]|$)"
	gawk = before "(gen[s]ub|a[s]orti?|pat[s]plit|str[t]onum|PROC[I]NFO|IGNORE[C]ASE|FP[A]T|FIELD[W]IDTHS|" \
		"BEGIN[F]ILE|END[F]ILE)" behind
	clock = before "(strf|sys|mk)time[(]" # SQLite has one of that name, too

	command = "(^|[|;&(!]|[$][(]|then|else|do|if|while|exec|timeout [0-9.]+)[ \t]*"
	foreign = command "(bc|curl|killall|lsof|nc|netstat|ps|python|ruby|ss|strace|wget|xxd)([ \t)]|$)"
	in_awk = 0
}

FNR == 1 { in_awk = FILENAME ~ /\.awk$/ }

/^[ \t]*#/ { next }

$0 ~ gawk || (in_awk && $0 ~ clock) { complain("only gawk knows this, Debian's awk is mawk") }

in_awk && /[])A-Za-z][{][0-9]+(,[0-9]*)?[}]/ {
	complain("older mawks take the braces of a repetition as they stand: write it out")
}
in_awk && /\\[yBsSwW<>]/ { complain("only gawk knows this class, write [ \\t] or [A-Za-z0-9_]") }
in_awk && /match\([^()]*,[^()]*,/ { complain("match() with an array is gawk's, take substr(…, RSTART, RLENGTH)") }

# What is left of \\\\ in a replacement, one backslash or two, every awk decides for itself.
/sub\(.*,[ ]*"[^"]*\\\\\\\\/ { complain("backslashes in a replacement differ between awks, take && of a matched one") }

!in_awk && $0 ~ foreign { complain("calls a program that make deps does not bring") }

function complain(what) {
	print FILENAME ":" FNR ": " what
}
