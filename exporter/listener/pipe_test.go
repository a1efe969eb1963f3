package listener

import (
	"net"
	"net/netip"
)

// A pipeListener accepts pipes, which work in the time of a bubble.
type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
	fail  func() error // If it is not nil and returns an error, Accept fails.
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
}

func (l *pipeListener) socket(address string, pair *keypair) *socket {
	a, _ := ParseAddress(address)
	return &socket{config: Config{Address: address}, address: a, stream: l, bound: l.Addr(), keypair: pair}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	if l.fail != nil {
		if err := l.fail(); err != nil {
			return nil, err
		}
	}
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	close(l.done)
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// dial returns the other end of a connection that comes from an address.
func (l *pipeListener) dial(from netip.AddrPort) net.Conn {
	server, client := net.Pipe()
	l.conns <- &pipeConn{server, from}
	return client
}

type pipeConn struct {
	net.Conn
	from netip.AddrPort
}

func (c *pipeConn) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(c.from) }
