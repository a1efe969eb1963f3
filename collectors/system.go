package collectors

import "github.com/ftd-exporter/ftd_exporter/catalog"

// system collects boots, reloads and the software of a device: 199001 to 199021,
// 444009, 769004 to 769009 and 770002.
func system() Collector {
	var (
		boot = &Metric{
			Name: "ftd_boot_timestamp_seconds", Type: Gauge, Boot: true,
			Help: "Time of receipt of the last report that the device boots or has booted.",
		}
		reloads = &Metric{
			Name: "ftd_reloads_total", Title: "Reload by itself", Type: Counter, Alarm: Alarm{Level: Critical, Except: []string{"command", "scheduled"}},
			Labels: []Label{{Name: "reason", Values: []string{"command", "scheduled", "memory", "license", "platform"}}},
			Help:   "Reports that the device reloads: by a command, in order at a time that was set (scheduled), or by itself for lack of memory, for an expired license, or because its virtual machine is too large.",
		}
		software = &Metric{
			Name: "ftd_software_info", Type: Info, Labels: []Label{{Name: "version"}},
			Help: "Version of the software as last reported after an upgrade; always 1.",
		}
		images = &Metric{
			Name: "ftd_image_failures_total", Title: "Software image failure", Type: Counter, Alarm: Alarm{Level: Warning},
			Labels: []Label{{Name: "kind", Values: []string{"verification", "boot_missing", "boot_mismatch"}}},
			Help:   "Software images that failed verification, that are missing at the place that the device boots from, or that it booted although they are not in its list.",
		}
	)
	rules := []Rule{
		{ID: 199002, Metric: boot, Value: Receipt()},
		{ID: 199005, Metric: boot, Value: Receipt()},
		{ID: 769007, Metric: software, Value: Set(1)},
		{769004, images, Add(), Labels{"kind": "verification"}},
		{769006, images, Add(), Labels{"kind": "boot_missing"}},
		{769009, images, Add(), Labels{"kind": "boot_mismatch"}},
	}
	for _, r := range []struct {
		id     catalog.ID
		reason string
	}{{199001, "command"}, {199006, "scheduled"}, {199021, "memory"}, {444009, "license"}, {770002, "platform"}} {
		rules = append(rules, Rule{r.id, reloads, Add(), Labels{"reason": r.reason}})
	}
	return Collector{
		Name:     "system",
		Summary:  "boots, reloads, software, memory and CPU",
		Hardware: true,
		Metrics:  []*Metric{boot, reloads, software, images},
		Rules:    rules,
	}
}
