package collectors

import "github.com/ftd-exporter/ftd_exporter/catalog"

// licenses collects when license keys expire, 444004 to 444008, and the events of
// Smart Licensing, 444302 to 444307. A key is never a label.
func licenses() Collector {
	var (
		expiry = &Metric{
			Name: "ftd_license_expiry_timestamp_seconds", Type: Gauge,
			Help: "Time when the license key of the last report expires: the time of receipt and the days in it, or the time of receipt of the report that it has expired.",
		}
		events = &Metric{
			Name: "ftd_smart_license_events_total", Type: Counter,
			Labels: []Label{{Name: "event", Values: []string{
				"platform_error", "agent_reg_failed", "agent_dereg_failed", "agent_reg_success", "agent_dereg_success", "out_of_compliance",
				"in_compliance", "eval_start", "eval_expired", "eval_expired_warning", "eval_will_expire_warning", "bad_mode", "bad_notif",
				"id_cert_expired", "id_cert_renew_not_started", "id_cert_renew_failed", "id_cert_renew_success", "entitlement_renew_failed",
				"entitlement_renew_success", "auth_renew_failed", "auth_renew_success", "comm_failed", "comm_restored", "comm_init_failed",
				"certificate_validation", "hot_standby_out_of_sync", "hot_standby_in_sync", "invalid_tag", "invalid_role_state", "failed_to_set_utility_mode",
			}}},
			Help: "Events that Smart Licensing reports, by their name in the text.",
		}
	)
	rules := []Rule{
		{ID: 444005, Metric: expiry, Value: DaysAhead("days")},
		{ID: 444004, Metric: expiry, Value: Receipt()},
		{ID: 444007, Metric: expiry, Value: Receipt()},
		{ID: 444008, Metric: expiry, Value: Receipt()},
	}
	for id := catalog.ID(444302); id <= 444307; id++ {
		rules = append(rules, Rule{ID: id, Metric: events, Value: Add()})
	}
	return Collector{
		Name:    "licenses",
		Summary: "licenses",
		Metrics: []*Metric{expiry, events},
		Rules:   rules,
	}
}
