package listener

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/pires/go-proxyproto"
)

const (
	// proxyHeaderTime is how long a proxy may take to send its header.
	proxyHeaderTime = 5 * time.Second
	// maxProxyLine is the longest header of version 1, CR LF included (section
	// 2.1 of the PROXY protocol).
	maxProxyLine = 107
)

// readProxyHeader reads the header that a proxy sends before everything else,
// and returns the address of its client: the proxy's own for LOCAL and UNKNOWN,
// and if the header does not have an IP address. What follows the header remains
// to be read from c.
//
// The header is required: without it, all clients of the proxy would have the
// proxy's address, and the trust in it.
func (c *tcpConn) readProxyHeader(proxy netip.Addr) (netip.Addr, error) {
	c.setTimeout(proxyHeaderTime)
	r := bufio.NewReaderSize(c, 512)
	// The library wants the whole line of a version 1 header at once, but TCP
	// may bring it in pieces.
	var err error
	for n := 1; n <= maxProxyLine; n++ {
		var b []byte
		if b, err = r.Peek(n); err != nil || b[0] != 'P' || b[n-1] == '\n' {
			break
		}
	}
	var header *proxyproto.Header
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		header, err = proxyproto.Read(r)
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return proxy, fmt.Errorf("not received within %s", proxyHeaderTime)
	case errors.Is(err, proxyproto.ErrNoProxyProtocol) && !c.gotData:
		return proxy, io.EOF
	case errors.Is(err, proxyproto.ErrNoProxyProtocol):
		return proxy, errors.New("there is none; let the proxy send it, or remove its address from proxy_protocol")
	case err != nil:
		return proxy, err
	}
	unread, err := r.Peek(r.Buffered())
	if err != nil {
		return proxy, err
	}
	c.unread = bytes.Clone(unread)
	c.setTimeout(0)
	if header.Command == proxyproto.LOCAL {
		return proxy, nil
	}
	var ip net.IP
	switch a := header.SourceAddr.(type) {
	case *net.TCPAddr:
		ip = a.IP
	case *net.UDPAddr:
		ip = a.IP
	}
	if client, ok := netip.AddrFromSlice(ip); ok {
		return client.Unmap(), nil
	}
	return proxy, nil
}
