package history

import (
	"bytes"
	"context"
	"time"
)

// A jump is lines in a row whose timestamps are more than MaxGap ahead of all
// lines before them, and agree with each other. They wait until it is clear what
// they are. If there are jumpLines of them, the devices were silent in between. If
// a line comes before that whose timestamp is near those before the jump, or none
// comes any more, the clock of a device was wrong.
//
// Lines without a timestamp, and those that come too late, decide nothing.
type jump []heldLine

// A heldLine is a line with its timestamp and the time of the line before.
type heldLine struct {
	at, before time.Time
	text       []byte
	from       position
}

// jumpLines is how many lines in a row are believed. A device with a wrong clock
// is unlikely to write more before another one, or the same one with its clock
// set, writes again.
const jumpLines = 20

// isJump reports whether a timestamp is too far ahead to be believed at once.
func (b *Backfill) isJump(at time.Time) bool {
	return b.opts.MaxGap > 0 && !b.latest.IsZero() && at.Sub(b.latest) > b.opts.MaxGap
}

// hold adds a line to the jump, or begins another one if it does not agree.
func (b *Backfill) hold(ctx context.Context, at time.Time, text []byte) error {
	if n := len(b.jump); n > 0 && at.Sub(b.jump[n-1].at).Abs() > b.opts.MaxGap {
		if err := b.endJump(ctx, false); err != nil {
			return err
		}
	}
	b.jump = append(b.jump, heldLine{at, b.before, bytes.Clone(text), b.at})
	if len(b.jump) < jumpLines {
		return nil
	}
	return b.endJump(ctx, true)
}

// endJump puts the lines of the jump in order: by their timestamps, if they are
// believed, and else by the time of the line before.
func (b *Backfill) endJump(ctx context.Context, believed bool) error {
	for _, l := range b.jump {
		at := l.before
		if believed {
			at, b.before = l.at, l.at
		} else {
			b.Summary.BadTime++
		}
		if err := b.push(ctx, at, l.text, l.from); err != nil {
			return err
		}
	}
	b.jump = b.jump[:0]
	return nil
}
