// Package state is the one table of the present values of all devices.
//
// [New] compiles the rules of package collectors against the catalog and returns
// an empty [Table]. [Table.Update] applies an [Observation], which is a received
// message. Everything else reads the result, or saves it from a restart.
//
// The methods of Table serve five consumers, and each declares an interface of
// those that it needs:
//
//   - package ingest updates: Update; IsHardware, and Explain for diagnosis;
//   - package store keeps: Version, Urgent, TakeChanges, TakeUrgent, PutBack,
//     MarkAll, Priority, Restore, RestoreSeen;
//   - package web shows: Expose, Describe, Collect, Snapshots, Snapshot, Events,
//     Forget, ForgetPart, Stats, Rejected, Evicted, FedBy;
//   - package exporter sets: SetLimits, SetExpiry, Ensure, ReleaseExcept, Rename,
//     ForgetSilent, CheckLocks; and logs what NameConflicts returns;
//   - package history reads logs into it: Heard, Merge;
//   - commands and package history print: WriteText, Docs, and some of the
//     others.
//
// The package does not have sockets, files or a clock of its own: every message
// carries its time, and Options.Now is the time of readers. It imports catalog,
// collectors, client_golang and client_model.
package state

import (
	"cmp"
	"errors"
	"hash/maphash"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
)

// Options sets the limits of a [Table]. Zero values stand for the defaults.
type Options struct {
	// CapacityExpiry is how long a gauge that expires is shown after its last
	// report; [DefaultExpiry] by default. See [Table.SetExpiry].
	CapacityExpiry time.Duration
	// Limits are the initial limits, by default [DefaultLimits]. See
	// [Table.SetLimits].
	Limits Limits
	// Persist records changes for [Table.TakeChanges].
	Persist bool
	// Timestamps adds to each sample the time when its series was last set. It
	// is for dumps; Prometheus would consider such a series stale.
	Timestamps bool
	// MaxEvents is how many events are kept; 1,000 by default.
	MaxEvents int
	// Now returns the present time, for expiry; time.Now by default.
	Now func() time.Time
}

func (o *Options) setDefaults() {
	o.Limits = o.Limits.withDefaults()
	o.CapacityExpiry = cmp.Or(o.CapacityExpiry, DefaultExpiry)
	o.MaxEvents = cmp.Or(o.MaxEvents, 1_000)
	if o.Now == nil {
		o.Now = time.Now
	}
}

// An Observation is one received message, as far as the table needs it. It must not
// be copied after its first use; it may be used again for another message.
type Observation struct {
	// Device is the name of the device in valid UTF-8. The table copies it when
	// it is new, and keeps no reference.
	Device []byte
	// Ref is nil, or belongs to the caller and to the name in Device.
	Ref *DeviceRef
	// Subject is the name of the device that the message is about, if that is not
	// Device, else nil: the rules for the message apply to it, and nothing else
	// does. It is otherwise like Device.
	Subject []byte
	// Severity is the severity in the received tag, 0 to 7.
	Severity uint8
	// Count is the number of messages that this one counts as; 0 means 1.
	Count uint32
	// Message is the matched message, or nil for an unknown id or an unmatched
	// text. It is only read, during the call.
	Message *catalog.Message
	// Text is the text of Message as received. The table copies what it keeps.
	Text []byte
	// Time is the time of receipt.
	Time time.Time
	// Sender is the address that the message came from, or not valid. It counts
	// when the message creates a device or a series: one sender cannot take what
	// others need. A relay that sends for many devices should not be given.
	Sender netip.Addr
	// From is the address that the device sends from, or not valid if there is none
	// or if it is that of a relay. Own means that the address is known to be the
	// device's: all such addresses count as one. See [Address].
	From netip.Addr
	Own  bool
	// CountID is an id outside the catalog that is counted all the same, or 0.
	// Each is a series of each device, so the caller bounds their number.
	CountID catalog.ID
	// DeviceTime is the timestamp in the message if it has a time zone, else
	// zero.
	DeviceTime time.Time

	scratch *scratch // Kept from one use of the Observation to the next.
}

// A DeviceRef remembers the device for a name, which saves looking it up. Its
// zero value remembers none. It serves one Table and one name; for another name,
// make it zero. Two goroutines must not use it at the same time.
type DeviceRef struct{ device *device }

