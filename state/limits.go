package state

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
	"unicode/utf8"
)

// DefaultExpiry is how long a gauge that expires is shown after its last
// report, if nothing else is set.
const DefaultExpiry = 15 * time.Minute

// Limits bound what senders can make a table keep. Zero values stand for those of
// [DefaultLimits].
type Limits struct {
	// Devices is the number of devices.
	Devices int
	// SeriesPerMetric is the number of series of one metric of one device, at
	// most 65,535.
	SeriesPerMetric int
	// Series is the number of series of all devices.
	Series int
	// LabelBytes is what texts that senders choose take in all devices: for each
	// series the name of its device and its label values, one byte for each
	// label, and the remembered text of the last report. The memory of
	// such series is some three times as much, since each has its key and its labels
	// as text.
	LabelBytes int
	// LabelBytesPerDevice is the same for one device.
	LabelBytesPerDevice int
}

// DefaultLimits returns the limits that hold if nothing else is set. A series of
// an ordinary device takes 15 to 60 bytes, all series of one 2 to 5 KB. So the
// limit for all leaves room for 1,000,000 series with long names, and that for a
// device room for fifty times as much as usual.
func DefaultLimits() Limits {
	return Limits{Devices: 10_000, SeriesPerMetric: 200, Series: 1_000_000, LabelBytes: 100_000_000, LabelBytesPerDevice: 250_000}
}

func (l Limits) withDefaults() Limits {
	defaults := DefaultLimits()
	return Limits{
		Devices:             cmp.Or(l.Devices, defaults.Devices),
		SeriesPerMetric:     cmp.Or(l.SeriesPerMetric, defaults.SeriesPerMetric),
		Series:              cmp.Or(l.Series, defaults.Series),
		LabelBytes:          cmp.Or(l.LabelBytes, defaults.LabelBytes),
		LabelBytesPerDevice: cmp.Or(l.LabelBytesPerDevice, defaults.LabelBytesPerDevice),
	}
}

// Each calls f with the name and the value of each limit. The names are the keys
// of the configuration file.
func (l Limits) Each(f func(name string, value int)) {
	f("devices", l.Devices)
	f("series_per_metric", l.SeriesPerMetric)
	f("series", l.Series)
	f("label_bytes", l.LabelBytes)
	f("label_bytes_per_device", l.LabelBytesPerDevice)
}

// maxDeviceName bounds the name of a device, in bytes. It is the longest host name
// (RFC 1035 section 2.3.4). A longer one is refused, since cutting it off could
// make two devices one.
const maxDeviceName = 255

// Reasons why the table refuses a device or a series; see [Table.Rejected].
const (
	rejectDevices = iota
	rejectDeviceName
	rejectPerMetric
	rejectSeries
	rejectLabelBytes
	rejectDeviceLabelBytes
	rejectSenderShare
)

var rejectReasons = [...]string{"devices", "device_name", "series_per_metric", "series", "label_bytes", "device_label_bytes", "sender_share"}

// Rejected calls f with each reason for which the table refuses a device or a
// series, and how often it did.
func (t *Table) Rejected(f func(reason string, n uint64)) {
	for i, reason := range rejectReasons {
		f(reason, t.rejected[i].Load())
	}
}

// SetLimits changes the limits. Devices and series that exist stay.
func (t *Table) SetLimits(l Limits) {
	l = l.withDefaults()
	t.limits.Store(&l)
}

// Limits returns the limits in force.
func (t *Table) Limits() Limits { return *t.limits.Load() }

// cost returns what a series with a key of this length takes of the limits in
// bytes, without the text of its last report.
func (d *device) cost(key int) int { return len(d.name) + key }

// costOf returns all that a series takes of the limits in bytes.
func (d *device) costOf(s *series) int {
	n := d.cost(len(s.key))
	if s.report != nil {
		n += cap(s.report.text)
	}
	return n
}

// inventoryShare is the part of the series and of the label bytes that only
// devices of the inventory can take: a tenth.
const inventoryShare = 10

// room returns the limits of all devices that hold for this one.
func (t *Table) room(d *device, l *Limits) (series, labelBytes int) {
	series, labelBytes = l.Series, l.LabelBytes
	if !d.expected && t.nexpected.Load() > 0 {
		series -= series / inventoryShare
		labelBytes -= labelBytes / inventoryShare
	}
	return series, labelBytes
}

// reserve makes room for n more series of a metric with so many bytes in all, and
// returns who is charged for them. If the limits do not allow that, it counts a
// refusal and returns false. The caller holds d's lock.
func (t *Table) reserve(d *device, m *metric, n, labelBytes int) (maker uint16, ok bool) {
	limits := t.limits.Load()
	if m.index >= firstRuleMetric && int(d.perMetric[m.index])+n > limits.SeriesPerMetric {
		t.rejected[rejectPerMetric].Add(1)
		return nobody, false
	}
	maker, reason := t.charge(d, charge{series: n, bytes: labelBytes}, limits)
	if reason >= 0 {
		t.rejected[reason].Add(1)
		return nobody, false
	}
	d.perMetric[m.index] += uint16(n)
	return maker, true
}

