#!/usr/bin/env bash
# Makes the commit of a release, and tags it: dates the version in CHANGELOG.md, and
# sets it in the chart. The tag is signed with the key of Git's configuration; the
# tests set SIGN. Nothing is pushed.
set -euo pipefail
cd "$(dirname "$0")/.."
version=${1:?usage: release.sh VERSION}
chart=deploy/helm/ftd-exporter/Chart.yaml

fail() {
	echo "release.sh: $*" >&2
	exit 1
}
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9a-z.]+)?$ ]] || fail "$version is not a version such as 0.1.0"
[[ -z $(git status --porcelain) ]] || fail 'there are changes that are not committed'
[[ -z $(git tag --list "v$version") ]] || fail "the tag v$version exists"
[[ -n $(scripts/release-notes.sh Unreleased) ]] || fail 'CHANGELOG.md does not have anything under Unreleased'

sed -i.orig "s|^## Unreleased\$|## Unreleased\n\n## $version / $(date -u +%F)|" CHANGELOG.md
sed -i.orig -E "s|^version: .*|version: $version|; s|^appVersion: .*|appVersion: \"$version\"|" "$chart"
rm CHANGELOG.md.orig "$chart.orig"
git commit --quiet --message="Release $version" CHANGELOG.md "$chart"
git tag "${SIGN:---sign}" --message="Release $version" "v$version"
echo "Tagged v$version. To publish it: git push --atomic origin HEAD v$version"
