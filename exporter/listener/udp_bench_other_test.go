//go:build !linux

package listener

func sendDatagrams() bool { return false }
