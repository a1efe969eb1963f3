#!/usr/bin/env bash
# Runs all tests: those of the product with the race detector, then those of
# test/, a module of its own because of what it depends on. Prints the closing
# line of each package and, if one fails, its whole output.
#
# With CI=true what the tests need is installed first, and a test that skips is
# a failure. Elsewhere the tests that skip are listed at the end, with what to
# install for them.
set -euo pipefail
cd "$(dirname "$0")/.."

[[ ${CI:-} != true ]] || scripts/setup-tests.sh

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# Prints each skipped test of the log of `go test -v`, with its reason.
skips() {
	awk '
		/^=== (RUN|NAME|CONT) / { test = $3; next }
		/^ +[a-z0-9_]+\.go:[0-9]+: / { sub(/^ +[^ ]+: /, ""); reason[test] = $0; next }
		/^ *--- SKIP: / { print $3 ": " reason[$3] }
	' "$dir/log"
}

run() {
	if ! "$@" 2>&1 | tee "$dir/log" | grep --line-buffered -E '^(ok|FAIL|\?)[[:space:]]'; then
		grep -vE '^ *(=== |--- (PASS|SKIP)|PASS$)|^(ok|\?)[[:space:]]' "$dir/log" || true
		exit 1
	fi
	skips >>"$dir/skipped"
}

run go test -race -v ./...
go -C test vet ./...
# Go does not know that they depend on the product.
run go -C test test -count=1 -timeout=20m -v ./...

[[ -s $dir/skipped ]] || exit 0
if [[ ${CI:-} = true ]]; then
	echo 'FAIL: in CI no test may skip:'
	cat "$dir/skipped"
	exit 1
fi
echo
echo "$(wc -l <"$dir/skipped") tests were skipped:"
sed 's/^/  /' "$dir/skipped"
scripts/setup-tests.sh