// Table is the table of the present values of all devices. All methods may be
// called from any goroutine; messages of one device must come from one
// goroutine at a time for their order to mean anything.
//
// A goroutine that holds one of its locks may take only those that follow in
// this order:
//
//  1. index.exposing: one Exposition is made at a time.
//  2. Table.mu: the map of devices. It is never held while waiting for anything
//     but a device that is being forgotten.
//  3. device.mu: everything that belongs to a device. No goroutine holds two.
//  4. pending.mu, events.mu, index.mu and shares.mu: one of them, briefly, and no
//     other lock under it.
//
// No lock is held while a reader writes or a store waits for the disk.
type Table struct {
	catalog  *catalog.Catalog
	opts     Options // CapacityExpiry and Limits are only the first ones.
	limits   atomic.Pointer[Limits]
	metrics  []*metric          // By index.
	byName   map[string]*metric // Former names too.
	boot     *metric            // Has the time of the last boot, or nil.
	programs [][]program        // By index in the catalog and template; nil without rules.
	ids      []string           // By index in the catalog.

	events eventRing
	index  textIndex
	seed   maphash.Seed

	mu      sync.RWMutex
	devices map[string]*device
	victims []*device // Those that may go for others; see Table.findVictims.
	// When there were none. It is not looked for them all the time.
	noVictims time.Time

	conflicts chan NameConflict

	pending pending
	shares  shares
	seen    []atomic.Bool // By index in the catalog, for ftd_message_info.
	// How many more bindings devices may have in all.
	bindingRoom atomic.Int64
	nseries     atomic.Int64
	nbytes      atomic.Int64 // See Limits.LabelBytes.
	nexpected   atomic.Int64 // Devices of the inventory.
	evicted     atomic.Uint64
	rejected    [len(rejectReasons)]atomic.Uint64
}

// New returns an empty Table for the rules of the collectors. It reports every
// rule that does not suit the catalog. It keeps c and the collectors' metrics,
// which must not be modified afterward.
func New(c *catalog.Catalog, families []collectors.Collector, opts Options) (*Table, error) {
	opts.setDefaults()
	least := min(opts.MaxEvents, int(min(opts.CapacityExpiry, 0)))
	if opts.Limits.Each(func(_ string, value int) { least = min(least, value) }); least < 0 {
		return nil, errors.New("state: limits must not be negative")
	}
	compiled, err := compile(c, families)
	if err != nil {
		return nil, err
	}
	t := &Table{
		catalog:  c,
		opts:     opts,
		metrics:  append(builtinMetrics(), compiled.metrics...),
		programs: compiled.programs,
		byName:   map[string]*metric{},
		devices:  map[string]*device{},
		pending:  pending{urgent: make(chan struct{}, 1)},
		seen:     make([]atomic.Bool, c.Len()),
		seed:     maphash.MakeSeed(),

		conflicts: make(chan NameConflict, maxConflicts),
	}
	for _, m := range t.metrics {
		t.byName[m.Name] = m
		if m.Boot {
			t.boot = m
		}
		for _, name := range m.Formerly {
			t.byName[name] = m
		}
		m.expiry.Store(int64(cmp.Or(m.grace, opts.CapacityExpiry)))
		m.layout = newLayout(m)
	}
	t.index.init(t.metrics, c.Len())
	t.shares.init()
	t.bindingRoom.Store(maxAllBindings)
	t.SetLimits(opts.Limits)
	t.events.entries = make([]ringEntry, opts.MaxEvents)
	for i := range c.Len() {
		t.ids = append(t.ids, c.At(i).ID.String())
	}
	return t, nil
}

// Stats is the size of a Table.
type Stats struct {
	Devices, Series int
	// LabelBytes is what [Limits.LabelBytes] bounds.
	LabelBytes int
}

// Stats returns the present size of the table.
func (t *Table) Stats() Stats {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return Stats{Devices: len(t.devices), Series: int(t.nseries.Load()), LabelBytes: int(t.nbytes.Load())}
}

func seconds(nanoseconds int64) float64 { return float64(nanoseconds) / 1e9 }
