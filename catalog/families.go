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
