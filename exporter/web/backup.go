package web

import (
	"math"
	"net/http"
	"time"
)

// forEver is the limit of what has none.
const forEver = time.Duration(math.MaxInt64)

// newBackupPlace returns the place of the backup that is being made. It may take
// as long as its client reads, and no other request gets its place.
func newBackupPlace(l limits) *places {
	l.write, l.patience, l.queue = forEver, forEver, 0
	return newPlaces(1, l)
}

// serveBackup streams a copy of the state file.
func (a *api) serveBackup(w http.ResponseWriter, r *http.Request) {
	if a.backup == nil {
		writeError(w, http.StatusNotFound, "there is no state file; start ftd_exporter with --storage.path to have one")
		return
	}
	out := a.backups.take(w, r)
	if out == nil {
		writeError(w, http.StatusServiceUnavailable, "another backup is being made; try again later")
		return
	}
	defer out.free()
	header := w.Header()
	header.Set("Content-Type", "application/octet-stream")
	header.Set("Content-Disposition", `attachment; filename="`+a.now().UTC().Format("ftd_exporter-20060102T150405Z.db")+`"`)
	header.Set("Cache-Control", "no-store")
	if r.Method == http.MethodHead {
		return
	}
	err := a.backup(out)
	switch {
	case err == nil:
		a.logger.Info("State backed up", "bytes", out.written, "client", r.RemoteAddr)
	case out.written == 0 && !out.failed:
		header.Del("Content-Disposition")
		a.logger.Error("Backing up the state failed", "client", r.RemoteAddr, "err", err)
		writeError(w, http.StatusServiceUnavailable, "%v", err)
	default:
		a.logger.Warn("A backup was aborted; what the client has is not complete", "bytes", out.written, "client", r.RemoteAddr, "err", err)
		panic(http.ErrAbortHandler) // What has been sent must not look complete.
	}
}
