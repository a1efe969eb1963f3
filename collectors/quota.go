package collectors

// quota collects the quotas of management sessions: 768001 to 768004. User
// names never become labels.
func quota() Collector {
	var (
		labels = []Label{
			{Name: "resource", Append: appendSnakeCase},
			{Name: "scope", Values: []string{"system", "user", "ssh", "telnet", "http"}},
		}
		level = &Metric{
			Name: "ftd_quota_warning_level", Title: "warning level", Type: Gauge, Labels: labels, Expires: true,
			Help: "Usage of a resource at which the device warns.",
		}
		limit = &Metric{
			Name: "ftd_quota_limit", Title: "limit", Type: Gauge, Labels: labels, Expires: true,
			Help: "Usage of a resource at which the device refuses requests.",
		}
		used = &Metric{
			Name: "ftd_quota_used", Title: "Quota", Type: Gauge, Labels: labels, Expires: true, Limit: limit, Warning: level,
			Help: "Usage of a resource in the last quota message; for scope user, of the user that it is about.",
		}
		warnings = &Metric{
			Name: "ftd_quota_warnings_total", Type: Counter, Labels: labels,
			Help: "Warnings that a resource is nearly used up.",
		}
		rejections = &Metric{
			Name: "ftd_quota_rejections_total", Type: Counter, Labels: labels,
			Help: "Requests that the device refused because a resource was used up.",
		}
		system = Labels{"scope": "system"}
		user   = Labels{"scope": "user"}
	)
	return Collector{
		Name:    "quota",
		Summary: "quotas of management sessions",
		Metrics: []*Metric{used, level, limit, warnings, rejections},
		Rules: []Rule{
			{768001, used, SetField("used"), system},
			{768001, level, SetField("warning_level"), system},
			{768001, warnings, Add(), system},
			{768002, used, SetField("used"), system},
			{768002, limit, SetField("limit"), system},
			{768002, rejections, Add(), system},
			{768003, used, SetField("used"), user},
			{768003, limit, SetField("limit"), user},
			{768003, rejections, Add(), user},
			{ID: 768004, Metric: used, Value: SetField("used")},
			{ID: 768004, Metric: limit, Value: SetField("limit")},
			{ID: 768004, Metric: rejections, Value: Add()},
		},
	}
}
