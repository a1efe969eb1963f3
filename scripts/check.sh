#!/usr/bin/env bash
# Vets the product and tests the packages that have changed since the branch left
# main, or on main since the last commit, and the packages that import them.
set -euo pipefail
cd "$(dirname "$0")/.."

base=$(git merge-base HEAD main 2>/dev/null || git merge-base HEAD origin/main 2>/dev/null || git rev-parse HEAD)
changed=$({
	git diff --name-only "$base"
	git ls-files --others --exclude-standard
} | sort -u)

go vet ./...
go -C blocks vet ./...

# The folders of changed files, and the folders above them, because packages read
# files in subfolders such as testdata.
folders=$(while read -r file; do
	while [[ $file = */* ]]; do
		file=${file%/*}
		echo "$file"
	done
done <<<"$changed" | sort -u)
module=$(go list -m)
packages=$(go list -f '{{.ImportPath}} {{join .Imports " "}} {{join .TestImports " "}} {{join .XTestImports " "}}' ./... |
	folders=$folders module=$module awk '
		BEGIN { n = split(ENVIRON["folders"], f, "\n"); for (i = 1; i <= n; i++) changed[ENVIRON["module"] "/" f[i]] = 1 }
		{ for (i = 1; i <= NF; i++) if ($i in changed) { print $1; next } }
	')
if grep -qE '^(blocks|exporter/samples)/' <<<"$changed"; then
	go -C blocks test ./...
fi
if [[ -z $packages ]]; then
	echo 'No package has changed.'
	exit
fi
# shellcheck disable=SC2086 # One argument per package.
go test $packages
