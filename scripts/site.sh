#!/usr/bin/env bash
# Builds the documentation as a static site with Hugo. The pages have the paths of
# their sources, so that the links between them stay.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p "$1"
to=$(cd "$1" && pwd)

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cp -R docs/site/. "$dir"
git ls-files --cached --others --exclude-standard -- '*.md' 'docs/*.png' 'docs/*.svg' 'docs/*.json' ':!.github' ':!test' |
	while read -r file; do
		[[ -f $file ]] || continue # Removed, but not committed.
		target=static/$file
		[[ $file = *.md ]] && target=content/${file/%README.md/_index.md} # The page of a folder.
		mkdir -p "$dir/$(dirname "$target")"
		cp "$file" "$dir/$target"
	done
printf -- '---\ntitle: Runbooks\n---\n' >"$dir/content/docs/runbooks/_index.md"
go tool -modfile="$PWD/tools/docs/go.mod" hugo --source="$dir" --destination="$to" --cacheDir="$dir/cache" --noBuildLock --panicOnWarning >/dev/null
