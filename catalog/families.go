package catalog

// families lists all families. To add one, write its file and name it here.
func families() [][]Entry {
	return [][]Entry{
		addressAssignment(),
		chassisClustering(),
		clustering(),
		coredump(),
		dap(),
		environment(),
		failover(),
		fxosFaults(),
		hardware(),
		healthAlerts(),
		ikev2(),
		imageUpdate(),
		inspection(),
		instantMessaging(),
		interfaces(),
		masterKey(),
		modules(),
		password(),
		platformResources(),
		post(),
		quota(),
		ssl(),
		statefulFailover(),
		svc(),
		system(),
		threatDetection(),
		trustsec(),
		tunnelManager(),
		userIdentity(),
		webvpn(),
	}
}
