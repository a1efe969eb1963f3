package main

import (
	"fmt"
	"math"
	"time"

	"github.com/ftd-exporter/ftd_exporter/simulator"
)

// incidents adds the incidents of the day, each on devices of its own.
func (g *generator) incidents() {
	g.healthy()
	g.fans()
	g.powerSupplies()
	g.voltage()
	g.warmCPU()
	g.warmCPUFahrenheit()
	g.warmParts()
	g.thermalShutdown()
	g.blindMonitor()
	g.failedSelfTest()
	g.wrongCards()
	g.serviceModule()
	g.cluster()
	g.scan()
	g.quotas()
	g.repeats()
	g.strangers()
	g.pairs()
	g.interfaces()
	g.modules()
	g.members()
	g.limits()
	g.expiries()
	g.managementCenter()
	g.chassis()
}

// After a maintenance window at midnight some devices restart, and their
// environment monitors report each working part.
func (g *generator) healthy() {
	for i, name := range []string{"ams-edge-fw2", "ams-dc-fw2", "lon-edge-fw2", "jnb-branch-fw1", "dxb-branch-fw1", "hkg-branch-fw1"} {
		at := func(second int) string { return fmt.Sprintf("00:%02d:%02d", 12+3*i, second) }
		g.message(at(1), name, 6, 199005, "Startup begin")
		for fan := 1; fan <= 3; fan++ {
			g.message(at(40), name, 1, 735001, "Cooling Fan %d: OK", fan)
		}
		g.message(at(41), name, 1, 735003, "Power Supply 1: OK")
		g.message(at(41), name, 1, 735003, "Power Supply 2: OK")
		g.message(at(41), name, 1, 735005, "Power Supply Unit Redundancy OK")
		g.message(at(42), name, 1, 735020, "CPU 0: Temp: %d C, OK", 48+i)
		g.message(at(42), name, 1, 735021, "Chassis 1: Temp: %d C, OK", 27+i)
		g.message(at(42), name, 1, 735021, "Chassis Ambient 2: Temp: %d C OK", 25+i)
		g.message(at(55), name, 6, 199002, "Startup completed. Beginning operation.")
	}
}

// A fan in Amsterdam fails at night and is replaced in the evening; a fan in
// London stays failed.
func (g *generator) fans() {
	const ams, lon = "ams-edge-fw1", "lon-edge-fw1"
	g.message("02:14:07", ams, 1, 735002, "IPMI: Cooling Fan 2 : Failure Detected")
	g.message("02:15:11", ams, 1, 735001, "IPMI: Cooling Fan 2 : OK")
	g.message("02:15:52", ams, 1, 735002, "IPMI: Cooling Fan 2 : Failure Detected")
	g.message("08:15:52", ams, 1, 735002, "IPMI: Cooling Fan 2 : Failure Detected")
	g.message("14:15:52", ams, 1, 735002, "IPMI: Cooling Fan 2 : Failure Detected")
	g.message("18:41:30", ams, 1, 735001, "IPMI: Cooling Fan 2 : OK")

	g.message("09:48:19", lon, 1, 735002, "Cooling Fan 1: Failure Detected")
	g.message("15:48:19", lon, 1, 735002, "Cooling Fan 1: Failure Detected")
	g.message("21:48:19", lon, 1, 735002, "Cooling Fan 1: Failure Detected")
}

// Amsterdam loses a power feed for two hours. A supply in Chicago fails at the
// end of the day and stays failed. In Johannesburg only the fan of a supply
// fails.
func (g *generator) powerSupplies() {
	const ams, chi, jnb = "ams-dc-fw1", "chi-branch-fw1", "jnb-branch-fw1"
	g.message("04:40:02", ams, 1, 735004, "Power Supply 2: Failure Detected")
	g.message("04:40:03", ams, 1, 735006, "Power Supply Unit Redundancy Lost")
	g.message("06:41:45", ams, 1, 735003, "Power Supply 2: OK")
	g.message("06:41:46", ams, 1, 735005, "Power Supply Unit Redundancy OK")

	g.message("21:33:27", chi, 1, 735004, "IPMI: Power Supply 1 : Failure Detected")
	g.message("21:33:28", chi, 1, 735006, "IPMI: Power Supply Unit Redundancy Lost")
	g.message("22:33:27", chi, 1, 735004, "IPMI: Power Supply 1 : Failure Detected")
	g.message("23:33:27", chi, 1, 735004, "IPMI: Power Supply 1 : Failure Detected")

	g.message("12:09:58", jnb, 1, 735012, "Power Supply 1: Fan Failure Detected")
	g.message("12:31:40", jnb, 1, 735011, "Power Supply 1: Fan OK")
}

