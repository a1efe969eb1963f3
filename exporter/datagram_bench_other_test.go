//go:build !linux

package exporter

func sendDatagrams() bool { return false }
