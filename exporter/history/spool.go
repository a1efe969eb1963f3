package history

import (
	"bufio"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"slices"
)

// A sample is a value at a time in milliseconds since 1970.
type sample struct {
	at    int64
	value float64
}

// A sampleFile keeps samples in a temporary file, because they come in order of
// time and are needed in order of series. It gathers samples in memory, and when
// there are many it writes the samples of each series as one segment. Each segment
// states where the segment before it of the same series ends:
//
//	samples, 16 bytes each; end of the segment before, 8 bytes; number of samples, 8 bytes
type sampleFile struct {
	file      *os.File
	size      int64
	limit     int           // Of samples in memory.
	unwritten int           // Samples in memory.
	filled    []*sampleList // Those with samples in memory.
	buf       []byte
}

// A sampleList is the samples of one series. It belongs to one sampleFile. The
// zero sampleList is empty.
type sampleList struct {
	unwritten []sample
	end       int64 // Where the last segment in the file ends, or 0.
}

const (
	sampleSize  = 16
	trailerSize = 16
)

// newSampleFile makes a temporary file in dir, or in the system's directory for
// such files if dir is empty. It keeps up to limit samples in memory.
func newSampleFile(dir string, limit int) (*sampleFile, error) {
	file, err := os.CreateTemp(dir, "ftd_exporter-backfill-*.tmp")
	if err != nil {
		return nil, err
	}
	return &sampleFile{file: file, limit: limit}, nil
}

// close removes the file.
func (s *sampleFile) close() error {
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}

// add adds a sample to a list.
func (s *sampleFile) add(l *sampleList, v sample) error {
	if len(l.unwritten) == 0 {
		s.filled = append(s.filled, l)
	}
	l.unwritten = append(l.unwritten, v)
	if s.unwritten++; s.unwritten < s.limit {
		return nil
	}
	return s.flush()
}

// flush writes all samples that are in memory to the file.
func (s *sampleFile) flush() error {
	out := bufio.NewWriterSize(s.file, 256<<10)
	for _, l := range s.filled {
		s.buf = s.buf[:0]
		for _, v := range l.unwritten {
			s.buf = binary.LittleEndian.AppendUint64(s.buf, uint64(v.at))
			s.buf = binary.LittleEndian.AppendUint64(s.buf, math.Float64bits(v.value))
		}
		s.buf = binary.LittleEndian.AppendUint64(s.buf, uint64(l.end))
		s.buf = binary.LittleEndian.AppendUint64(s.buf, uint64(len(l.unwritten)))
		s.size += int64(len(s.buf))
		l.end, l.unwritten = s.size, nil
		if _, err := out.Write(s.buf); err != nil {
			return err
		}
	}
	s.filled, s.unwritten = s.filled[:0], 0
	return out.Flush()
}

// each calls f with the samples of a list, from the first on, until f returns an
// error.
func (s *sampleFile) each(l *sampleList, f func(sample) error) error {
	type segment struct{ start, size int64 }
	var segments []segment
	for end := l.end; end > 0; {
		var trailer [trailerSize]byte
		if _, err := s.file.ReadAt(trailer[:], end-trailerSize); err != nil {
			return err
		}
		size := sampleSize * int64(binary.LittleEndian.Uint64(trailer[8:]))
		segments = append(segments, segment{end - trailerSize - size, size})
		end = int64(binary.LittleEndian.Uint64(trailer[:]))
	}
	for _, seg := range slices.Backward(segments) {
		s.buf = slices.Grow(s.buf[:0], int(seg.size))[:seg.size]
		if _, err := s.file.ReadAt(s.buf, seg.start); err != nil {
			return err
		}
		for b := range slices.Chunk(s.buf, sampleSize) {
			at, bits := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
			if err := f(sample{int64(at), math.Float64frombits(bits)}); err != nil {
				return err
			}
		}
	}
	for _, v := range l.unwritten {
		if err := f(v); err != nil {
			return err
		}
	}
	return nil
}
