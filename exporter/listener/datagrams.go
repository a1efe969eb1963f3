package listener

import (
	"context"
	"errors"
	"sync"
)

// datagramReceivers are the receiver of a listener of datagrams: one for each
// socket, which is usually one.
type datagramReceivers []*datagramReceiver

// newDatagramReceivers returns the receiver for open sockets.
func (s *Set) newDatagramReceivers(o *socket) datagramReceivers {
	losses := newLossLog(s.logger(o.config.Address), len(o.packets))
	var all datagramReceivers
	for _, conn := range o.packets {
		all = append(all, s.newDatagramReceiver(o, conn, losses))
	}
	return all
}

// serve implements receiver.
//
// While the sockets were opened, one after the other, the number of those that
// the kernel could choose from grew, and a sender moved on to later ones. So each
// waits until those before it have read what they got in that time.
func (all datagramReceivers) serve(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	errs := make([]error, len(all))
	var wait sync.WaitGroup
	for i, r := range all {
		ended := make(chan struct{})
		wait.Go(func() {
			defer close(ended)
			if errs[i] = r.serve(ctx); errs[i] != nil {
				cancel()
			}
		})
		select {
		case <-r.caughtUp:
		case <-ended:
		}
	}
	wait.Wait()
	return errors.Join(errs...)
}

// configure implements receiver: there is nothing to configure.
func (all datagramReceivers) configure(Config, *keypair) {}

// stats implements receiver. What the kernel reports, the set adds.
func (all datagramReceivers) stats(s *Stats) { s.LastFrame = all[0].arrival.last() }

// probe implements receiver.
func (all datagramReceivers) probe() (passed func() bool) {
	var each []func() bool
	for _, r := range all {
		each = append(each, r.pulse.probe(), r.losses.free)
	}
	return allOf(each)
}
