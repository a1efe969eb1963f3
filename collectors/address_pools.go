package collectors

// addressPools collects the addresses that VPN clients get from local pools and
// give back: 737016 and 737026.
func addressPools() Collector {
	var (
		labels   = []Label{{Name: "pool"}}
		assigned = &Metric{
			Name: "ftd_address_pool_assignments_total", Type: Counter, Labels: labels,
			Help: "Addresses that VPN clients got from a local pool; the pool is empty if the device does not name it.",
		}
		released = &Metric{
			Name: "ftd_address_pool_releases_total", Type: Counter, Labels: labels,
			Help: "Addresses that VPN clients gave back to a local pool; the pool is empty if the device does not name it.",
		}
		nameless = Labels{"pool": ""}
	)
	return Collector{
		Name:    "address_pools",
		Summary: "addresses of VPN clients",
		Metrics: []*Metric{assigned, released},
		Rules: []Rule{
			{737026, assigned, Add(), nameless},
			{737016, released, Add(), nameless},
		},
	}
}
