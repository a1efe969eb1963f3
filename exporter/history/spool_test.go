package history

import (
	"errors"
	"io"
	"os"
	"slices"
	"testing"
)

func TestSampleFile(t *testing.T) {
	for _, limit := range []int{1, 7, 1000} {
		dir := t.TempDir()
		f, err := newSampleFile(dir, limit)
		if err != nil {
			t.Fatal(err)
		}
		lists := make([]sampleList, 5)
		want := make([][]sample, len(lists))
		for i := range 500 {
			n := i * i % len(lists)
			v := sample{int64(i), -float64(i) / 3}
			want[n] = append(want[n], v)
			if err := f.add(&lists[n], v); err != nil {
				t.Fatal(err)
			}
		}
		for n := range lists {
			var got []sample
			err := f.each(&lists[n], func(v sample) error {
				got = append(got, v)
				return nil
			})
			if err != nil || !slices.Equal(got, want[n]) {
				t.Errorf("limit %d, list %d: got %v, %v; want %v", limit, n, got, err, want[n])
			}
			if len(want[n]) == 0 {
				continue
			}
			if err := f.each(&lists[n], func(sample) error { return io.ErrShortWrite }); !errors.Is(err, io.ErrShortWrite) {
				t.Errorf("limit %d, list %d: got %v", limit, n, err)
			}
		}
		if err := f.close(); err != nil {
			t.Error(err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("left: %v, %v", left, err)
		}
	}
}
