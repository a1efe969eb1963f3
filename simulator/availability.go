package simulator

// The incidents of pairs, interfaces, modules and clusters, and of what runs out.
// Those of a part that a device may not have end with the part working.

// failover makes the primary unit of a pair lose an interface: the secondary unit
// takes over, and the primary one takes over again when it has recovered.
func (f *Fleet) failover(*Device) []Step {
	name := f.pick("inside", "outside", "dmz")
	return append(single(1, 105007, "(Primary) Link status Down on interface %s", name),
		newStep(f.seconds(1, 3), 1, 105005, "(Primary) Lost Failover communications with mate on interface %s", name),
		newStep(f.seconds(5, 10), 1, 104001, "(Secondary) Switching to ACTIVE - Other unit wants me Active. Primary unit switch reason: Interface check."),
		newStep(f.seconds(1, 2), 1, 104003, "(Primary) Switching to FAILED."),
		newStep(f.seconds(1, 2), 3, 210005, "LU allocate secondary(optional) connection failed for TCP connection from outside:%s/%d to inside:10.1.0.9/443", f.outside(), f.port()),
		newStep(f.minutes(4, 15), 1, 105006, "(Primary) Link status Up on interface %s", name),
		newStep(f.seconds(5, 15), 1, 105004, "(Primary) Monitoring on interface %s normal", name),
		newStep(f.seconds(5, 15), 1, 104004, "(Primary) Switching to OK."),
		newStep(f.minutes(2, 9), 1, 104001, "(Primary) Switching to ACTIVE - Set by the config command."),
		newStep(f.seconds(1, 2), 1, 104002, "(Secondary) Switching to STANDBY - Set by the config command."))
}

// failoverLink breaks the link between the units of a pair.
func (f *Fleet) failoverLink(*Device) []Step {
	return append(single(1, 105043, "(Primary) Failover interface failed"),
		newStep(f.seconds(10, 20), 1, 103001, "(Secondary) No response from other firewall (reason code = 1)."),
		newStep(f.minutes(1, 4), 1, 105042, "(Primary) Failover interface OK"),
		newStep(f.seconds(10, 20), 1, 709003, "(Primary) Beginning configuration replication: Send to mate."),
		newStep(f.seconds(10, 40), 1, 709004, "(Primary) End Configuration Replication (ACT)"))
}

// link takes an interface down, more than once.
func (f *Fleet) link(*Device) []Step {
	name := f.pick("GigabitEthernet0/0", "GigabitEthernet0/1", "Ethernet1/3", "outside")
	var steps []Step
	for range 2 + f.Rand.IntN(2) {
		steps = append(steps,
			newStep(f.seconds(20, 90), 4, 411002, "Line protocol on Interface %s, changed state to down", name),
			newStep(f.minutes(1, 6), 4, 411001, "Line protocol on Interface %s, changed state to up", name))
	}
	return steps
}

// module restarts the application of a service module.
func (f *Fleet) module(*Device) []Step {
	return append(single(1, 323006, "Module ips experienced a data channel communication failure, data channel is DOWN."),
		newStep(f.seconds(1, 3), 1, 505014, `Module ips, application down "IPS", version "7.2(2)E4" Not Responding`),
		newStep(f.minutes(2, 5), 5, 505006, "Module ips is Up."),
		newStep(f.seconds(5, 20), 1, 505015, `Module ips, application up "IPS", version "7.2(2)E4" Normal Operation`),
		newStep(f.seconds(1, 3), 1, 505011, "Module ips data channel communication is UP."))
}

// clusterMember stops Snort on a member, which leaves the cluster and joins it
// again.
func (f *Fleet) clusterMember(d *Device) []Step {
	member := "unit-1-" + d.Name[len(d.Name)-1:]
	return append(single(3, 748100, "snort application status is changed from up to down."),
		newStep(f.seconds(1, 3), 3, 748103, "Asking slave unit %s to quit due to snort Application health check failure, and slave's application state is down.", member),
		newStep(f.seconds(1, 3), 6, 747004, "Clustering: state machine changed from state SLAVE to DISABLED."),
		newStep(f.minutes(3, 6), 3, 748100, "snort application status is changed from down to up."),
		newStep(f.seconds(1, 3), 3, 748101, "Peer unit %s reported its snort application status is up.", member),
		newStep(f.seconds(10, 20), 6, 747004, "Clustering: state machine changed from state DISABLED to ELECTION."),
		newStep(f.seconds(10, 20), 6, 747004, "Clustering: state machine changed from state ELECTION to SLAVE_COLD."),
		newStep(f.seconds(10, 40), 6, 747004, "Clustering: state machine changed from state SLAVE_BULK_SYNC to SLAVE."))
}

// exhaustion uses up the CPU, and a pool of addresses with it.
func (f *Fleet) exhaustion(*Device) []Step {
	var steps []Step
	for range 3 + f.Rand.IntN(4) {
		steps = append(steps,
			newStep(f.minutes(2, 5), 2, 321005, "System CPU utilization reached %d %%", 95+f.Rand.IntN(5)),
			newStep(f.seconds(5, 50), 3, 202010, "NAT/PAT pool exhausted in pool 'outside-pool' IP %s. Unable to create connection.", f.outside()))
	}
	return steps
}

// memory uses up the memory, so that the device is about to reload.
func (f *Fleet) memory(*Device) []Step {
	used := 80 + f.Rand.IntN(5)
	steps := single(2, 321006, "System Memory usage reached %d%%", used)
	for i := range 3 {
		steps = append(steps, newStep(f.minutes(2, 5), 2, 199020, "System memory utilization has reached %d%%. System will reload if memory usage reaches the configured trigger level of 95%%.", used+2*i))
	}
	return append(steps,
		newStep(f.minutes(1, 2), 3, 321007, "System is low on free memory blocks of size 1550 (%d CNT out of 6200 MAX)", f.Rand.IntN(20)),
		newStep(f.seconds(5, 20), 3, 211001, "Memory allocation Error"))
}

// syslogServer makes a syslog server of the device unreachable for a while.
func (f *Fleet) syslogServer(*Device) []Step {
	const server = "TCP Syslog Server inside:192.0.2.40/1470 "
	return append(single(3, 414003, server+"not responding. New connections are permitted based on logging permit-hostdown policy."),
		newStep(f.minutes(1, 3), 3, 414003, server+"not responding. New connections are permitted based on logging permit-hostdown policy."),
		newStep(f.minutes(2, 5), 3, 414005, server+"connected, New connections are permitted based on logging permit-hostdown policy."))
}
