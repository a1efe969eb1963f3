package history

import (
	"bufio"
	"encoding/binary"
	"math"
	"os"
	"slices"
)

// A sampleFile keeps samples in a file, because they come ordered by time and are
// wanted ordered by series. It gathers samples in memory, and when there are many it
// writes those of each series as one segment. Each segment tells where the one
// before it of the same series ends:
//
//	points, 16 bytes each; end of the segment before, 8 bytes; number of points, 8 bytes
type sampleFile struct {
	file   *os.File
	size   int64
	points int       // In memory.
	filled []*series // Those with points in memory.
	buf    []byte
}

const (
	// maxPoints bounds the samples that wait in memory.
	maxPoints   = 1 << 20
	pointSize   = 16
	trailerSize = 16
)

func (f *sampleFile) add(x *series, p point) error {
	if len(x.points) == 0 {
		f.filled = append(f.filled, x)
	}
	x.points = append(x.points, p)
	if f.points++; f.points < maxPoints {
		return nil
	}
	out := bufio.NewWriterSize(f.file, 256<<10)
	for _, x := range f.filled {
		f.buf = f.buf[:0]
		for _, p := range x.points {
			f.buf = binary.LittleEndian.AppendUint64(f.buf, uint64(p.at))
			f.buf = binary.LittleEndian.AppendUint64(f.buf, math.Float64bits(p.value))
		}
		f.buf = binary.LittleEndian.AppendUint64(f.buf, uint64(x.segments))
		f.buf = binary.LittleEndian.AppendUint64(f.buf, uint64(len(x.points)))
		f.size += int64(len(f.buf))
		x.segments, x.points = f.size, nil
		if _, err := out.Write(f.buf); err != nil {
			return err
		}
	}
	f.filled, f.points = f.filled[:0], 0
	return out.Flush()
}

// each calls use with the samples of a series, from the first on.
func (f *sampleFile) each(x *series, use func(point) error) error {
	type segment struct{ start, size int64 }
	var segments []segment
	for end := x.segments; end > 0; {
		var trailer [trailerSize]byte
		if _, err := f.file.ReadAt(trailer[:], end-trailerSize); err != nil {
			return err
		}
		size := pointSize * int64(binary.LittleEndian.Uint64(trailer[8:]))
		segments = append(segments, segment{end - trailerSize - size, size})
		end = int64(binary.LittleEndian.Uint64(trailer[:]))
	}
	for _, seg := range slices.Backward(segments) {
		f.buf = slices.Grow(f.buf[:0], int(seg.size))[:seg.size]
		if _, err := f.file.ReadAt(f.buf, seg.start); err != nil {
			return err
		}
		for p := range slices.Chunk(f.buf, pointSize) {
			at, bits := binary.LittleEndian.Uint64(p), binary.LittleEndian.Uint64(p[8:])
			if err := use(point{int64(at), math.Float64frombits(bits)}); err != nil {
				return err
			}
		}
	}
	for _, p := range x.points {
		if err := use(p); err != nil {
			return err
		}
	}
	return nil
}
