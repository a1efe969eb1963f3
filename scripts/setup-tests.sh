#!/usr/bin/env bash
# Sets up the programs that the tests need besides Go: a C compiler for the race
# detector, Prometheus and promtool for dashboards and rules, Chromium for the
# status page, tools that check and install packages, curl, jq and hunspell for the
# documentation, rsyslog and syslog-ng as relays. With CI=true, missing
# programs are installed; otherwise this only prints the commands that install
# them, and the tests that need them skip.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=()
command -v "$(go env CC)" >/dev/null || packages+=(gcc libc6-dev)
command -v promtool >/dev/null || packages+=(prometheus)
command -v chromium >/dev/null || packages+=(chromium)
command -v groff >/dev/null || packages+=(groff-base)
command -v hunspell >/dev/null || packages+=(hunspell hunspell-en-us)
command -v ip >/dev/null || packages+=(iproute2)
for package in debootstrap fish mandoc rpm zsh; do
	command -v "$package" >/dev/null || packages+=("$package")
done
command -v apt-ftparchive >/dev/null || packages+=(apt-utils)
command -v createrepo_c >/dev/null || packages+=(createrepo-c)
command -v gpg >/dev/null || packages+=(gnupg)
command -v curl >/dev/null || packages+=(curl)
command -v jq >/dev/null || packages+=(jq)
relays=true
for server in rsyslogd syslog-ng; do
	[[ -x test/.relays/usr/sbin/$server || -x /usr/sbin/$server ]] || relays=false
done
[[ ${#packages[@]} -gt 0 || $relays = false ]] || exit 0

if [[ ${CI:-} != true ]]; then
	[[ ${#packages[@]} = 0 ]] || echo "To run the tests that need other programs, on Debian or Ubuntu: apt-get install --no-install-recommends ${packages[*]}"
	[[ $relays = true ]] || echo "To run the tests with rsyslog and syslog-ng, unpack these without installing them: scripts/unpack-relays.sh"
	exit 0
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly() {
	"$@" >"$log" 2>&1 || {
		cat "$log"
		exit 1
	}
}
quietly apt-get update
if [[ ${#packages[@]} -gt 0 ]]; then
	echo "Installing ${packages[*]}"
	quietly apt-get install -y --no-install-recommends "${packages[@]}"
fi
if [[ $relays = false ]]; then
	echo 'Unpacking rsyslog and syslog-ng'
	quietly scripts/unpack-relays.sh
fi
