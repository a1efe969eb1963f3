package catalog

// isAlarm reports whether a family has reports of faults that a device may never
// repeat. [Catalog.Match] reads their texts with more tolerance than others.
func isAlarm(family string) bool {
	switch family {
	case "environment", "hardware", "post", "chassis_clustering", "quota", "failover", "interfaces", "modules":
		return true
	}
	return false
}

// families lists all families. To add one, write its file and name it here.
func families() [][]Entry {
	return [][]Entry{
		addressAssignment(),
		certificates(),
		chassisClustering(),
		clustering(),
		coredump(),
		dap(),
		environment(),
		failover(),
		fxosFaults(),
		hardware(),
		hardwareFaults(),
		healthAlerts(),
		ikev2(),
		imageUpdate(),
		inspection(),
		instantMessaging(),
		interfaces(),
		licenses(),
		masterKey(),
		modules(),
		password(),
		platformResources(),
		post(),
		quota(),
		resources(),
		ssl(),
		statefulFailover(),
		svc(),
		syslogDelivery(),
		system(),
		systemFaults(),
		threatDetection(),
		trustsec(),
		tunnelManager(),
		userIdentity(),
		webvpn(),
	}
}
