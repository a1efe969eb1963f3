//go:build !linux

package main

import (
	"context"
	"errors"
	"io"
)

var errLinuxOnly = errors.New("measuring needs Linux, where /proc has the cost of a process and the losses of its sockets; only --write-lines works here")

// measure measures on Linux; here it returns an error.
func measure(context.Context, options) (*Report, error) { return nil, errLinuxOnly }

// serveSink receives and counts on Linux; here it returns an error.
func serveSink(context.Context, string, string) error { return errLinuxOnly }

// countFile counts the lines of a file on Linux; here it returns an error.
func countFile(string, io.Writer) error { return errLinuxOnly }