// A voltage leaves its range for a few minutes.
func (g *generator) voltage() {
	g.message("09:17:33", "par-branch-fw1", 1, 735014, "Voltage Channel 3: Voltage Critical")
	g.message("09:21:05", "par-branch-fw1", 1, 735013, "Voltage Channel 3: Voltage OK")
}

// The cooling of a room in Frankfurt fails for an afternoon.
func (g *generator) warmCPU() {
	const fra = "fra-dc-fw1"
	for i, celsius := range []int{77, 78, 80, 82, 83, 85, 88} {
		g.message(fmt.Sprintf("13:%02d:14", 4+8*i), fra, 4, 735015, "CPU 1: Temp: %d C, Warm", celsius)
	}
	for i, celsius := range []int{91, 93, 95, 96, 94, 92} {
		g.message(fmt.Sprintf("14:%02d:14", 4+8*i), fra, 1, 735007, "CPU 1: Temp: %d C, Critical", celsius)
	}
	for i, celsius := range []int{89, 86, 83, 80, 77} {
		g.message(fmt.Sprintf("15:%02d:14", 2+8*i), fra, 4, 735015, "CPU 1: Temp: %d C, Warm", celsius)
	}
	g.message("15:44:14", fra, 1, 735020, "CPU 1: Temp: 69 C, OK")
}

// The same in Dallas, where the device reports degrees Fahrenheit.
func (g *generator) warmCPUFahrenheit() {
	const dal = "dal-branch-fw1"
	g.message("19:10:40", dal, 4, 735015, "IPMI: CPU 0 : Temp: 172.4 F , Warm")
	g.message("19:22:40", dal, 4, 735015, "IPMI: CPU 0 : Temp: 181.4 F , Warm")
	g.message("19:34:40", dal, 1, 735007, "IPMI: CPU 0 : Temp: 199.4 F , Critical")
	g.message("19:46:40", dal, 4, 735015, "IPMI: CPU 0 : Temp: 178.7 F , Warm")
	g.message("20:02:40", dal, 1, 735020, "IPMI: CPU 0 : Temp: 149.0 F , OK")
}

// Other parts that become warm, then cool down.
func (g *generator) warmParts() {
	const bom, nyc, dxb = "bom-dc-fw1", "nyc-dc-fw1", "dxb-branch-fw1"
	g.message("07:40:09", bom, 4, 735026, "IO Hub 1: Temp: 74 C, Warm")
	g.message("07:58:09", bom, 4, 735026, "IO Hub 1: Temp: 76 C, Warm")
	g.message("08:35:09", bom, 1, 735024, "IO Hub 1: Temp: 58 C, OK")

	g.message("15:02:51", nyc, 4, 735019, "Power Supply 2: Temp: 61 C, Warm")
	g.message("15:20:51", nyc, 4, 735019, "Power Supply 2: Temp: 63 C, Warm")
	g.message("16:05:51", nyc, 1, 735017, "Power Supply 2: Temp: 44 C, OK")

	// In the heat of Dubai a chassis stays warm overnight.
	g.message("10:11:25", dxb, 4, 735016, "Chassis 1: Temp: 46 C, Warm")
	g.message("11:26:25", dxb, 1, 735008, "Chassis 1: Temp: 57 C, Critical")
	g.message("12:48:25", dxb, 4, 735016, "Chassis 1: Temp: 48 C, Warm")
}

// The vents of a firewall in Madrid are blocked. It switches itself off, and
// reports that after the boot; there is no ordinary traffic in between.
func (g *generator) thermalShutdown() {
	const mad = "mad-branch-fw1"
	g.message("11:20:31", mad, 4, 735016, "Chassis 1: Temp: 49 C, Warm")
	g.message("11:38:02", mad, 4, 735015, "CPU 0: Temp: 84 C, Warm")
	g.message("11:44:02", mad, 1, 735008, "Chassis 1: Temp: 61 C, Critical")
	g.message("11:48:02", mad, 1, 735007, "CPU 0: Temp: 98 C, Critical")
	g.message("11:52:11", mad, 1, 735022, "CPU 0 is running beyond the max thermal operating temperature and the device will be shutting down immediately to prevent permanent damage to the CPU.")
	g.message("13:31:04", mad, 6, 199005, "Startup begin")
	g.message("13:31:36", mad, 2, 735023, "ASA was previously shutdown due to the CPU complex running beyond the maximum thermal operating temperature. The chassis needs to be inspected immediately for ventilation issues.")
	g.message("13:31:40", mad, 1, 735020, "CPU 0: Temp: 52 C, OK")
	g.message("13:31:40", mad, 1, 735021, "Chassis 1: Temp: 33 C, OK")
	g.message("13:31:58", mad, 6, 199002, "Startup completed. Beginning operation.")
}

