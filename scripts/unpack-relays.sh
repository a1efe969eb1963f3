#!/usr/bin/env bash
# Unpacks rsyslog and syslog-ng into test/.relays, for the tests that relay the
# sample log. The two packages refuse to be installed together, and each would
# become the syslog server of this machine; unpacked, they are only programs.
# Needs Debian or Ubuntu and no root.
set -euo pipefail
cd "$(dirname "$0")/.."

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
for package in rsyslog rsyslog-gnutls syslog-ng-core; do
	# It and what it depends on, as far as that is not installed.
	apt-get install --simulate --no-install-recommends "$package" | sed -n 's/^Inst \([^ ]*\) .*/\1/p'
	echo "$package"
done | sort -u >"$dir/packages"
# With root, apt would download as a user who cannot write here.
(cd "$dir" && xargs apt-get -o APT::Sandbox::User= download <packages)
rm -rf test/.relays
for deb in "$dir"/*.deb; do
	dpkg-deb --extract "$deb" test/.relays
done
