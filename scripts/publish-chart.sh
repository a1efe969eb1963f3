#!/usr/bin/env bash
# Pushes the Helm chart of a release, and signs its digest with $COSIGN. Needs Helm,
# logged in at the registry.
set -euo pipefail
cd "$(dirname "$0")/.."
charts=$1 version=$2

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
helm package deploy/helm/ftd-exporter --version="$version" --app-version="$version" --destination="$dir"
helm push "$dir/ftd-exporter-$version.tgz" "oci://$charts" 2>&1 | tee "$dir/log"
digest=$(sed -n 's/^Digest: //p' "$dir/log")
[[ $digest = sha256:* ]] || {
	echo 'publish-chart.sh: Helm did not print the digest of the chart' >&2
	exit 1
}
"$COSIGN" sign --yes "$charts/ftd-exporter@$digest"
