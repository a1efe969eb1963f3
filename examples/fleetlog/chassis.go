package main

import "github.com/ftd-exporter/ftd_exporter/simulator"

// What the management center in Amsterdam reports of six firewalls, and the chassis
// in Frankfurt and the firewall in Sydney of their hardware.

// The management center reports each module that it tests. A supply in Tokyo fails
// and is replaced; one in Sydney has failed since the afternoon. In the evening a
// firewall in Chicago does not answer for a while.
func (g *generator) managementCenter() {
	alert := func(clock, sensor, module, severity, text string) {
		d := g.byName[sensor]
		g.add(g.clock(clock), d, simulator.NewHealthAlert("ams-fmc1", d, module, severity, text))
	}
	sensors := []string{"nrt-edge-fw1", "syd-edge-fw1", "chi-branch-fw1", "nyc-edge-fw1", "dxb-branch-fw1", "hkg-branch-fw1"}
	for i, sensor := range sensors {
		clock := "00:30:0" + string(rune('0'+i))
		alert(clock, sensor, "Hardware Alarms", "normal", "Hardware is functioning correctly")
		alert(clock, sensor, "Power Supply", "normal", "Power supplies work")
		alert(clock, sensor, "Appliance Heartbeat", "normal", sensor+" is sending heartbeats")
		alert(clock, sensor, "Memory Usage", "normal", "Used 4628.16MB of 11367.89MB (Physical + Swap)")
	}
	alert("07:10:00", "nrt-edge-fw1", "Power Supply", "critical", "Power supply 1 requires attention")
	alert("07:15:00", "nrt-edge-fw1", "Power Supply", "critical", "Power supply 1 requires attention")
	alert("09:40:00", "nrt-edge-fw1", "Power Supply", "recovered", "Power supplies work")
	alert("15:20:00", "syd-edge-fw1", "Power Supply", "critical", "Power supply 2 requires attention")
	alert("18:05:00", "chi-branch-fw1", "Appliance Heartbeat", "critical", "chi-branch-fw1 is not sending heartbeats")
	alert("18:25:00", "chi-branch-fw1", "Appliance Heartbeat", "normal", "chi-branch-fw1 is sending heartbeats")
	alert("21:00:00", "nyc-edge-fw1", "Memory Usage", "warning", "Used 9628.16MB of 11367.89MB (Physical + Swap)")
	alert("21:30:00", "nyc-edge-fw1", "Memory Usage", "normal", "Used 6628.16MB of 11367.89MB (Physical + Swap)")
	alert("22:00:00", "hkg-branch-fw1", "Disk Usage", "error", "the health test did not run")
	alert("22:05:00", "hkg-branch-fw1", "Disk Usage", "normal", "/ using 41%")
}

// The firewall in Sydney passes the faults of its chassis on; the chassis in
// Frankfurt sends its own.
func (g *generator) chassis() {
	fault := func(clock string, code int, severity, cause, object, text string) {
		g.add(g.clock(clock), g.byName["syd-edge-fw1"], simulator.NewFault(g.clock(clock), code, severity, cause, object, text))
	}
	fault("15:18:10", 374, "major", "equipment-inoperable", "sys/chassis-1/psu-2", "Power supply 2 in chassis 1 operability: inoperable")
	fault("16:02:31", 371, "minor", "equipment-degraded", "sys/chassis-1/fan-module-1-2/fan-1", "Fan 1 in Fan Module 1-2 under chassis 1 operability: degraded")
	fault("16:09:02", 371, "cleared", "equipment-degraded", "sys/chassis-1/fan-module-1-2/fan-1", "Fan 1 in Fan Module 1-2 under chassis 1 operability: degraded")
	g.message("16:10:00", "syd-edge-fw1", 5, 199017, "Mar 17 16:09:59 sshd[1842]: Received signal 15; terminating.")
	for _, s := range []struct{ clock, text string }{
		{"04:11:20", "<187>Mar 17 04:11:20 fra-clu-ch1 FPRM: <<%FPRM-3-LINK_DOWN>> [F0276][major][link-down][sys/switch-A/slot-1/switch-ether/port-3] ether port 3 on fabric interconnect A oper state: link-down"},
		{"04:19:44", "<187>Mar 17 04:19:44 fra-clu-ch1 FPRM: <<%FPRM-3-LINK_DOWN>> [F0276][cleared][link-down][sys/switch-A/slot-1/switch-ether/port-3] ether port 3 on fabric interconnect A oper state: link-down"},
		{"23:20:05", "<188>Mar 17 23:20:05 fra-clu-ch1 FPRM: <<%FPRM-4-THERMAL_PROBLEM>> [F0410][minor][thermal-problem][sys/chassis-1] Thermal condition on chassis 1 cause: sensor warm"},
	} {
		g.lines = append(g.lines, line{g.clock(s.clock), s.text})
	}
}
