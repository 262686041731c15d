#!/bin/bash
# readme.sh [JSON...]: the README's table of benchmarks, out of what bench.sh wrote, in
# one run or in several of the same sizes on the same machine.
set -eu
[ $# -gt 0 ] || set -- "$(cd "$(dirname "$0")/../.." && pwd)/build/bench/bench.json"
jq -rs '
	.[0] + {benchmarks: map(.benchmarks) | add, load: map(.load) | max} |
	def shown: if . == null then "–" elif . >= 100 then (round | tostring) else (. * 100 | round / 100 | tostring) end;
	def unit($u): if $u == "" then "" else " " + $u end;
	"\(.at[:10]), \(.machine) (load average up to \(.load)), \(.server), \(if .extension then "with" else "without" end) the extension:",
	"tables of \(.rows) rows, median of \(.rounds) rounds.",
	([.settings | to_entries[] | "\(.key) \(.value)"] | join(", ")) + ".",
	"",
	"| benchmark | measured | goal | |",
	"|---|---|---|---|",
	(.benchmarks[] | . as $row
	 | "| **\(.title)** | | | \(.skipped // .broken // "") |",
	   (.figures[] | "| \(.what) | \(.value | shown)\(unit(.unit)) | "
	    + (if .bar == null then "" else (if .op == "<=" then "≤ " else "≥ " end) + (.bar | shown) + unit(.unit) end)
	    + " | \({reached: "✓", missed: "missed", beside: "", broken: "broken"}[.verdict]) |"))' "$@"
