#!/usr/bin/env bash
# Runs all tests with the race detector. With CI=true it prints only the
# closing line of each package, and a test that skips is a failure.
set -euo pipefail

if [[ ${CI:-} != true ]]; then
	exec go test -race ./...
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! go test -race -v ./... >"$log" 2>&1; then
	grep -vE '^ *(=== |--- PASS|PASS$)' "$log"
	exit 1
fi
grep -E '^(ok|\?)[[:space:]]' "$log"
if grep -qE '^ *--- SKIP' "$log"; then
	echo 'FAIL: in CI no test may skip:'
	grep -E -B 1 '^ *--- SKIP' "$log"
	exit 1
fi
