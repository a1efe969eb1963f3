package main

// The incidents of pairs, interfaces, modules and clusters, and what runs out, in
// the order of the day.

// The units of the pair at the edge of Amsterdam share the host name of the
// primary one. At noon the primary unit loses a link; in the evening it takes over
// again. The pair in Amsterdam's data center loses the link between its units for
// two minutes, and replicates its configuration anew.
func (g *generator) pairs() {
	const edge, dc = "ams-edge-fw2", "ams-dc-fw2"
	g.message("00:14:10", edge, 1, 105002, "(Primary) Enabling failover.")
	g.message("00:14:12", edge, 1, 105042, "(Primary) Failover interface OK")
	g.message("00:14:20", edge, 1, 105003, "(Primary) Monitoring on interface outside waiting")
	g.message("00:14:35", edge, 1, 105004, "(Primary) Monitoring on interface outside normal")
	g.message("00:14:40", edge, 1, 104001, "(Primary) Switching to ACTIVE - No Active unit found.")
	g.message("00:15:02", edge, 1, 104002, "(Secondary) Switching to STANDBY - Other unit is Active.")
	g.message("11:58:03", edge, 1, 105007, "(Primary) Link status Down on interface outside")
	g.message("11:58:05", edge, 1, 105005, "(Primary) Lost Failover communications with mate on interface outside")
	g.message("11:58:12", edge, 1, 104001, "(Secondary) Switching to ACTIVE - Other unit wants me Active. Primary unit switch reason: Interface check.")
	g.message("11:58:13", edge, 1, 104003, "(Primary) Switching to FAILED.")
	g.message("11:58:14", edge, 3, 210005, "LU allocate secondary(optional) connection failed for TCP connection from outside:198.51.100.40/51000 to inside:10.1.4.7/443")
	g.message("12:31:40", edge, 1, 105006, "(Primary) Link status Up on interface outside")
	g.message("12:31:55", edge, 1, 105004, "(Primary) Monitoring on interface outside normal")
	g.message("12:32:02", edge, 1, 104004, "(Primary) Switching to OK.")
	g.message("20:00:05", edge, 1, 104001, "(Primary) Switching to ACTIVE - Set by the config command.")
	g.message("20:00:06", edge, 1, 104002, "(Secondary) Switching to STANDBY - Set by the config command.")

	g.message("06:10:00", dc, 1, 105043, "(Primary) Failover interface failed")
	g.message("06:10:15", dc, 1, 103001, "(Secondary) No response from other firewall (reason code = 1).")
	g.message("06:12:04", dc, 1, 105042, "(Primary) Failover interface OK")
	g.message("06:12:20", dc, 1, 709003, "(Primary) Beginning configuration replication: Send to mate.")
	g.message("06:12:44", dc, 1, 709004, "(Primary) End Configuration Replication (ACT)")
}

// A line in Warsaw goes down and up; a port in Paris is shut down for work and
// hangs once. In Sao Paulo a branch has lost its second line since the afternoon.
func (g *generator) interfaces() {
	for _, clock := range []string{"05:11:07", "05:26:31"} {
		g.message(clock, "waw-branch-fw1", 4, 411002, "Line protocol on Interface GigabitEthernet0/0, changed state to down")
	}
	for _, clock := range []string{"05:12:58", "05:31:02"} {
		g.message(clock, "waw-branch-fw1", 4, 411001, "Line protocol on Interface GigabitEthernet0/0, changed state to up")
	}
	g.message("10:01:00", "par-branch-fw1", 4, 411003, "Configuration status on interface Ethernet1/4 changed state to down")
	g.message("10:44:00", "par-branch-fw1", 4, 411004, "Configuration status on interface Ethernet1/4 changed state to up")
	g.message("10:44:03", "par-branch-fw1", 4, 411001, "Line protocol on Interface Ethernet1/4, changed state to up")
	g.message("17:20:30", "par-branch-fw1", 4, 411005, "Interface Ethernet1/4 experienced a hardware transmit hang. The interface has been reset.")
	g.message("00:40:00", "gru-branch-fw1", 4, 411001, "Line protocol on Interface backup, changed state to up")
	g.message("15:37:45", "gru-branch-fw1", 4, 411002, "Line protocol on Interface backup, changed state to down")
}

// The application of a service module restarts.
func (g *generator) modules() {
	const core = "ams-core-sm1"
	g.message("16:20:10", core, 1, 323006, "Module ips experienced a data channel communication failure, data channel is DOWN.")
	g.message("16:20:12", core, 1, 505014, `Module ips, application down "IPS", version "7.2(2)E4" Not Responding`)
	g.message("16:23:40", core, 5, 505006, "Module ips is Up.")
	g.message("16:24:02", core, 1, 505015, `Module ips, application up "IPS", version "7.2(2)E4" Normal Operation`)
	g.message("16:24:03", core, 1, 505011, "Module ips data channel communication is UP.")
}

