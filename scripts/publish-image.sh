#!/usr/bin/env bash
# Builds the container image of a release for all Linux platforms, pushes it and signs
# its digest with $COSIGN. Needs Docker with buildx, logged in at the registry.
set -euo pipefail
cd "$(dirname "$0")/.."
image=$1 version=$2 revision=$3 branch=$4 date=$5

tags=(--tag="$image:$version")
[[ $version = *-* ]] || tags+=(--tag="$image:latest") # A release candidate is not.
dir=$(mktemp -d)
trap 'docker buildx rm ftd_exporter >/dev/null || true; rm -rf "$dir"' EXIT
docker buildx create --name=ftd_exporter >/dev/null
docker buildx build --builder=ftd_exporter --platform=linux/amd64,linux/arm64,linux/arm/v7 --push --metadata-file="$dir/metadata.json" \
	--build-arg=VERSION="$version" --build-arg=REVISION="$revision" --build-arg=BRANCH="$branch" --build-arg=BUILD_DATE="$date" \
	--build-arg=CREATED="$(TZ=UTC git log -1 --format=%cd --date=format-local:%FT%TZ)" "${tags[@]}" .
digest=$(jq --exit-status --raw-output '."containerimage.digest"' "$dir/metadata.json")
"$COSIGN" sign --yes "$image@$digest"
echo "Published $image:$version, $digest"