// charge takes series and bytes from what is left, for a device and for the sender
// that wants them. It returns who is charged, and the reason if there is no room,
// or -1.
func (t *Table) charge(d *device, c charge, limits *Limits) (maker uint16, reason int) {
	if d.bytes+c.bytes > limits.LabelBytesPerDevice {
		return nobody, rejectDeviceLabelBytes
	}
	maxSeries, maxBytes := t.room(d, limits)
	series, labelBytes := int(t.nseries.Add(int64(c.series))), int(t.nbytes.Add(int64(c.bytes)))
	sender, ok := d.accountable()
	accountable := ok && !d.expected
	ok = true
	switch {
	case series > maxSeries:
		reason, ok = rejectSeries, false
	case labelBytes > maxBytes:
		reason, ok = rejectLabelBytes, false
	case accountable:
		reason = rejectSenderShare
		maker, ok = t.shares.take(sender, c, charge{series: maxSeries - series + c.series, bytes: maxBytes - labelBytes + c.bytes})
	}
	if !ok {
		t.nseries.Add(-int64(c.series))
		t.nbytes.Add(-int64(c.bytes))
		return nobody, reason
	}
	d.bytes += c.bytes
	return maker, -1
}

// reserveText makes room for so many more bytes of the text of the last report of
// a series, or returns false. The caller holds d's lock.
func (t *Table) reserveText(d *device, s *series, n int) bool {
	limits := t.limits.Load()
	_, maxBytes := t.room(d, limits)
	switch {
	case d.bytes+n > limits.LabelBytesPerDevice:
		return false
	case int(t.nbytes.Add(int64(n))) > maxBytes:
	case s.maker != nobody && !t.shares.takeMore(s.maker, charge{bytes: n}, charge{bytes: maxBytes - int(t.nbytes.Load()) + n}):
	default:
		d.bytes += n
		return true
	}
	t.nbytes.Add(-int64(n))
	return false
}

// release gives back what series of a device have taken. The caller holds d's
// lock.
func (t *Table) release(d *device, deleted ...*series) {
	n := 0
	for _, s := range deleted {
		n += d.costOf(s)
	}
	d.bytes -= n
	t.nbytes.Add(-int64(n))
	t.nseries.Add(-int64(len(deleted)))
	t.shares.giveBack(d, deleted)
}

// SetExpiry sets how long gauges are shown after their last report, by the name
// of their collector. Collectors that are not in the map return to
// [Options.CapacityExpiry]. It returns an error, and changes nothing, if a
// collector does not have a metric that expires; see [collectors.ExpiryNames].
func (t *Table) SetExpiry(expiry map[string]time.Duration) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(expiry)) {
		if !slices.ContainsFunc(t.metrics, func(m *metric) bool { return m.collector == name && m.Expires }) {
			errs = append(errs, fmt.Errorf("state: no metric of collector %q expires", name))
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	for _, m := range t.metrics {
		d, ok := expiry[m.collector]
		if !ok {
			d = t.opts.CapacityExpiry
		}
		m.expiry.Store(int64(cmp.Or(m.grace, d)))
	}
	return nil
}

// expired reports whether a gauge has not been reported for too long to be
// shown. If it was set by a clock that was ahead, its time begins now. The caller
// holds the lock of the device.
func (t *Table) expired(s *series, now int64) bool {
	if !s.is(expiring) {
		return false
	}
	s.set = min(s.set, now)
	return s.ends() < now
}

// ends returns when a series expires, or 0 if it does not.
func (s *series) ends() int64 {
	if !s.is(expiring) {
		return 0
	}
	return s.set + s.metric.expiry.Load()
}

// CheckLocks takes each lock of the devices, so it returns only if none of them
// is held forever.
func (t *Table) CheckLocks() {
	for _, d := range t.appendDevices(nil) {
		d.mu.Lock()
		_ = d.forgotten
		d.mu.Unlock()
	}
}

const (
	// MaxLabelValue bounds what a sender can store in one label value, in bytes.
	// Names of parts, modules and resources are shorter; a longer value is cut off.
	MaxLabelValue = 64
	// maxStoredValue is the same for the first versions, whose files have values up
	// to there.
	maxStoredValue = 128
	// maxReportText bounds the remembered text of a message, in bytes.
	maxReportText = 256
)

// isHarmless reports whether a text is valid UTF-8 without control characters.
func isHarmless(text []byte) bool {
	for _, r := range string(text) {
		if r < ' ' || 0x7f <= r && r < 0xa0 {
			return false
		}
	}
	return utf8.Valid(text)
}

// appendHarmless appends a text that a sender chose: at most limit bytes of
// valid UTF-8, with a question mark for each control character and each invalid
// byte. The text may be the memory that follows dst, since the result is never
// longer.
func appendHarmless(dst, text []byte, limit int) []byte {
	for {
		n := printable(text[:min(len(text), limit)])
		dst = append(dst, text[:n]...)
		text, limit = text[n:], limit-n
		if len(text) == 0 {
			return dst
		}
		r, n := utf8.DecodeRune(text)
		if n > limit {
			return dst
		}
		if r == utf8.RuneError && n == 1 || r < ' ' || 0x7f <= r && r < 0xa0 {
			dst = append(dst, '?')
			limit--
		} else {
			dst = append(dst, text[:n]...)
			limit -= n
		}
		text = text[n:]
	}
}

// printable returns how many bytes at the start of b are printable ASCII.
func printable(b []byte) (n int) {
	// Eight at a time, of which none may have the high bit, with or without 1 added,
	// nor be less than a space. It saves 4 percent of the instructions for a message
	// of the catalog.
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for ; n+8 <= len(b); n += 8 {
		x := binary.LittleEndian.Uint64(b[n:])
		if (x|(x+ones)|(x-' '*ones))&high != 0 {
			break
		}
	}
	for n < len(b) && ' ' <= b[n] && b[n] < 0x7f {
		n++
	}
	return n
}