// A member of the cluster in Frankfurt loses Snort, leaves and comes back. Another
// one has failed too often and must be enabled by hand; it is, an hour later.
func (g *generator) members() {
	const fw1, fw2, fw3 = "fra-clu-fw1", "fra-clu-fw2", "fra-clu-fw3"
	g.message("14:00:00", fw1, 7, 747006, "Clustering: State machine is at state MASTER")
	g.message("14:02:11", fw3, 3, 748100, "snort application status is changed from up to down.")
	g.message("14:02:12", fw1, 3, 748103, "Asking slave unit unit-1-3 to quit due to snort Application health check failure, and slave's application state is down.")
	g.message("14:02:13", fw3, 6, 747004, "Clustering: state machine changed from state SLAVE to DISABLED.")
	g.message("14:07:40", fw3, 3, 748100, "snort application status is changed from down to up.")
	g.message("14:07:41", fw1, 3, 748101, "Peer unit unit-1-3 reported its snort application status is up.")
	g.message("14:07:52", fw3, 6, 747004, "Clustering: state machine changed from state SLAVE_BULK_SYNC to SLAVE.")
	g.message("15:10:01", fw1, 3, 747030, "Clustering: Asking slave unit unit-1-2 to quit because it failed interface health check 4 times (last failure on Port-channel1), Clustering must be manually enabled on the unit to re-join.")
	g.message("15:10:02", fw2, 6, 747004, "Clustering: state machine changed from state SLAVE to DISABLED.")
	g.message("15:10:05", fw1, 2, 748007, "Failed to de-bundle the ports for module 1 in chassis 2; traffic may be black holed")
	g.message("15:58:40", fw1, 4, 747008, "Clustering: New cluster member unit-1-2 with serial number FLM2006EN9A rejected due to name conflict with existing unit with serial number FLM2006EQFW.")
	g.message("16:04:13", fw2, 6, 747004, "Clustering: state machine changed from state SLAVE_BULK_SYNC to SLAVE.")
	g.message("16:05:30", fw1, 3, 747010, "Clustering: RPC call failed, message CLUSTER_GET_CONFIG, return code -1.")
	g.message("16:06:10", fw1, 4, 748201, "vDP application on module 1 in chassis 1 is up.")
}

// What runs out: the CPU and a pool in Singapore, the memory in Mumbai, whose
// device reloads, and the patience of a server in New York.
func (g *generator) limits() {
	const sgp, bom, nyc = "sgp-dc-fw1", "bom-dc-fw1", "nyc-edge-fw1"
	for i, clock := range []string{"08:10:00", "08:15:00", "08:20:00", "08:25:00"} {
		g.message(clock, sgp, 2, 321005, "System CPU utilization reached %d %%", 95+i)
		g.message(clock, sgp, 3, 202010, "NAT/PAT pool exhausted in pool 'outside-pool' IP 192.0.2.77. Unable to create connection.")
	}
	g.message("22:40:00", bom, 2, 321006, "System Memory usage reached 82%%")
	g.message("22:52:00", bom, 2, 199020, "System memory utilization has reached 84%%. System will reload if memory usage reaches the configured trigger level of 95%%.")
	g.message("22:55:00", bom, 3, 321007, "System is low on free memory blocks of size 1550 (12 CNT out of 6200 MAX)")
	g.message("22:55:09", bom, 3, 211001, "Memory allocation Error")
	g.message("23:04:10", bom, 1, 199021, "System memory utilization has reached the configured watchdog trigger level of 95%%. System will now reload.")
	g.message("23:08:30", bom, 6, 199005, "Startup begin")
	g.message("23:09:20", bom, 6, 199002, "Startup completed. Beginning operation.")
	g.message("13:20:00", nyc, 4, 733104, "TCP Intercept SYN flood attack detected to 192.0.2.80/443 (10.1.2.80/8443). Average rate of 312 SYNs/sec exceeded the threshold of 200.")
	g.message("13:20:01", nyc, 4, 733105, "TCP Intercept SYN flood attack detected to 192.0.2.80/443 (10.1.2.80/8443). Burst rate of 912 SYNs/sec exceeded the threshold of 400.")
	for i, clock := range []string{"09:30:00", "09:31:10", "09:32:20"} {
		g.message(clock, "lon-vpn-fw1", 6, 737026, "IPAA: Session=0x%08x, Client assigned 10.9.0.%d from local pool vpn-pool", 0x1000+i, 10+i)
	}
	g.message("11:45:00", "lon-vpn-fw1", 6, 737016, "IPAA: Session=0x00001000, Freeing local pool vpn-pool address 10.9.0.10")
}

// Certificates and licenses that expire, an upgrade, and a syslog server of a
// device that was down.
func (g *generator) expiries() {
	g.message("09:00:00", "lon-vpn-fw1", 1, 717054, "The ID certificate in the trustpoint vpn-2026 is due to expire in 21 days. Expiration 12:00:00 UTC Apr 7 2026 Subject Name cn=vpn.example.com Issuer Name cn=Example CA Serial Number 4A3F21")
	g.message("09:00:00", "mad-branch-fw1", 4, 444005, "Timebased activation key 0x00000001 0x00000002 will expire in 127 days.")
	g.message("12:00:00", "par-branch-fw1", 3, 444303, "%%SMART_LIC-3-COMM_FAILED: Communications failure with the Cisco Smart Software Manager")
	g.message("13:15:00", "par-branch-fw1", 5, 444305, "%%SMART_LIC-5-COMM_RESTORED: Communications with the Cisco Smart Software Manager restored")
	g.message("16:02:59", "sjc-lab-fw1", 6, 769007, "UPDATE: Image version is 9.18(2)")
	g.message("16:03:00", "sjc-lab-fw1", 4, 769009, "UPDATE: Image booted disk0:/asa9-18-2-smp-k8.bin is different from boot images.")
	const server = "TCP Syslog Server inside:192.0.2.40/1470 "
	g.message("04:50:00", "hkg-branch-fw1", 3, 414003, server+"not responding. New connections are permitted based on logging permit-hostdown policy.")
	g.message("05:02:00", "hkg-branch-fw1", 3, 414005, server+"connected, New connections are permitted based on logging permit-hostdown policy.")
}
