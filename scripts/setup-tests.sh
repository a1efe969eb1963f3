#!/usr/bin/env bash
# Sets up what the tests need besides Go: a C compiler for the race detector,
# Prometheus and promtool for dashboards and rules, Chromium for the status
# page, and what packages are checked with and installed in. With CI=true what
# is missing is installed; elsewhere this only says how, and the tests that need
# it skip.
set -euo pipefail

packages=()
command -v "$(go env CC)" >/dev/null || packages+=(gcc libc6-dev)
command -v promtool >/dev/null || packages+=(prometheus)
command -v chromium >/dev/null || packages+=(chromium)
command -v groff >/dev/null || packages+=(groff-base)
command -v ip >/dev/null || packages+=(iproute2)
for package in debootstrap fish mandoc rpm zsh; do
	command -v "$package" >/dev/null || packages+=("$package")
done
[[ ${#packages[@]} -gt 0 ]] || exit 0

if [[ ${CI:-} != true ]]; then
	echo "To run all tests, install on Debian or Ubuntu: apt-get install --no-install-recommends ${packages[*]}"
	exit 0
fi
echo "Installing ${packages[*]}"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{ apt-get update && apt-get install -y --no-install-recommends "${packages[@]}"; } >"$log" 2>&1 || {
	cat "$log"
	exit 1
}