// An environment monitor cannot read its sensors: the states of this device are
// out of date.
func (g *generator) blindMonitor() {
	g.message("17:26:13", "syd-edge-fw1", 3, 735010, "IPMI: Environment Monitoring has failed to update one or more of its records.")
}

// The crypto engine of a lab device fails its self-test at boot.
func (g *generator) failedSelfTest() {
	const sjc = "sjc-lab-fw1"
	g.message("16:02:10", sjc, 6, 199005, "Startup begin")
	g.message("16:02:31", sjc, 2, 774002, "POST: error 'mismatch', func 'aes_known_answer', engine NPX, algorithm AES, mode CBC, dir encryption, key len 256")
	g.message("16:02:31", sjc, 2, 774001, "POST: unspecified error")
	g.message("16:02:58", sjc, 6, 199002, "Startup completed. Beginning operation.")
}

// A device returns from repair with one card in the wrong slot and another card
// missing. Another device once does not reach its chassis.
func (g *generator) wrongCards() {
	const gru = "gru-branch-fw1"
	g.message("18:20:02", gru, 6, 199005, "Startup begin")
	g.message("18:20:15", gru, 1, 743000, "The PCI device with vendor ID: 0x8086 device ID: 0x10c9 located at bus:device.function 3:0.1 has a link width of 4 when it should have a link width of 8.")
	g.message("18:20:16", gru, 1, 743004, "System is not fully operational - PCI device with vendor ID 0x177d (Cavium Networks), device ID 0x0010 (CN1620) not found")
	g.message("18:20:49", gru, 6, 199002, "Startup completed. Beginning operation.")

	g.message("03:27:44", "sgp-dc-fw2", 3, 743011, "EOBC RPC call failed, return code 5 timed out.")
}

// An old service module loses its links to the switch twice.
func (g *generator) serviceModule() {
	for _, hour := range []string{"10", "22"} {
		g.message(hour+":12:20", "ams-core-sm1", 1, 743001, "Backplane health monitoring detected link failure")
		g.message(hour+":13:05", "ams-core-sm1", 1, 743002, "Backplane health monitoring detected link OK")
	}
}

// A cluster of three units has more load than two of them could carry. Then one
// unit leaves for a while.
func (g *generator) cluster() {
	load := func(clock string, chassis int, resource string, percent, threshold int) {
		g.message(clock, fmt.Sprintf("fra-clu-fw%d", chassis), 6, 748008, "%s load %d%% of module 1 in chassis %d (unit-1-%d) exceeds overflow protection threshold %s %d%%. System may be oversubscribed on member failure.",
			resource, percent, chassis, chassis, resource, threshold)
	}
	for i, percent := range []int{82, 85, 87, 91, 88} {
		load(fmt.Sprintf("09:%02d:08", 10*i+2), 2, "CPU", percent, 80)
		load(fmt.Sprintf("09:%02d:41", 10*i+3), 1, "CPU", percent-1, 80)
	}
	load("09:26:08", 3, "CPU", 81, 80)
	load("09:28:15", 2, "memory", 86, 85)
	load("09:48:15", 2, "memory", 89, 85)
	g.message("09:49:00", "fra-clu-fw2", 6, 748009, "CPU load 88%% of chassis 2 exceeds overflow protection threshold CPU 80%%. System may be oversubscribed on chassis failure.")

	g.message("09:55:30", "fra-clu-fw2", 4, 748003, "Module 1 in chassis 2 is leaving the cluster due to a chassis health check failure")
	g.message("09:55:31", "fra-clu-fw2", 6, 747004, "Clustering: state machine changed from state SLAVE to DISABLED.")
	load("09:56:02", 1, "CPU", 97, 80)
	load("09:56:08", 3, "CPU", 96, 80)
	g.message("10:07:12", "fra-clu-fw2", 5, 748004, "Module 1 in chassis 2 is re-joining the cluster due to a chassis health check recovery")
	g.message("10:07:13", "fra-clu-fw2", 6, 747004, "Clustering: state machine changed from state DISABLED to ELECTION.")
	g.message("10:07:19", "fra-clu-fw2", 6, 747004, "Clustering: state machine changed from state ELECTION to ONCALL.")
	g.message("10:07:31", "fra-clu-fw2", 6, 747004, "Clustering: state machine changed from state ONCALL to SLAVE.")
}

