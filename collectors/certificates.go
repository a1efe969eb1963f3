package collectors

// certificates collects when the device's own certificates expire: 717049, 717054
// and 717055. The device reports an expiry some days ahead, once a day.
func certificates() Collector {
	var (
		expiry = &Metric{
			Name: "ftd_certificate_expiry_timestamp_seconds", Type: Gauge, Labels: []Label{{Name: "trustpoint", Append: appendUnbracketed}},
			Help: "Time when a certificate of a trustpoint expires: the time of receipt of the last report and the days in it, or the time of receipt of the report that it has expired.",
		}
		local = Labels{"trustpoint": "local_ca"}
	)
	return Collector{
		Name:    "certificates",
		Summary: "certificates of the device",
		Metrics: []*Metric{expiry},
		Rules: []Rule{
			{717049, expiry, DaysAhead("days"), local},
			{ID: 717054, Metric: expiry, Value: DaysAhead("days")},
			{ID: 717055, Metric: expiry, Value: Receipt()},
		},
	}
}
