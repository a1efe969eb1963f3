// Package packages builds a release and installs its packages in throw-away
// Debian systems, under a systemd of their own.
package packages
