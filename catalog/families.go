package catalog

// isAlarm reports whether a family has reports of faults that a device may never
// repeat. [Catalog.Match] reads their texts with more tolerance than others.
func isAlarm(family string) bool {
	switch family {
	case "environment", "hardware", "post", "chassis_clustering", "quota":
		return true
	}
	return false
}

// families lists all families. To add one, write its file and name it here.
func families() [][]Entry {
	return [][]Entry{
		addressAssignment(),
		chassisClustering(),
		clustering(),
		coredump(),
		dap(),
		environment(),
		hardware(),
		ikev2(),
		imageUpdate(),
		inspection(),
		instantMessaging(),
		masterKey(),
		password(),
		platformResources(),
		post(),
		quota(),
		ssl(),
		svc(),
		system(),
		threatDetection(),
		trustsec(),
		tunnelManager(),
		userIdentity(),
		webvpn(),
	}
}
