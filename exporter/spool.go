package exporter

import (
	"bufio"
	"encoding/binary"
	"math"
	"os"
	"slices"
)

// A spool keeps samples in a file, because they come ordered by time and are
// wanted ordered by series. It gathers samples in memory, and when there are many it
// writes those of each series as one segment. Each segment tells where the one
// before it of the same series ends:
//
//	points, 16 bytes each; end of the segment before, 8 bytes; number of points, 8 bytes
type spool struct {
	file   *os.File
	size   int64
	limit  int         // Of points in memory.
	points int         // In memory.
	filled []*timeline // Those with points in memory.
	buf    []byte
}

const (
	pointSize   = 16
	trailerSize = 16
)

func (s *spool) add(t *timeline, p point) error {
	if len(t.points) == 0 {
		s.filled = append(s.filled, t)
	}
	t.points = append(t.points, p)
	if s.points++; s.points < s.limit {
		return nil
	}
	out := bufio.NewWriterSize(s.file, 256<<10)
	for _, t := range s.filled {
		s.buf = s.buf[:0]
		for _, p := range t.points {
			s.buf = binary.LittleEndian.AppendUint64(s.buf, uint64(p.at))
			s.buf = binary.LittleEndian.AppendUint64(s.buf, math.Float64bits(p.value))
		}
		s.buf = binary.LittleEndian.AppendUint64(s.buf, uint64(t.segments))
		s.buf = binary.LittleEndian.AppendUint64(s.buf, uint64(len(t.points)))
		s.size += int64(len(s.buf))
		t.segments, t.points = s.size, nil
		if _, err := out.Write(s.buf); err != nil {
			return err
		}
	}
	s.filled, s.points = s.filled[:0], 0
	return out.Flush()
}

// each calls f with the samples of a series, from the first on.
func (s *spool) each(t *timeline, f func(point) error) error {
	type segment struct{ start, size int64 }
	var segments []segment
	for end := t.segments; end > 0; {
		var trailer [trailerSize]byte
		if _, err := s.file.ReadAt(trailer[:], end-trailerSize); err != nil {
			return err
		}
		size := pointSize * int64(binary.LittleEndian.Uint64(trailer[8:]))
		segments = append(segments, segment{end - trailerSize - size, size})
		end = int64(binary.LittleEndian.Uint64(trailer[:]))
	}
	for _, seg := range slices.Backward(segments) {
		s.buf = slices.Grow(s.buf[:0], int(seg.size))[:seg.size]
		if _, err := s.file.ReadAt(s.buf, seg.start); err != nil {
			return err
		}
		for p := range slices.Chunk(s.buf, pointSize) {
			at, bits := binary.LittleEndian.Uint64(p), binary.LittleEndian.Uint64(p[8:])
			if err := f(point{int64(at), math.Float64frombits(bits)}); err != nil {
				return err
			}
		}
	}
	for _, p := range t.points {
		if err := f(p); err != nil {
			return err
		}
	}
	return nil
}
