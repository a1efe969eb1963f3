package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// createFile calls write to fill the file called name. The file appears, or
// replaces an older one, only when it is complete; after an error, no partial
// file remains.
func createFile(name string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	err = write(f)
	if err == nil {
		err = f.Chmod(0o644) // Temporary files are private; Prometheus must be able to read this one.
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
