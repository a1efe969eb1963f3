#!/usr/bin/env bash
# Unpacks rsyslog and syslog-ng into test/.relays, for the tests that relay the
# sample log. The two packages conflict with each other, and installing one would
# make it the syslog server of this machine. Needs Debian or Ubuntu, but not root.
set -euo pipefail
cd "$(dirname "$0")/.."

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
for package in rsyslog rsyslog-gnutls syslog-ng-core; do
	# The package and its dependencies that are not installed.
	apt-get install --simulate --no-install-recommends "$package" | sed -n 's/^Inst \([^ ]*\) .*/\1/p'
	echo "$package"
done | sort -u >"$dir/packages"
# As root, apt would download as a user without write permission here.
(cd "$dir" && xargs apt-get -o APT::Sandbox::User= download <packages)
rm -rf test/.relays
for deb in "$dir"/*.deb; do
	dpkg-deb --extract "$deb" test/.relays
done
