package catalog

// quota lists the messages about management session quotas, 768001 to 768004. An
// edition of the guide prints a text under 768003 that later ones have as 315009.
func quota() []Entry {
	const (
		family   = "quota"
		sessions = "See who holds the sessions (show quota management-session), end stale ones, and raise the quota if the number is legitimate."
	)
	return []Entry{
		{
			ID: 768001, Severity: 3, Family: family,
			Summary:   "Quota nearly used up",
			Templates: []string{"QUOTA: {resource:text} utilization is high: requested {requested:int}, current {used:int}, warning level {warning_level:int}"},
			Samples:   []string{"QUOTA: management session utilization is high: requested 1 , current 13 , warning level 13", "QUOTA: management_session utilization is high: requested 1, current 14, warning level 13"},
			Meaning:   "The use of a system resource has reached its warning level, which is 90 percent of the limit. For management sessions, the number requested is always 1 and the current number is the level.",
			Action:    sessions,
		},
		{
			ID: 768002, Severity: 3, Family: family,
			Summary:   "Quota used up, request refused",
			Templates: []string{"QUOTA: {resource:text} quota exceeded: requested {requested:int}, current {used:int}, limit {limit:int}"},
			Samples:   []string{"QUOTA: management session quota exceeded: requested 1 , current 15 , limit 15"},
			Meaning:   "A request for a system resource was refused because the configured limit is reached. Administrators may be locked out. For management sessions, the number requested is always 1.",
			Action:    sessions,
		},
		{
			ID: 768003, Severity: 3, Family: family, MayCarry: []ID{315009},
			Summary: "Quota of a user used up",
			Templates: []string{
				"QUOTA: {resource:text} quota exceeded for user {user:text}: current {used:int}, user limit {limit:int}",
				"QUOTA: {resource:text} quota exceeded for user {user:text}: current {used:int},user limit {limit:int}",
			},
			Samples: []string{
				"QUOTA: management session quota exceeded for user jane doe: current 3, user limit 3",
				"QUOTA: management_session quota exceeded for user jdoe: current 3,user limit 3",
			},
			Meaning: "One user has as many management sessions as the limit for a user allows; a further one was refused. The default limit is 15.",
			Action:  "Find out why the user needs so many sessions: often a script that does not log out.",
		},
		{
			ID: 768004, Severity: 3, Family: family,
			Summary: "Quota of a management protocol used up",
			Templates: []string{
				"QUOTA: {resource:text} quota exceeded for {scope} protocol: current {used:int}, protocol limit {limit:int}",
				"QUOTA: {resource:text} quota exceeded for {scope} protocol: current {used:int},protocol limit {limit:int}",
			},
			Samples: []string{
				"QUOTA: management session quota exceeded for ssh protocol: current 2, protocol limit 2",
				"QUOTA: management_session quota exceeded for http protocol: current 5,protocol limit 5",
			},
			Meaning: "SSH, Telnet or HTTP has as many management sessions as its limit allows; a further one was refused. The default limit is 5.",
			Action:  sessions,
		},
	}
}
