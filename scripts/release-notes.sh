#!/usr/bin/env bash
# Prints the section of a version in CHANGELOG.md.
set -euo pipefail
version=${1:?usage: release-notes.sh VERSION}
notes=$(awk -v version="$version" '/^## /{ found = ($2 == version); next } found' "$(dirname "$0")/../CHANGELOG.md")
if [[ -z $notes ]]; then
	echo "CHANGELOG.md does not have a section $version" >&2
	exit 1
fi
echo "$notes"
