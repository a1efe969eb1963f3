package catalog

// families lists all families. To add one, write its file and name it here.
func families() [][]Entry {
	return [][]Entry{
		addressing(),
		chassisCluster(),
		cluster(),
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
		platform(),
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
