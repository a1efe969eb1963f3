package config

import (
	"fmt"
	"io"
	"os"
	"time"
)

const (
	// maxFile is the longest configuration file, in bytes: an inventory of 10,000
	// devices with labels has two million.
	maxFile = 16 << 20
	// readLimit is how long reading the file may take. A disk that takes longer,
	// or a share whose server is gone, hangs.
	readLimit = 10 * time.Second
)

// readFile reads a configuration file.
func readFile(name string) ([]byte, error) {
	return limited(name+": reading it", func() ([]byte, error) { return readRegular(name) })
}

// limited returns what f returns, or an error if f hangs, and is left behind until it
// does not. What names it in that error.
func limited[T any](what string, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := f()
		done <- result{value, err}
	}()
	limit := time.NewTimer(readLimit)
	defer limit.Stop()
	select {
	case r := <-done:
		return r.value, r.err
	case <-limit.C:
		var none T
		return none, fmt.Errorf("%s takes longer than %v; copy it to a local disk", what, readLimit)
	}
}

// readRegular reads a file, or what a link leads to. It refuses pipes and devices,
// which may never end, and files that are longer than any configuration.
func readRegular(name string) ([]byte, error) {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		if info.IsDir() {
			return nil, fmt.Errorf("%s is a directory; name a file in it", name)
		}
		return nil, fmt.Errorf("%s is not a regular file; copy what it yields to one", name)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("%s is longer than %d MiB; is it the right file?", name, maxFile>>20)
	}
	return data, err
}
