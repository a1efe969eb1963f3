package store

import (
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
)

const (
	// releaseAfter is how many records make it worth while to release memory.
	releaseAfter = maxPart
	// releasePause is the time from one release to the next. One takes some
	// 0.3 CPU-seconds for 700,000 series.
	releasePause = 30 * time.Second
)

// release gives back the memory that writes of many records have used: the garbage,
// which the runtime of Go would keep for minutes, and the pages of the file that
// are mapped, which the kernel still has if they are needed again. With 700,000
// series these are 550 bytes a series. Run calls it when everything is written. It
// does not wait.
func (s *Store) release() {
	if s.unreleased < releaseAfter || time.Now().Before(s.releaseAt) {
		return
	}
	select {
	case s.releasing <- struct{}{}:
	default:
		return // The last release has not ended.
	}
	s.unreleased, s.releaseAt = 0, time.Now().Add(releasePause)
	if db, ok := s.db.(*bbolt.DB); ok {
		releaseMapped(db.Info().Data)
	}
	go func() {
		debug.FreeOSMemory()
		<-s.releasing
	}()
}
