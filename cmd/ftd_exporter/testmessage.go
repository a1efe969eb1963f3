package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/simulator"
	"github.com/ftd-exporter/ftd_exporter/state"
)

type testMessageFlags struct {
	target string
	id     string
	device string
}

const testMessageHelp = `Send one test message to an exporter, and print the line and how it is read.

It comes from a device of its own, ftd-exporter-test, which then has metrics and alerts like any other. To end the failure of 735004, send 735003. To remove the device, forget it by POST /api/v1/forget, or by the command state forget.`

func testMessageCommand(app *kingpin.Application) (*kingpin.CmdClause, command) {
	var f testMessageFlags
	cmd := app.Command("test-message", testMessageHelp)
	cmd.Flag("target", "Address to send to: udp://HOST:PORT or tcp://HOST:PORT.").
		Default("udp://127.0.0.1:5514").StringVar(&f.target)
	cmd.Flag("id", "Message id. The catalog has the text.").
		Default("735004").StringVar(&f.id)
	cmd.Flag("device", "Name of the device in the header. With identity.strict, the exporter accepts it only from an address of that device.").
		Default("ftd-exporter-test").PlaceHolder("NAME").StringVar(&f.device)
	return cmd, f.run
}

func (f *testMessageFlags) run(ctx context.Context, s streams) error {
	target, err := simulator.ParseTarget(f.target)
	if err != nil {
		return fmt.Errorf("--target=%s: %w", f.target, err)
	}
	line, explanation, err := f.message(time.Now())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, target.Network, target.Address)
	if err != nil {
		return fmt.Errorf("--target=%s: %w", f.target, err)
	}
	defer conn.Close()
	message := line
	if target.Network == "tcp" {
		message += "\n"
	}
	if _, err := conn.Write([]byte(message)); err != nil {
		return fmt.Errorf("--target=%s: %w", f.target, err)
	}
	if target.Network == "udp" && refused(conn) {
		return fmt.Errorf("--target=%s: nothing receives on this port", f.target)
	}
	_, err = fmt.Fprintf(s.out, "Sent to %s:\n%s\n\nAn exporter without a configuration file reads it so:\n%s", f.target, line, explanation)
	return err
}

// refused reports whether a datagram is answered within a moment, which means that the
// port is closed.
func refused(conn net.Conn) bool {
	if conn.SetReadDeadline(time.Now().Add(200*time.Millisecond)) != nil {
		return false
	}
	_, err := conn.Read(make([]byte, 1))
	return err != nil && !errors.Is(err, os.ErrDeadlineExceeded)
}

// message returns a line with the message as a device would send it, and how it is
// read.
func (f *testMessageFlags) message(now time.Time) (line, explanation string, err error) {
	c, table, err := newTable(state.Options{})
	if err != nil {
		return "", "", err
	}
	p, err := ingest.New(c, table, ingest.Options{})
	if err != nil {
		return "", "", err
	}
	id, err := catalog.ParseID(f.id)
	i := c.Index(id)
	if err != nil || i < 0 {
		return "", "", fmt.Errorf("--id=%s: is not a message id in the catalog; ftd_exporter catalog lists all", f.id)
	}
	entry := c.At(i)
	for _, sample := range entry.Samples {
		tag := fmt.Sprintf("%%FTD-%d-%s: ", entry.Severity, entry.ID)
		switch {
		case id == catalog.HealthAlert:
			tag = "HMNOTIFY: "
		case strings.HasPrefix(sample, "[F"):
			tag = ""
		}
		line = fmt.Sprintf("<%d>%s %s : %s%s", 20*8+entry.Severity, now.UTC().Format(time.RFC3339), f.device, tag, sample)
		x := p.Explain([]byte(line), ingest.Source{Name: "test-message"})
		if x.Outcome == "matched" && x.Device == f.device && x.Subject == "" {
			return line, x.Text(), nil
		}
	}
	return "", "", fmt.Errorf("--device=%s: is not a host name that a header can have", f.device)
}
