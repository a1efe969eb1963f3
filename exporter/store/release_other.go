//go:build !linux

package store

func releaseMapped(uintptr) {}
