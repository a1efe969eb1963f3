// Package packages builds a release and installs its packages in temporary Debian
// systems with systemd.
package packages
