#!/usr/bin/env bash
# Writes repositories for apt (deb) and dnf (rpm) with the packages of a release,
# signed with the private OpenPGP key in REPOSITORY_KEY, and the public key. Needs
# apt-utils, createrepo-c and gnupg.
set -euo pipefail
cd "$(dirname "$0")/.."
from=$1 to=$2 site=https://ftd-exporter.github.io/ftd_exporter

[[ -n ${REPOSITORY_KEY:-} ]] || {
	echo 'repositories.sh: REPOSITORY_KEY must have a private OpenPGP key, as gpg --armor --export-secret-keys prints it' >&2
	exit 1
}
dir=$(mktemp -d)
trap 'gpgconf --homedir="$dir" --kill all; rm -rf "$dir"' EXIT
gpg=(gpg --homedir="$dir" --batch --quiet --yes)
"${gpg[@]}" --import <<<"$REPOSITORY_KEY"

rm -rf "$to/deb" "$to/rpm"
mkdir -p "$to/deb/pool" "$to/rpm"
cp "$from"/*.deb "$to/deb/pool"
cp "$from"/*.rpm "$to/rpm"
"${gpg[@]}" --export >"$to/ftd_exporter.gpg"
"${gpg[@]}" --armor --export >"$to/ftd_exporter.asc"

(
	cd "$to/deb"
	for deb in pool/*.deb; do
		dpkg-deb --field "$deb" Architecture
	done | sort -u >"$dir/architectures"
	while read -r arch; do
		mkdir -p "dists/stable/main/binary-$arch"
		apt-ftparchive --arch "$arch" packages pool >"dists/stable/main/binary-$arch/Packages"
		gzip -9nk "dists/stable/main/binary-$arch/Packages"
	done <"$dir/architectures"
	release=-oAPT::FTPArchive::Release
	apt-ftparchive "$release::Origin=ftd_exporter" "$release::Suite=stable" "$release::Codename=stable" "$release::Components=main" \
		"$release::Architectures=$(paste -sd' ' "$dir/architectures")" release dists/stable >"$dir/Release"
	mv "$dir/Release" dists/stable/Release
	"${gpg[@]}" --clear-sign --output=dists/stable/InRelease dists/stable/Release
	"${gpg[@]}" --armor --detach-sign --output=dists/stable/Release.gpg dists/stable/Release
)
cat >"$to/deb/ftd_exporter.sources" <<END
Types: deb
URIs: $site/deb
Suites: stable
Components: main
Signed-By: /etc/apt/keyrings/ftd_exporter.gpg
END

createrepo_c --quiet "$to/rpm"
"${gpg[@]}" --armor --detach-sign "$to/rpm/repodata/repomd.xml"
# The signed metadata has the checksums of the packages.
cat >"$to/rpm/ftd_exporter.repo" <<END
[ftd_exporter]
name=ftd_exporter
baseurl=$site/rpm
gpgkey=$site/ftd_exporter.asc
repo_gpgcheck=1
gpgcheck=0
END
