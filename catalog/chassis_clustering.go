package catalog

// chassisClustering lists the messages about clusters of modules in Firepower
// chassis: the chassis supervisor's part in clustering, 748001 to 748007, the
// overflow protection, 748008 and 748009, mismatches, 748011 and 748012, and
// the applications that run on the modules, 748100 to 748203.
//
// Cisco calls the chassis supervisor MIO. Roles have old and new names as in
// the clustering family.
func chassisClustering() []Entry {
	const (
		family      = "chassis_clustering"
		supervisor  = "See whether the chassis supervisor (MIO) is up and communicates with the module: FXOS faults, show chassis detail, show slot."
		bundling    = "Check the chassis supervisor (MIO): FXOS faults and the state of its port channels."
		application = "Check the state of the application on that unit."
		chain       = "Check the service chain application on that module in the chassis manager."
		capacity    = "Not urgent while every unit is up. Reduce the traffic through the cluster or add modules or chassis, so that it can lose one."
	)
	return []Entry{
		{
			ID: 748001, Severity: 5, Family: family,
			Summary:   "Module leaves the cluster: chassis reconfigured",
			Templates: []string{"Module {module} in chassis {chassis} is leaving the cluster due to a chassis configuration change"},
			Samples:   []string{"Module 1 in chassis 2 is leaving the cluster due to a chassis configuration change"},
			Meaning:   "In the chassis supervisor the cluster control link was changed, or the cluster group or the module was deleted, so the module leaves the cluster.",
			Action:    "None if the change was planned. Otherwise find out who changed the logical device in the chassis manager.",
		},
		{
			ID: 748002, Severity: 4, Family: family,
			Summary:   "Clustering off: chassis configuration incomplete",
			Templates: []string{"Clustering configuration on the chassis is missing or incomplete; clustering is disabled"},
			Samples: []string{
				"Clustering configuration on the chassis is missing or incomplete; clustering is disabled",
				"Clustering configuration on the chassis is missing or incomplete; clustering is disabled.",
			},
			Meaning: "The chassis supervisor lacks a part of the cluster configuration, for example the cluster group or the cluster control link, so clustering is off.",
			Action:  "On the chassis supervisor set the cluster service type, add the modules to it and define the cluster control link.",
		},
		{
			ID: 748003, Severity: 4, Family: family,
			Summary:   "Module leaves the cluster: chassis health check failed",
			Templates: []string{"Module {module} in chassis {chassis} is leaving the cluster due to a chassis health check failure"},
			Samples:   []string{"Module 1 in chassis 2 is leaving the cluster due to a chassis health check failure"},
			Meaning:   "The module cannot communicate with the chassis supervisor. The supervisor takes its data ports out of the bundle, and the module has to leave the cluster.",
			Action:    supervisor + " 748004 reports the return.",
		},
		{
			ID: 748004, Severity: 5, Family: family,
			Summary:   "Module rejoins: chassis health check passes again",
			Templates: []string{"Module {module} in chassis {chassis} is re-joining the cluster due to a chassis health check recovery"},
			Samples:   []string{"Module 1 in chassis 2 is re-joining the cluster due to a chassis health check recovery"},
			Meaning:   "Module and chassis supervisor can communicate again, and the module tries to join the cluster.",
			Action:    "Make sure that it stays in the cluster. " + supervisor,
		},
		{
			ID: 748005, Severity: 3, Family: family,
			Summary:   "Ports of a module not bundled, clustering off",
			Templates: []string{"Failed to bundle the ports for module {module} in chassis {chassis}; clustering is disabled"},
			Samples: []string{
				"Failed to bundle the ports for module 1 in chassis 2; clustering is disabled",
				"Failed to bundle the ports for module 3 in chassis 1 ; clustering is disabled",
			},
			Meaning: "The chassis supervisor could not bundle the data ports for a module, so clustering is off there.",
			Action:  bundling,
		},
		{
			ID: 748006, Severity: 3, Family: family,
			Summary:   "Module removed: ports not bundled",
			Templates: []string{"Asking module {module} in chassis {chassis} to leave the cluster due to a port bundling failure"},
			Samples:   []string{"Asking module 1 in chassis 2 to leave the cluster due to a port bundling failure"},
			Meaning:   "A module had to leave the cluster because the chassis supervisor could not bundle the data ports for it.",
			Action:    bundling,
		},
		{
			ID: 748007, Severity: 2, Family: family,
			Summary:   "Ports of a module still bundled, traffic may be lost",
			Templates: []string{"Failed to de-bundle the ports for module {module} in chassis {chassis}; traffic may be black holed"},
			Samples: []string{
				"Failed to de-bundle the ports for module 1 in chassis 2; traffic may be black holed",
				"Failed to de-bundle the ports for module 3 in chassis 1 ; traffic may be black holed",
			},
			Meaning: "The chassis supervisor could not take the data ports of a module out of the bundle. Traffic is still sent to a module that may not handle it.",
			Action:  "Act now: packets may be lost. " + bundling + " If need be, shut the port channel members of that chassis on the switch.",
		},
		{
			ID: 748008, Severity: 6, Family: family,
			Summary: "Module load too high to lose a cluster member",
			Templates: []string{
				"{resource} load {load:ratio} of module {module} in chassis {chassis} ({member:text}) exceeds overflow protection threshold {threshold_resource} {threshold:ratio}. System may be oversubscribed on member failure.",
				"{resource} load {load:ratio} of module {module} in chassis {chassis} ({member:text}) exceeds overflow protection threshold {threshold:ratio}. System may be oversubscribed on member failure.",
				"{resource} load {load:ratio} of module {module} in chassis {chassis} ({member:text}) exceeds overflow protection threshold [{threshold_resource} {threshold:ratio}]. System may be oversubscribed on member failure.",
				"{resource} load {load:ratio} of module {module} in chassis {chassis} ({member:text}) exceeds overflow protection threshold [{threshold:ratio}]. System may be oversubscribed on member failure.",
				"[{resource} load {load:ratio}] of module {module} in chassis {chassis} ({member:text}) exceeds overflow protection threshold {threshold_resource} {threshold:ratio}. System may be oversubscribed on member failure.",
				"[{resource} load {load:ratio}] of module {module} in chassis {chassis} ({member:text}) exceeds overflow protection threshold {threshold:ratio}. System may be oversubscribed on member failure.",
				"[{resource} load {load:ratio}] of module {module} in chassis {chassis} ({member:text}) exceeds overflow protection threshold [{threshold_resource} {threshold:ratio}]. System may be oversubscribed on member failure.",
				"[{resource} load {load:ratio}] of module {module} in chassis {chassis} ({member:text}) exceeds overflow protection threshold [{threshold:ratio}]. System may be oversubscribed on member failure.",
			},
			Samples: []string{
				"CPU load 85% of module 1 in chassis 2 (unit-2-1) exceeds overflow protection threshold CPU 80%. System may be oversubscribed on member failure.",
				"memory load 91% of module 1 in chassis 2 (unit-2-1) exceeds overflow protection threshold 87%. System may be oversubscribed on member failure.",
				"CPU load 85 of module 1 in chassis 2 (unit-2-1) exceeds overflow protection threshold [CPU 80]. System may be oversubscribed on member failure.",
				"Memory load 91 % of module 1 in chassis 2 (unit-2-1) exceeds overflow protection threshold [87 %]. System may be oversubscribed on member failure.",
				"[CPU load 92.5%] of module 1 in chassis 2 (unit-2-1) exceeds overflow protection threshold CPU 75%. System may be oversubscribed on member failure.",
				"[memory load 90] of module 1 in chassis 2 (unit-2-1) exceeds overflow protection threshold 66. System may be oversubscribed on member failure.",
				"[CPU load 81%] of module 1 in chassis 2 (unit-2-1) exceeds overflow protection threshold [CPU 80%]. System may be oversubscribed on member failure.",
				"[memory load 93%] of module 1 in chassis 2 (unit-2-1) exceeds overflow protection threshold [90%]. System may be oversubscribed on member failure.",
				"[ memory load 91 ] of module 3 in chassis 1 (site B unit 3 ) exceeds overflow protection threshold [ memory 87 ]. System may be oversubscribed on member failure.",
			},
			Meaning: "A module has so much load that the others could not carry it if a member failed. With N members the CPU limit is (N-1)/N; the memory limit is (100-x)(N-1)/N+x percent, where x is the idle memory use of the last member to join.",
			Action:  capacity,
		},
		{
			ID: 748009, Severity: 6, Family: family,
			Summary: "Chassis load too high to lose a chassis",
			Templates: []string{
				"{resource} load {load:ratio} of chassis {chassis} exceeds overflow protection threshold {threshold_resource} {threshold:ratio}. System may be oversubscribed on chassis failure.",
				"{resource} load {load:ratio} of chassis {chassis} exceeds overflow protection threshold {threshold:ratio}. System may be oversubscribed on chassis failure.",
				"{resource} load {load:ratio} of chassis {chassis} exceeds overflow protection threshold [{threshold_resource} {threshold:ratio}]. System may be oversubscribed on chassis failure.",
				"{resource} load {load:ratio} of chassis {chassis} exceeds overflow protection threshold [{threshold:ratio}]. System may be oversubscribed on chassis failure.",
				"{resource} load {load:ratio} of chassis {chassis} exceeds overflow protection threshold [{threshold_resource} {threshold:ratio}}}. System may be oversubscribed on chassis failure.",
				"{resource} load {load:ratio} of chassis {chassis} exceeds overflow protection threshold [{threshold:ratio}}}. System may be oversubscribed on chassis failure.",
				"[{resource} load {load:ratio}] of chassis {chassis} exceeds overflow protection threshold {threshold_resource} {threshold:ratio}. System may be oversubscribed on chassis failure.",
				"[{resource} load {load:ratio}] of chassis {chassis} exceeds overflow protection threshold {threshold:ratio}. System may be oversubscribed on chassis failure.",
				"[{resource} load {load:ratio}] of chassis {chassis} exceeds overflow protection threshold [{threshold_resource} {threshold:ratio}]. System may be oversubscribed on chassis failure.",
				"[{resource} load {load:ratio}] of chassis {chassis} exceeds overflow protection threshold [{threshold:ratio}]. System may be oversubscribed on chassis failure.",
				"[{resource} load {load:ratio}] of chassis {chassis} exceeds overflow protection threshold [{threshold_resource} {threshold:ratio}}}. System may be oversubscribed on chassis failure.",
				"[{resource} load {load:ratio}] of chassis {chassis} exceeds overflow protection threshold [{threshold:ratio}}}. System may be oversubscribed on chassis failure.",
			},
			Samples: []string{
				"CPU load 85% of chassis 1 exceeds overflow protection threshold CPU 80%. System may be oversubscribed on chassis failure.",
				"memory load 91% of chassis 1 exceeds overflow protection threshold 87%. System may be oversubscribed on chassis failure.",
				"CPU load 85 of chassis 1 exceeds overflow protection threshold [CPU 80]. System may be oversubscribed on chassis failure.",
				"Memory load 91 % of chassis 1 exceeds overflow protection threshold [87 %]. System may be oversubscribed on chassis failure.",
				"CPU load 92.5% of chassis 1 exceeds overflow protection threshold [CPU 75%}. System may be oversubscribed on chassis failure.",
				"memory load 90 of chassis 1 exceeds overflow protection threshold [66}. System may be oversubscribed on chassis failure.",
				"[CPU load 81%] of chassis 1 exceeds overflow protection threshold CPU 80%. System may be oversubscribed on chassis failure.",
				"[memory load 93%] of chassis 1 exceeds overflow protection threshold 90%. System may be oversubscribed on chassis failure.",
				"[CPU load 77 %] of chassis 1 exceeds overflow protection threshold [CPU 75 %]. System may be oversubscribed on chassis failure.",
				"[memory load 88%] of chassis 1 exceeds overflow protection threshold [83%]. System may be oversubscribed on chassis failure.",
				"[CPU load 90%] of chassis 1 exceeds overflow protection threshold [CPU 66%}. System may be oversubscribed on chassis failure.",
				"[Memory load 89] of chassis 1 exceeds overflow protection threshold [83}. System may be oversubscribed on chassis failure.",
				"[memory load 91 ] of chassis 2 exceeds overflow protection threshold [memory 87 }. System may be oversubscribed on chassis failure.",
			},
			Meaning: "A chassis has so much load that the other chassis could not carry it if it failed.",
			Action:  capacity,
		},
		{
			ID: 748011, Severity: 4, Family: family,
			Summary: "Resource profile differs from the control unit's",
			Templates: []string{
				"Mismatched resource profile size with Master. Master: {control_cores:int} CPU cores / {control_ram_mb:int}MB RAM, Mine: {cores:int} CPU cores / {ram_mb:int}MB RAM",
				"Mismatched resource profile size with Master. Master: {control_cores:int} CPU cores / {control_ram_mb:int}MB RAM, Mine: {cores:int} CPU cores {ram_mb:int}MB RAM",
				"Mismatched resource profile size with Control unit. Control unit: {control_cores:int} CPU cores / {control_ram_mb:int}MB RAM, Mine: {cores:int} CPU cores / {ram_mb:int}MB RAM",
				"Mismatched resource profile size with Control unit. Control unit: {control_cores:int} CPU cores / {control_ram_mb:int}MB RAM, Mine: {cores:int} CPU cores {ram_mb:int}MB RAM",
				"Mismatched resource profile size with Control node. Control node: {control_cores:int} CPU cores / {control_ram_mb:int}MB RAM, Mine: {cores:int} CPU cores / {ram_mb:int}MB RAM",
				"Mismatched resource profile size with Control node. Control node: {control_cores:int} CPU cores / {control_ram_mb:int}MB RAM, Mine: {cores:int} CPU cores {ram_mb:int}MB RAM",
			},
			Samples: []string{
				"Mismatched resource profile size with Master. Master: 6 CPU cores / 14426 MB RAM, Mine: 8 CPU cores / 19261 MB RAM",
				"Mismatched resource profile size with Master. Master: 6 CPU cores / 14426MB RAM, Mine: 8 CPU cores 19261 MB RAM.",
				"Mismatched resource profile size with Control unit. Control unit: 6 CPU cores / 14426MB RAM, Mine: 10 CPU cores / 24130MB RAM",
				"Mismatched resource profile size with Control unit. Control unit: 6 CPU cores / 14426MB RAM, Mine: 10 CPU cores 24130 MB RAM",
				"Mismatched resource profile size with Control node. Control node: 8 CPU cores / 19261MB RAM, Mine: 6 CPU cores / 14426MB RAM",
				"Mismatched resource profile size with Control node. Control node: 8 CPU cores / 19261MB RAM, Mine: 6 CPU cores 14426 MB RAM",
			},
			Meaning: "The joining container instance has another number of cores or amount of memory than the control unit. The joining unit prints this.",
			Action:  "None while you are changing the resource profile of one unit after the other. Afterwards all units need the same profile.",
		},
		{
			ID: 748012, Severity: 4, Family: family,
			Summary: "Module type differs from the control unit's",
			Templates: []string{
				"Mismatched module type with Master. Master: {control_module_type}, Mine: {module_type}",
				"Mismatched module type with Master. Master: {control_module_type}, MINE: {module_type}",
				"Mismatched module type with Control unit. Control unit: {control_module_type}, Mine: {module_type}",
				"Mismatched module type with Control node. Control node: {control_module_type}, Mine: {module_type}",
			},
			Samples: []string{
				"Mismatched module type with Master. Master: FPR4K-SM-24, Mine: FPR4K-SM-24s",
				"Mismatched module type with Master. Master: FPR9K-SM-36, MINE: FPR9K-SM-44",
				"Mismatched module type with Control unit. Control unit: FPR4K-SM-24, Mine: FPR4K-SM-36",
				"Mismatched module type with Control node. Control node: FPR4K-SM-24, Mine: FPR4K-SM-36",
			},
			Meaning: "The joining unit runs on another type of security module than the control unit. The joining unit prints this.",
			Action:  "None during an exchange of hardware. Otherwise use the same module type throughout the cluster.",
		},
		{
			ID: 748100, Severity: 3, Family: family,
			Summary:   "Application status on this unit changed",
			Templates: []string{"{application:text} application status is changed from {from} to {to:init|up|down}."},
			Samples: []string{
				"snort application status is changed from up to down.",
				"<disk_full> application status is changed from <init> to <up>.",
			},
			Meaning: "A monitored application of this unit, snort or disk_full, went to another status (init, up, down), which starts the application health check.",
			Action:  application + " If it is down, expect the unit to leave the cluster.",
		},
		{
			ID: 748101, Severity: 3, Family: family,
			Summary:   "Application status on a peer unit changed",
			Templates: []string{"Peer unit {member} reported its {application:text} application status is {status:init|up|down}."},
			Samples: []string{
				"Peer unit unit-2-1 reported its snort application status is down.",
				"Peer unit <2> reported its <disk_full> application status is <up>.",
			},
			Meaning: "Another cluster unit reported a new status of its application, snort or disk_full, which starts the application health check.",
			Action:  application,
		},
		{
			ID: 748102, Severity: 3, Family: family,
			Summary: "Control unit leaves the cluster: application failed",
			Templates: []string{
				"Master unit {member} is quitting due to {application:text} Application health check failure, and {role:text}'s application state is {status:init|up|down}.",
				"Control unit {member} is quitting due to {application:text} Application health check failure, and {role:text}'s application state is {status:init|up|down}.",
				"Control node {member} is quitting due to {application:text} Application health check failure, and {role:text}'s application state is {status:init|up|down}.",
			},
			Samples: []string{
				"Master unit unit-1-1 is quitting due to snort Application health check failure, and master's application state is down.",
				"Master unit <unit-1-1> is quitting due to <disk_full> Application health check failure, and master's application state is <down>.",
				"Control unit unit-1-1 is quitting due to snort Application health check failure, and control unit's application state is down.",
				"Control node unit-1-1 is quitting due to disk_full Application health check failure, and control node's application state is down.",
			},
			Meaning: "The application health check found the control unit unhealthy, so it leaves the cluster and another unit takes over.",
			Action:  application + " Once snort is up again the unit rejoins by itself; for disk_full free disk space.",
		},
		{
			ID: 748103, Severity: 3, Family: family,
			Summary: "Data unit removed: application failed",
			Templates: []string{
				"Asking slave unit {member} to quit due to {application:text} Application health check failure, and {role:text}'s application state is {status:init|up|down}.",
				"Asking data unit {member} to quit due to {application:text} Application health check failure, and {role:text}'s application state is {status:init|up|down}.",
				"Asking data node {member} to quit due to {application:text} Application health check failure, and {role:text}'s application state is {status:init|up|down}.",
			},
			Samples: []string{
				"Asking slave unit unit-2-1 to quit due to snort Application health check failure, and slave's application state is down.",
				"Asking slave unit <unit-2-1> to quit due to <disk_full> Application health check failure, and slave's application state is <down>.",
				"Asking data unit unit-2-1 to quit due to snort Application health check failure, and data unit's application state is down.",
				"Asking data node unit-2-1 to quit due to disk_full Application health check failure, and data node's application state is down.",
			},
			Meaning: "The application health check found a data unit unhealthy, and the control unit removed it from the cluster.",
			Action:  application + " Once snort is up again the unit rejoins by itself; for disk_full free disk space.",
		},
		{
			ID: 748201, Severity: 4, Family: family,
			Summary:   "Service chain application status changed",
			Templates: []string{"{application:text} application on module {module} in chassis {chassis} is {status:up|down}."},
			Samples: []string{
				"vDP application on module 1 in chassis 2 is down.",
				"<Radware vDP> application on module <1> in chassis <2> is <up>.",
			},
			Meaning: "An application in the service chain of a module, such as the vDP decorator, went up or down.",
			Action:  chain,
		},
		{
			ID: 748202, Severity: 3, Family: family,
			Summary:   "Module leaves the cluster: chained application failed",
			Templates: []string{"Module {module} in chassis {chassis} is leaving the cluster due to {application:text} application failure"},
			Samples: []string{
				"Module 1 in chassis 2 is leaving the cluster due to vDP application failure",
				"Module <3> in chassis <1> is leaving the cluster due to <Radware vDP> application failure.",
			},
			Meaning: "An application in the service chain of the module, such as vDP, failed and the module had to leave the cluster.",
			Action:  chain + " 748203 reports the return.",
		},
		{
			ID: 748203, Severity: 5, Family: family,
			Summary:   "Module rejoins: chained application recovered",
			Templates: []string{"Module {module} in chassis {chassis} is re-joining the cluster due to a service chain application recovery"},
			Samples: []string{
				"Module 1 in chassis 2 is re-joining the cluster due to a service chain application recovery",
				"Module <3> in chassis <1> is re-joining the cluster due to a service chain application recovery.",
			},
			Meaning: "The service chain application of the module works again, and the module joins the cluster by itself.",
			Action:  "Make sure that it stays in the cluster. " + chain,
		},
	}
}
