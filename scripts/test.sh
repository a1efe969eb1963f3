#!/usr/bin/env bash
# Runs all tests: the product's tests with the race detector, in its two modules,
# then the tests of test/, which is a separate module because of its dependencies. Prints the result
# line of each package and, if a test fails, the whole output.
#
# With CI=true, missing programs are installed first, and a skipped test is a
# failure. Otherwise skipped tests are listed at the end, with the programs to
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
run go -C blocks test -race -v ./...
go -C test vet ./...
# No cached results: these tests run the product as a program. In CI their pictures of
# pages are kept.
pictures=()
if [[ ${CI:-} = true ]]; then
	mkdir -p screenshots
	pictures=(-artifacts -outputdir="$PWD/screenshots")
fi
run go -C test test -count=1 -timeout=20m -v "${pictures[@]}" ./...

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
