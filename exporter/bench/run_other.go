//go:build !linux

package bench

import (
	"context"
	"errors"
	"io"
)

var errLinuxOnly = errors.New("measuring needs Linux, whose /proc tells what a process costs and what its sockets have lost; only --write-lines works here")

// Run measures on Linux; here it returns an error that says so.
func Run(context.Context, Options) (*Report, error) { return nil, errLinuxOnly }

// Sink receives and counts on Linux; here it returns an error that says so.
func Sink(context.Context, string, string) error { return errLinuxOnly }

// SinkFile counts the lines of a file on Linux; here it returns an error that
// says so.
func SinkFile(string, io.Writer) error { return errLinuxOnly }
