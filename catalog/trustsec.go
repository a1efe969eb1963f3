package catalog

// trustsec lists the changes of bindings between addresses and security group
// tags (SGT) in Cisco TrustSec, 776251 to 776254.
//
// A group without a known name appears as its tag alone. Editions of the guide
// print a dash where other TrustSec messages have an arrow, and repeat the
// prefix in 776252; each of these has a template.
func trustsec() []Entry {
	const family = "trustsec"
	return []Entry{
		{
			ID: 776251, Severity: 6, Family: family,
			Summary: "Security group binding added",
			Templates: []string{
				"CTS SGT-MAP: Binding {address} - {group:text}({tag:int}) from {source:text} added to binding manager.",
				"CTS SGT-MAP: Binding {address} - {tag:int} from {source:text} added to binding manager.",
				"CTS SGT-MAP: Binding {address}->{group:text}({tag:int}) from {source:text} added to binding manager.",
				"CTS SGT-MAP: Binding {address}->{tag:int} from {source:text} added to binding manager.",
			},
			Samples: []string{
				"CTS SGT-MAP: Binding 192.0.2.21 - Employees (4 ) from SXP added to binding manager.",
				"CTS SGT-MAP: Binding 2001:db8::21 - Guest Users(6) from SXP added to binding manager.",
				"CTS SGT-MAP: Binding 192.0.2.21 - 4 from CLI-HI added to binding manager.",
				"CTS SGT-MAP: Binding 192.0.2.21->Employees(4) from SXP added to binding manager.",
				"CTS SGT-MAP: Binding 192.0.2.21->4 from SXP added to binding manager.",
			},
			Meaning: "A source such as an SXP peer or the configuration assigned an address to a security group.",
			Action:  "None.",
		},
		{
			ID: 776252, Severity: 5, Family: family,
			Summary: "Security group binding deleted",
			Templates: []string{
				"CTS SGT-MAP: CTS SGT-MAP: Binding {address} - {group:text}({tag:int}) from {source:text} deleted from binding manager.",
				"CTS SGT-MAP: CTS SGT-MAP: Binding {address} - {tag:int} from {source:text} deleted from binding manager.",
				"CTS SGT-MAP: CTS SGT-MAP: Binding {address}->{group:text}({tag:int}) from {source:text} deleted from binding manager.",
				"CTS SGT-MAP: CTS SGT-MAP: Binding {address}->{tag:int} from {source:text} deleted from binding manager.",
				"CTS SGT-MAP: Binding {address} - {group:text}({tag:int}) from {source:text} deleted from binding manager.",
				"CTS SGT-MAP: Binding {address} - {tag:int} from {source:text} deleted from binding manager.",
				"CTS SGT-MAP: Binding {address}->{group:text}({tag:int}) from {source:text} deleted from binding manager.",
				"CTS SGT-MAP: Binding {address}->{tag:int} from {source:text} deleted from binding manager.",
			},
			Samples: []string{
				"CTS SGT-MAP: CTS SGT-MAP: Binding 192.0.2.21 - Employees (4 ) from SXP deleted from binding manager.",
				"CTS SGT-MAP: CTS SGT-MAP: Binding 192.0.2.21 - 4 from SXP deleted from binding manager.",
				"CTS SGT-MAP: CTS SGT-MAP: Binding 192.0.2.21->Employees(4) from SXP deleted from binding manager.",
				"CTS SGT-MAP: CTS SGT-MAP: Binding 192.0.2.21->4 from SXP deleted from binding manager.",
				"CTS SGT-MAP: Binding 192.0.2.21 - Employees (4) from SXP deleted from binding manager.",
				"CTS SGT-MAP: Binding 192.0.2.21 - 4 from SXP deleted from binding manager.",
				"CTS SGT-MAP: Binding 192.0.2.21->Employees(4) from SXP deleted from binding manager.",
				"CTS SGT-MAP: Binding 192.0.2.21->4 from SXP deleted from binding manager.",
			},
			Meaning: "The security group of an address is no longer known from this source, so rules for the group no longer apply to it unless another source provides it.",
			Action:  "None for single addresses. If many go at once, check the SXP connections to the peers.",
		},
		{
			ID: 776253, Severity: 6, Family: family,
			Summary: "Security group binding changed",
			Templates: []string{
				"CTS SGT-MAP: Binding {address} - {group:text}({tag:int}) from {source:text} changed from old sgt: {old_group:text}({old_tag:int}) from old source {old_source:text}.",
				"CTS SGT-MAP: Binding {address} - {group:text}({tag:int}) from {source:text} changed from old sgt: {old_tag:int} from old source {old_source:text}.",
				"CTS SGT-MAP: Binding {address} - {tag:int} from {source:text} changed from old sgt: {old_group:text}({old_tag:int}) from old source {old_source:text}.",
				"CTS SGT-MAP: Binding {address} - {tag:int} from {source:text} changed from old sgt: {old_tag:int} from old source {old_source:text}.",
				"CTS SGT-MAP: Binding {address}->{group:text}({tag:int}) from {source:text} changed from old sgt: {old_group:text}({old_tag:int}) from old source {old_source:text}.",
				"CTS SGT-MAP: Binding {address}->{group:text}({tag:int}) from {source:text} changed from old sgt: {old_tag:int} from old source {old_source:text}.",
				"CTS SGT-MAP: Binding {address}->{tag:int} from {source:text} changed from old sgt: {old_group:text}({old_tag:int}) from old source {old_source:text}.",
				"CTS SGT-MAP: Binding {address}->{tag:int} from {source:text} changed from old sgt: {old_tag:int} from old source {old_source:text}.",
			},
			Samples: []string{
				"CTS SGT-MAP: Binding 192.0.2.21 - Employees (4 ) from SXP changed from old sgt: Guests (6 ) from old source CLI-HI .",
				"CTS SGT-MAP: Binding 192.0.2.21 - Employees (4) from SXP changed from old sgt: 6 from old source CLI-HI.",
				"CTS SGT-MAP: Binding 192.0.2.21 - 4 from SXP changed from old sgt: Guests (6) from old source CLI-HI.",
				"CTS SGT-MAP: Binding 2001:db8::21 - 4 from SXP changed from old sgt: 6 from old source CLI-HI.",
				"CTS SGT-MAP: Binding 192.0.2.21->Employees(4) from SXP changed from old sgt: Guests(6) from old source SXP.",
				"CTS SGT-MAP: Binding 192.0.2.21->Employees(4) from SXP changed from old sgt: 6 from old source SXP.",
				"CTS SGT-MAP: Binding 192.0.2.21->4 from SXP changed from old sgt: Guests(6) from old source SXP.",
				"CTS SGT-MAP: Binding 192.0.2.21->4 from SXP changed from old sgt: 6 from old source SXP.",
			},
			Meaning: "An address moved to another security group, or another source now defines its group.",
			Action:  "None. If an address keeps moving back and forth, two sources disagree: correct one of them.",
		},
		{
			ID: 776254, Severity: 3, Family: family,
			Summary: "Security group binding could not be stored",
			Templates: []string{
				"CTS SGT-MAP: Binding manager unable to {operation} binding {address} - {group:text}({tag:int}) from {source:text}.",
				"CTS SGT-MAP: Binding manager unable to {operation} binding {address} - {tag:int} from {source:text}.",
				"CTS SGT-MAP: Binding manager unable to {operation} binding {address}->{group:text}({tag:int}) from {source:text}.",
				"CTS SGT-MAP: Binding manager unable to {operation} binding {address}->{tag:int} from {source:text}.",
			},
			Samples: []string{
				"CTS SGT-MAP: Binding manager unable to insert binding 192.0.2.21 - Employees (4 ) from SXP.",
				"CTS SGT-MAP: Binding manager unable to delete binding 192.0.2.21 - 4 from CLI-HI.",
				"CTS SGT-MAP: Binding manager unable to update binding 192.0.2.21->Employees(4) from SXP.",
				"CTS SGT-MAP: Binding manager unable to insert binding 2001:db8::21->4 from SXP.",
			},
			Meaning: "The firewall failed to insert, delete or update the security group of an address, so rules use outdated or missing information about the address.",
			Action:  "Compare show cts sgt-map with the source of the binding, save both and contact Cisco TAC.",
		},
	}
}