// From 13:00 to 15:00 a host scans both edges of New York; the rates rise and
// fall, the devices' own totals only rise.
func (g *generator) scan() {
	objects := []struct {
		name           string
		rate           int
		burst, average int // Thresholds, per second.
		peak           float64
	}{
		{" Scanning", 1, 10, 5, 180},
		{" Scanning", 2, 8, 4, 120},
		{" Firewall", 1, 1600, 400, 5200},
		{" ACL drop", 1, 800, 400, 3900},
		{" SYN attck", 1, 200, 100, 950},
		{" 203.0.113.77", 1, 8, 4, 60},
	}
	const (
		every = 4 * time.Minute
		lasts = 2 * time.Hour
	)
	for i, name := range []string{"nyc-edge-fw1", "nyc-edge-fw2"} {
		d := g.byName[name]
		from := g.clock("13:00:00").Add(time.Duration(i) * 37 * time.Second)
		totals := make([]float64, len(objects))
		for since := time.Duration(0); since < lasts; since += every {
			strength := math.Sin(math.Pi * (since + every).Seconds() / (lasts + every).Seconds())
			for j, o := range objects {
				average := strength * o.peak * (0.9 + 0.1*g.rnd.Float64()) / float64(i+1)
				totals[j] += average * every.Seconds()
				if average < float64(o.average) {
					continue
				}
				g.add(from.Add(since+time.Duration(j)*time.Second), d, simulator.NewMessage(4, 733100,
					"[%s] drop rate-%d exceeded. Current burst rate is %.0f per second, max configured rate is %d; Current average rate is %.0f per second, max configured rate is %d; Cumulative total count is %.0f",
					o.name, o.rate, average*(1+g.rnd.Float64()), o.burst, average, o.average, totals[j],
				))
			}
		}
		g.message("13:09:20", name, 4, 733101, "Host 203.0.113.77 is attacking. Current burst rate is 14 per second, max configured rate is 10; Current average rate is 6 per second, max configured rate is 5; Cumulative total count is 3511")
		g.message("13:09:21", name, 4, 733101, "Subnet 192.0.2.0 is targeted. Current burst rate is 21 per second, max configured rate is 10; Current average rate is 9 per second, max configured rate is 5; Cumulative total count is 5270")
		g.message("13:09:22", name, 4, 733102, "Threat-detection adds host 203.0.113.77 to shun list")
		g.message("14:57:40", name, 4, 733103, "Threat-detection removes host 203.0.113.77 from shun list")
	}
}

// A script in London opens management sessions without closing them.
func (g *generator) quotas() {
	const lon = "lon-vpn-fw1"
	g.message("08:03:10", lon, 3, 768001, "QUOTA: management session utilization is high: requested 1, current 13, warning level 13")
	g.message("08:33:10", lon, 3, 768001, "QUOTA: management session utilization is high: requested 1, current 14, warning level 13")
	g.message("09:03:10", lon, 3, 768003, "QUOTA: management session quota exceeded for user robot-backup: current 5, user limit 5")
	g.message("09:33:10", lon, 3, 768003, "QUOTA: management session quota exceeded for user robot-backup: current 5, user limit 5")
	g.message("10:03:10", lon, 3, 768004, "QUOTA: management session quota exceeded for ssh protocol: current 5, protocol limit 5")
	g.message("10:33:10", lon, 3, 768002, "QUOTA: management session quota exceeded: requested 1, current 15, limit 15")
	for minute := range 5 {
		g.message(fmt.Sprintf("10:%02d:42", 40+3*minute), lon, 3, 768002, "QUOTA: management session quota exceeded: requested 1, current 15, limit 15")
	}
}

// Devices and relays combine repeated messages.
func (g *generator) repeats() {
	g.message("05:31:17", "gru-branch-fw1", 6, 106015, "message repeated 3 times: [ Deny TCP (no connection) from 198.51.100.23/443 to 192.0.2.117/40112 flags RST  on interface outside]")
	g.message("12:44:03", "lon-edge-fw1", 4, 733100, "[ Scanning] drop rate-1 exceeded. Current burst rate is 12 per second, max configured rate is 10; Current average rate is 8 per second, max configured rate is 5; Cumulative total count is 4907 (12 instances received)")
}

// Other lines that arrive at a syslog port: from other machines, or truncated.
func (g *generator) strangers() {
	for _, s := range []struct{ clock, text string }{
		{"03:00:01", "<78>Mar 17 03:00:01 ams-log1 CRON[20417]: (root) CMD (run-parts /etc/cron.hourly)"},
		{"08:15:22", "<189>2026-03-17T08:15:22Z ams-core-sw1 : %ETHPORT-5-IF_DOWN_LINK_FAILURE: Interface Ethernet1/12 is down (Link failure)"},
		{"11:02:44", "<38>Mar 17 11:02:44 lon-jump1 sshd[3120]: Accepted publickey for netops from 10.15.1.9 port 50122 ssh2"},
		{"14:07:31", "<166>2026-03-17T14:07:31Z nyc-edge-fw1 : %FTD-6-3020"},
		{"20:19:45", "<166>Mar 17 2026 20:19:45 lon-edge-fw2 : %AS"},
	} {
		g.lines = append(g.lines, line{g.clock(s.clock), s.text})
	}
}
