#!/usr/bin/env bash
# Prints the version of this tree: the content of the file VERSION, if it exists,
# else the last tag (0.1.0), followed by the number of commits since the tag
# (0.1.0+3.g1a2b3c4.dirty), which package managers treat as newer than the tag.
set -euo pipefail
cd "$(dirname "$0")/.."
if [[ -f VERSION ]]; then
	cat VERSION
	exit
fi
if ! described=$(git describe --tags --match 'v[0-9]*' --dirty 2>/dev/null); then
	described=v0.0.0-0-g$(git describe --always --dirty 2>/dev/null) || described=v0.0.0
fi
sed -E 's/^v//; s/-([0-9]+)-g([0-9a-f]+)(-dirty)?$/+\1.g\2\3/; s/\+(.*)-dirty$/+\1.dirty/; s/-dirty$/+dirty/' <<<"$described"
