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

// readFile reads a configuration file. If the file hangs, what reads it is left
// behind until it does not.
func readFile(name string) ([]byte, error) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		data, err := readRegular(name)
		done <- result{data, err}
	}()
	limit := time.NewTimer(readLimit)
	defer limit.Stop()
	select {
	case r := <-done:
		return r.data, r.err
	case <-limit.C:
		return nil, fmt.Errorf("%s: reading it takes longer than %v; copy it to a local disk", name, readLimit)
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
