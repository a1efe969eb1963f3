// Package listener receives syslog on sockets and hands its frames, one after
// the other, to a [Feed]. It knows transports: UDP, TCP, TLS, the PROXY
// protocol, Unix sockets, sockets that systemd has opened. It does not know what
// a frame means: it imports neither the catalog nor the table of states, only
// package syslog, which cuts streams into frames.
package listener
