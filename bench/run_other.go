//go:build !linux

package main

import (
	"context"
	"errors"
	"io"
)

var errLinuxOnly = errors.New("measuring needs Linux, because it reads costs and losses from /proc; on this system only --write-lines works")

// measure returns an error, because measuring needs Linux.
func measure(context.Context, options) (*Report, error) { return nil, errLinuxOnly }

// serveSink returns an error, because measuring needs Linux.
func serveSink(context.Context, string, string) error { return errLinuxOnly }

// countFile returns an error, because measuring needs Linux.
func countFile(string, io.Writer) error { return errLinuxOnly }
