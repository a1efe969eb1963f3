package store

import (
	"context"

	"go.etcd.io/bbolt"
)

// A Database is what a test puts between a Store and its file.
type Database = database

// SetDatabase replaces the open database of a Store that does not run, nil if
// there is none.
func SetDatabase(s *Store, replace func(Database) Database) { s.db = replace(s.db) }

// Commit writes all changes of a Store that does not run.
func Commit(s *Store) { s.commit(s.table.TakeChanges) }

// Close ends a Store that is open and does not run.
func Close(s *Store) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = s.Run(ctx)
}

// MaxPause and PauseFactor are the constants, for tests.
const (
	MaxPause    = maxPause
	PauseFactor = pauseFactor
)

var _ Database = (*bbolt.DB)(nil)
