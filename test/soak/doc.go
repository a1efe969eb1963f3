// Package soak sends valid, invalid and hostile traffic to the program for a
// while and checks that each message is counted once. It runs on Linux only.
package soak
