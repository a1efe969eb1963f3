#!/usr/bin/env bash
# Runs all tests: those of the product with the race detector, then those of
# e2e/ and deploy/test/, modules of their own because of what they depend on.
# With CI=true it prints only the closing line of each package, and a test that
# skips is a failure.
set -euo pipefail

modules=(e2e deploy/test)

if [[ ${CI:-} != true ]]; then
	go test -race ./...
	for module in "${modules[@]}"; do
		go -C "$module" vet ./...
		go -C "$module" test -count=1 -timeout=20m ./... # Go does not know that they depend on the product.
	done
	exit
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
for module in "${modules[@]}"; do
	go -C "$module" vet ./...
	run go -C "$module" test -count=1 -timeout=20m -v ./...
done
