#!/usr/bin/env bash
# Runs all tests: those of the product with the race detector, then those of
# e2e/, a module of its own because of what it depends on. With CI=true it
# prints only the closing line of each package, and a test that skips is a
# failure.
set -euo pipefail

if [[ ${CI:-} != true ]]; then
	go test -race ./...
	cd e2e
	go vet ./...
	exec go test -count=1 -timeout=20m ./... # Go does not know that they depend on the product.
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
run() {
	if ! "$@" >"$log" 2>&1; then
		grep -vE '^ *(=== |--- PASS|PASS$)' "$log"
		exit 1
	fi
	grep -E '^(ok|\?)[[:space:]]' "$log"
	if grep -qE '^ *--- SKIP' "$log"; then
		echo 'FAIL: in CI no test may skip:'
		grep -E -B 1 '^ *--- SKIP' "$log"
		exit 1
	fi
}
run go test -race -v ./...
cd e2e
go vet ./...
run go test -count=1 -timeout=20m -v ./...
