#!/usr/bin/env bash
# Publishes dist/pages, the site and the repositories of packages, as the only commit
# of the branch gh-pages. GITHUB_TOKEN, if set, authorizes it.
set -euo pipefail
cd "$(dirname "$0")/.."
remote=$1

[[ -f dist/pages/index.html && -f dist/pages/deb/dists/stable/InRelease ]] || {
	echo 'publish-pages.sh: dist/pages needs the site and the repositories: make docs repositories' >&2
	exit 1
}
revision=$(git rev-parse HEAD)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
git init --quiet --bare "$dir"
git=(git --git-dir="$dir" --work-tree=dist/pages -c user.name=ftd_exporter -c user.email=ftd-exporter@users.noreply.github.com)
touch dist/pages/.nojekyll # The pages are ready as they are.
"${git[@]}" add --all --force
"${git[@]}" commit --quiet --message="Site and packages of $revision"
# shellcheck disable=SC2016 # Git runs the helper, which reads the variable.
helper='!f() { echo username=x-access-token; echo "password=$GITHUB_TOKEN"; }; f'
[[ -n ${GITHUB_TOKEN:-} ]] || helper=
"${git[@]}" -c credential.helper="$helper" push --quiet --force "$remote" HEAD:refs/heads/gh-pages
