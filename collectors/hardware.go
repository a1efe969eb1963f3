package collectors

// hardware collects reports about PCI devices and the out-of-band channel:
// 743000, 743004, 743010 and 743011. No message withdraws these reports, so
// they are counters.
func hardware() Collector {
	var (
		vendor     = Label{Name: "pci_vendor", Append: appendLower}
		device     = Label{Name: "pci_device", Append: appendLower}
		mismatches = &Metric{
			Name: "ftd_pci_link_mismatches_total", Title: "PCI link mismatch", Type: Counter, Alarm: Alarm{Level: Warning, UntilBoot: true},
			Labels: []Label{{Name: "pci_address", Append: appendLower}, vendor, device, {Name: "attribute"}},
			Help:   "Reports that a PCI device came up with a wrong link width or speed.",
		}
		missing = &Metric{
			Name: "ftd_pci_missing_devices_total", Title: "Missing PCI device", Type: Counter, Alarm: Alarm{Level: Critical, UntilBoot: true},
			Labels: []Label{vendor, device},
			Help:   "Reports that a PCI device that the system needs was not found.",
		}
		eobc = &Metric{
			Name: "ftd_eobc_rpc_failures_total", Title: "Failure of the out-of-band channel", Type: Counter, Alarm: Alarm{Level: Warning},
			Labels: []Label{{Name: "stage", Values: []string{"start", "call"}}},
			Help:   "Failures of the out-of-band channel between service module and chassis: its server did not start (start), a call failed (call).",
		}
	)
	return Collector{
		Name:     "hardware",
		Summary:  "PCI devices, backplane link and channel of service modules",
		Hardware: true,
		Metrics:  []*Metric{mismatches, missing, eobc},
		Rules: []Rule{
			// A text of which only the beginning could be read fills some labels.
			{ID: 743000, Metric: mismatches, Value: Add(), Labels: Labels{"pci_address": "", "pci_vendor": "", "pci_device": "", "attribute": ""}},
			{ID: 743004, Metric: missing, Value: Add(), Labels: Labels{"pci_vendor": "", "pci_device": ""}},
			{ID: 743010, Metric: eobc, Value: Add(), Labels: Labels{"stage": "start"}},
			{ID: 743011, Metric: eobc, Value: Add(), Labels: Labels{"stage": "call"}},
		},
	}
}
