package catalog

// clustering lists the messages of the clustering state machine, 747001 to 747044:
// its own recoveries, members that are refused, and members that leave.
//
// Cisco renamed the roles: the master unit and the slave units of early
// releases are the control unit (or node) and data units (or nodes) in later
// ones. Every text that names a role has a template for each of the three.
//
// One edition of the guide also prints the text of 747040 under 747041.
func clustering() []Entry {
	const (
		family    = "clustering"
		recovered = "None for a single message; the state machine has recovered. If it keeps coming, collect show cluster history from every unit for Cisco TAC."
		debug     = "None; the message only helps to follow an election or a join."
		restart   = "Disable clustering on this unit and enable it again."
		object    = "None for a single message. If it repeats, check the cluster control link for loss and MTU, then compare the units with show cluster info."
		link      = "Check the cluster control link: cabling, the switch ports in between, and the interface counters on the unit."
		health    = "Find out why the interface is down on that unit only: link, port channel, switch port. Until then the cluster runs with one unit less."
		manual    = "The unit does not come back by itself: once the cause is removed, enable clustering on it by hand."
		wait      = "Wait for the announced rejoin and verify it with show cluster info."
		card      = "Look at the service module of that unit with show module and bring it back up before the unit rejoins."
		system    = "The reason in the message names what failed. See show cluster history on the unit and resolve it."
	)
	return []Entry{
		{
			ID: 747001, Severity: 3, Family: family,
			Summary: "Cluster event queue full, event dropped",
			Templates: []string{
				"Recovered from state machine event queue depleted. Event ({event}, {pointer_1:hex}, {pointer_2:hex}) dropped. Current state {state}, stack {stack_1:hex}, {stack_2:hex}, {stack_3:hex}, {stack_4:hex}, {stack_5:hex}, {stack_6:hex}",
			},
			Samples: []string{
				"Clustering: Recovered from state machine event queue depleted. Event (23, 0x00007f2a51c04e80, 0x0000000000000000) dropped. Current state MASTER, stack 0x0000555bb1d2a3c4, 0x0000555bb1d2b810, 0x0000555bb1d30f02, 0x0000555bb1e01a5c, 0x0000555bb1e02b11, 0x0000555bb0f1c6d0",
				"Clustering: Recovered from state machine event queue depleted. Event (4 , 0x9aa0c3e0 , 0x0 ) dropped. Current state SLAVE_BULK_SYNC , stack 0x081a2b3c , 0x081a2c00 , 0x081a3d10 , 0x081b0040 , 0x081b1150 , 0x08060000",
			},
			Meaning: "The event queue of the clustering state machine was full, so a new event was dropped.",
			Action:  recovered,
		},
		{
			ID: 747002, Severity: 5, Family: family,
			Summary: "Cluster event not valid in this state, dropped",
			Templates: []string{
				"Recovered from state machine dropped event ({event}, {pointer_1:hex}, {pointer_2:hex}). Intended state: {intended_state}. Current state: {state}.",
			},
			Samples: []string{
				"Clustering: Recovered from state machine dropped event (11, 0x00007f2a51c04e80, 0x0000000000000000). Intended state: ELECTION. Current state: ONCALL.",
				"Clustering: Recovered from state machine dropped event (11 , 0x9aa0c3e0 , 0x0 ). Intended state: SLAVE_COLD . Current state: DISABLED .",
			},
			Meaning: "The clustering state machine received an event that is not valid in its present state, and ignored it.",
			Action:  recovered,
		},
		{
			ID: 747003, Severity: 5, Family: family,
			Summary: "Cluster event could not be processed",
			Templates: []string{
				"Recovered from state machine failure to process event ({event}, {pointer_1:hex}, {pointer_2:hex}) at state {state}.",
			},
			Samples: []string{
				"Clustering: Recovered from state machine failure to process event (17, 0x00007f2a51c04e80, 0x0000000000000000) at state SLAVE_CONFIG.",
				"Clustering: Recovered from state machine failure to process event (17 , 0x9aa0c3e0 , 0x0 ) at state MASTER .",
			},
			Meaning: "The clustering state machine failed to process an event.",
			Action:  recovered,
		},
		{
			ID: 747004, Severity: 6, Family: family,
			Summary: "Cluster state changed",
			Templates: []string{
				"state machine changed from state {from} to {to}.",
				"State machine changed from state {from} to {to}.",
			},
			Samples: []string{
				"Clustering: state machine changed from state ONCALL to SLAVE_COLD.",
				"Clustering: State machine changed from state DATA_NODE_BULK_SYNC to DATA_NODE.",
			},
			Meaning: "The clustering state machine of this unit went from one state to another, as it does in every join, election and departure.",
			Action:  "None if a join or an election was expected. A change to DISABLED means that this unit has left the cluster: look for the message just before it.",
		},
		{
			ID: 747005, Severity: 7, Family: family,
			Summary: "Cluster event reported to a client",
			Templates: []string{
				"State machine notify event {event_name} ({event}, {pointer_1:hex}, {pointer_2:hex})",
			},
			Samples: []string{
				"Clustering: State machine notify event CLUSTER_EVENT_MEMBER_STATE (2, 0x00007f2a51c04e80, 0x0000000000000000)",
				"Clustering: State machine notify event CLUSTER_EVENT_SVR_CTRL (3 , 0x9aa0c3e0 , 0x0 )",
			},
			Meaning: "The clustering state machine notified its clients inside the device of an event.",
			Action:  debug,
		},
		{
			ID: 747006, Severity: 7, Family: family,
			Summary: "Cluster reached a stable state",
			Templates: []string{
				"State machine is at state {state}",
				"state machine is at state {state}",
			},
			Samples: []string{
				"Clustering: State machine is at state MASTER",
				"Clustering: state machine is at state DATA_NODE",
			},
			Meaning: "The clustering state machine has settled in a stable state: disabled, data unit (slave) or control unit (master).",
			Action:  debug,
		},
		{
			ID: 747007, Severity: 5, Family: family,
			Summary: "Stray configuration sync thread found",
			Templates: []string{
				"Recovered from finding stray config sync thread, stack {stack_1:hex}, {stack_2:hex}, {stack_3:hex}, {stack_4:hex}, {stack_5:hex}, {stack_6:hex}.",
			},
			Samples: []string{
				"Clustering: Recovered from finding stray config sync thread, stack 0x0000555bb1d2a3c4, 0x0000555bb1d2b810, 0x0000555bb1d30f02, 0x0000555bb1e01a5c, 0x0000555bb1e02b11, 0x0000555bb0f1c6d0.",
				"Clustering: Recovered from finding stray config sync thread, stack 0x081a2b3c , 0x081a2c00 , 0x081a3d10 , 0x081b0040 , 0x081b1150 , 0x08060000 .",
			},
			Meaning: "A configuration synchronization thread was found running where none should be.",
			Action:  recovered,
		},
		{
			ID: 747008, Severity: 4, Family: family,
			Summary: "Cluster member refused: name in use",
			Templates: []string{
				"New cluster member {unit} with serial number {serial} rejected due to name conflict with existing unit with serial number {existing_serial}.",
			},
			Samples: []string{
				"Clustering: New cluster member unit-1-2 with serial number FLM2006EN9A rejected due to name conflict with existing unit with serial number FLM2006EQFW.",
				"Clustering: New cluster member asa2 with serial number JAF1434AERL rejected due to name conflict with existing unit with serial number JAF1511ABFT .",
			},
			Meaning: "A unit that wants to join has the same unit name as a present member, so it is kept out.",
			Action:  "Give one of the two units, identified by serial number, another name in its cluster bootstrap configuration.",
		},
		{
			ID: 747009, Severity: 2, Family: family,
			Summary:   "Cluster RPC server could not be created",
			Templates: []string{"Fatal error due to failure to create RPC server for module {module:text}."},
			Samples: []string{
				"Clustering: Fatal error due to failure to create RPC server for module CCP.",
				"Clustering: Fatal error due to failure to create RPC server for module cluster config sync .",
			},
			Meaning: "A part of the clustering software could not start its RPC server, so this unit cannot take part in the cluster properly.",
			Action:  restart + " If it fails again, contact Cisco TAC.",
		},
		{
			ID: 747010, Severity: 3, Family: family,
			Summary:   "Cluster RPC call failed",
			Templates: []string{"RPC call failed, message {message}, return code {code}."},
			Samples: []string{
				"Clustering: RPC call failed, message CCP_MSG_CLUSTER_EVENT, return code 5.",
				"Clustering: RPC call failed, message CLUSTER_GET_CONFIG , return code -1 .",
			},
			Meaning: "A call between two cluster units failed. The system tries to recover from it.",
			Action:  "None for a single message. If it repeats, check the cluster control link for loss and for an MTU that is too small.",
		},
		{
			ID: 747011, Severity: 2, Family: family,
			Summary:   "Clustering ran out of memory",
			Templates: []string{"Memory allocation error."},
			Samples:   []string{"Clustering: Memory allocation error.", "Clustering: Memory allocation error", "Memory allocation error."},
			Meaning:   "The clustering software could not get the memory it asked for.",
			Action:    restart + " If it happens again, look at the memory use of the device with show memory.",
		},
		{
			ID: 747012, Severity: 3, Family: family,
			Summary:   "Cluster object id not replicated to a peer",
			Templates: []string{"Failed to replicate global object id {object:hex} in domain {domain} to peer {unit}, continuing operation."},
			Samples: []string{
				"Clustering: Failed to replicate global object id 0x1f4 in domain obj-group to peer unit-2-1, continuing operation.",
				"Clustering: Failed to replicate global object id 0x00000a21 in domain acl to peer asa2 , continuing operation.",
			},
			Meaning: "A global object id could not be copied to another cluster unit. The cluster carries on without it.",
			Action:  object,
		},
		{
			ID: 747013, Severity: 3, Family: family,
			Summary:   "Cluster object id not removed from a peer",
			Templates: []string{"Failed to remove global object id {object:hex} in domain {domain} from peer {unit}, continuing operation."},
			Samples: []string{
				"Clustering: Failed to remove global object id 0x1f4 in domain obj-group from peer unit-2-1, continuing operation.",
				"Clustering: Failed to remove global object id 0x00000a21 in domain acl from peer asa2 , continuing operation.",
			},
			Meaning: "A global object id could not be deleted on another cluster unit. The cluster carries on with the leftover.",
			Action:  object,
		},
		{
			ID: 747014, Severity: 3, Family: family,
			Summary:   "Cluster object id not installed",
			Templates: []string{"Failed to install global object id {object:hex} in domain {domain}, continuing operation."},
			Samples: []string{
				"Clustering: Failed to install global object id 0x1f4 in domain obj-group, continuing operation.",
				"Clustering: Failed to install global object id 0x00000a21 in domain acl , continuing operation.",
			},
			Meaning: "This unit could not install a global object id that it got from the cluster. The cluster carries on.",
			Action:  object,
		},
		{
			ID: 747015, Severity: 4, Family: family,
			Summary:   "Stray cluster member removed",
			Templates: []string{"Forcing stray member {unit} to leave the cluster."},
			Samples: []string{
				"Clustering: Forcing stray member unit-2-1 to leave the cluster.",
				"Clustering: Forcing stray member asa2 to leave the cluster .",
			},
			Meaning: "A unit was found in the cluster that does not belong there at the moment; it is made to leave.",
			Action:  "None if the unit joins again soon. Otherwise read show cluster history on it and check its cluster control link.",
		},
		{
			ID: 747016, Severity: 4, Family: family,
			Summary: "Split cluster found, one control unit steps back",
			Templates: []string{
				"Found a split cluster with both {unit} and {other_unit} as master units. Master role retained by {retained_by}, {leaving_unit} will leave, then join as a slave.",
				"Found a split cluster with both {unit} and {other_unit} as control units. Control role retained by {retained_by}, {leaving_unit} will leave, then join as a data unit.",
				"Found a split cluster with both {unit} and {other_unit} as control nodes. Control node role retained by {retained_by}, {leaving_unit} will leave, then join as a data node.",
			},
			Samples: []string{
				"Clustering: Found a split cluster with both unit-1-1 and unit-2-1 as master units. Master role retained by unit-1-1, unit-2-1 will leave, then join as a slave.",
				"Clustering: Found a split cluster with both asa1 and asa2 as master units. Master role retained by asa1 , asa2 will leave, then join as a slave.",
				"Clustering: Found a split cluster with both unit-1-1 and unit-2-1 as control units. Control role retained by unit-1-1, unit-2-1 will leave, then join as a data unit.",
				"Clustering: Found a split cluster with both unit-1-1 and unit-2-1 as control nodes. Control node role retained by unit-1-1, unit-2-1 will leave, then join as a data node.",
			},
			Meaning: "Two units each led a part of the cluster and can communicate again. One keeps the control role, the other leaves and rejoins.",
			Action:  "The units could not communicate for a while. " + link,
		},
		{
			ID: 747017, Severity: 4, Family: family,
			Summary:   "Cluster member refused: cluster is full",
			Templates: []string{"Failed to enroll unit {unit} due to maximum member limit {limit:int} reached."},
			Samples: []string{
				"Clustering: Failed to enroll unit unit-3-1 due to maximum member limit 16 reached.",
			},
			Meaning: "The cluster already has as many members as it may have, so another unit cannot join.",
			Action:  "Take an unused unit out of the cluster, or turn clustering off on the surplus unit.",
		},
		{
			ID: 747018, Severity: 3, Family: family,
			Summary:   "Cluster state change timed out",
			Templates: []string{"State progression failed due to timeout in module {module:text}."},
			Samples: []string{
				"Clustering: State progression failed due to timeout in module CLUSTER_CFG_SYNC.",
				"Clustering: State progression failed due to timeout in module config sync .",
			},
			Meaning: "The state machine waited too long for a part of the device on its way to the next state, so a join or role change was given up.",
			Action:  "None if the next attempt succeeds. If not, read show cluster history: a slow configuration sync or a bad cluster control link is the usual cause.",
		},
		{
			ID: 747019, Severity: 4, Family: family,
			Summary: "Cluster member refused: control link subnet differs",
			Templates: []string{
				"New cluster member {unit} rejected due to Cluster Control Link IP subnet mismatch ({new_address}/{new_mask} on new unit, {local_address}/{local_mask} on local unit).",
			},
			Samples: []string{
				"Clustering: New cluster member unit-2-1 rejected due to Cluster Control Link IP subnet mismatch (192.0.2.21/255.255.255.0 on new unit, 198.51.100.11/255.255.255.0 on local unit).",
				"Clustering: New cluster member asa2 rejected due to Cluster Control Link IP subnet mismatch (192.0.2.21 /255.255.255.0 on new unit, 192.0.2.11 /255.255.255.128 on local unit).",
			},
			Meaning: "The control unit refused a joining unit because the address of its cluster control link is in another subnet.",
			Action:  "Correct address or mask of the cluster interface in the bootstrap configuration of the new unit.",
		},
		{
			ID: 747020, Severity: 4, Family: family,
			Summary:   "Cluster member refused: encryption license differs",
			Templates: []string{"New cluster member {unit} rejected due to encryption license mismatch."},
			Samples:   []string{"Clustering: New cluster member unit-2-1 rejected due to encryption license mismatch."},
			Meaning:   "The control unit refused a joining unit because its encryption license differs from the cluster's license.",
			Action:    "Give all units the same strong encryption (3DES/AES) license, then let the unit join again.",
		},
		{
			ID: 747021, Severity: 3, Family: family,
			Summary: "Control unit leaves the cluster: interface failed",
			Templates: []string{
				"Master unit {unit} is quitting due to interface health check failure on {interface}.",
				"Control unit {unit} is quitting due to interface health check failure on {interface}.",
				"Control node {unit} is quitting due to interface health check failure on {interface}.",
			},
			Samples: []string{
				"Clustering: Master unit unit-1-1 is quitting due to interface health check failure on outside.",
				"Clustering: Control unit unit-1-1 is quitting due to interface health check failure on Port-channel1.",
				"Clustering: Control node unit-1-1 is quitting due to interface health check failure on inside .",
			},
			Meaning: "The control unit failed the health check of one of its interfaces and turned clustering off on itself. Another unit takes over.",
			Action:  health,
		},
		{
			ID: 747022, Severity: 3, Family: family,
			Summary: "Data unit removed for a failed interface, will rejoin",
			Templates: []string{
				"Asking slave unit {unit} to quit because it failed interface health check {failures:int} times, rejoin will be attempted after {rejoin_minutes:int} min. Failed interface: {interface}.",
				"Asking data unit {unit} to quit because it failed interface health check {failures:int} times, rejoin will be attempted after {rejoin_minutes:int} min. Failed interface: {interface}.",
				"Asking data node {unit} to quit because it failed interface health check {failures:int} times, rejoin will be attempted after {rejoin_minutes:int} min. Failed interface: {interface}.",
			},
			Samples: []string{
				"Clustering: Asking slave unit unit-2-1 to quit because it failed interface health check 1 times, rejoin will be attempted after 5 min. Failed interface: outside.",
				"Clustering: Asking data unit unit-2-1 to quit because it failed interface health check 2 times, rejoin will be attempted after 10 min. Failed interface: Port-channel1.",
				"Clustering: Asking data node unit-2-1 to quit because it failed interface health check 1 times, rejoin will be attempted after 5 min. Failed interface: inside .",
			},
			Meaning: "A data unit failed the interface health check and had to leave the cluster. It has attempts left and joins again by itself after the time given.",
			Action:  health,
		},
		{
			ID: 747023, Severity: 3, Family: family,
			Summary: "Control unit leaves the cluster: service card failed",
			Templates: []string{
				"Master unit {unit} is quitting due to {card:text} health check failure, and {role:text} Security Service Card state is {state:text}.",
				"Control unit {unit} is quitting due to {card:text} health check failure, and {role:text} Security Service Card state is {state:text}.",
				"Control node {unit} is quitting due to {card:text} health check failure, and {role:text} Security Service Card state is {state:text}.",
			},
			Samples: []string{
				"Clustering: Master unit asa1 is quitting due to Security Service Card health check failure, and master Security Service Card state is Not Present.",
				"Clustering: Master unit asa1 is quitting due to SFR card health check failure, and master Security Service Card state is Down.",
				"Clustering: Control unit asa1 is quitting due to SFR card health check failure, and control unit Security Service Card state is Unresponsive.",
				"Clustering: Control node asa1 is quitting due to CX card health check failure, and control node Security Service Card state is Down.",
			},
			Meaning: "The service card in the control unit failed its health check, so the control unit leaves the cluster and another unit takes over.",
			Action:  card,
		},
		{
			ID: 747024, Severity: 3, Family: family,
			Summary: "Data unit removed: service card failed",
			Templates: []string{
				"Asking slave unit {unit} to quit due to {card:text} health check failure, and its Security Service Card state is {state:text}.",
				"Asking data unit {unit} to quit due to {card:text} health check failure, and its Security Service Card state is {state:text}.",
				"Asking data node {unit} to quit due to {card:text} health check failure, and its Security Service Card state is {state:text}.",
			},
			Samples: []string{
				"Clustering: Asking slave unit asa2 to quit due to Security Service Card health check failure, and its Security Service Card state is Not Present.",
				"Clustering: Asking slave unit asa2 to quit due to SFR card health check failure, and its Security Service Card state is Down.",
				"Clustering: Asking data unit asa2 to quit due to SFR card health check failure, and its Security Service Card state is Unresponsive.",
				"Clustering: Asking data node asa2 to quit due to CX card health check failure, and its Security Service Card state is Down.",
			},
			Meaning: "The service card in a data unit failed its health check, so the control unit made that unit leave the cluster.",
			Action:  card,
		},
		{
			ID: 747025, Severity: 4, Family: family,
			Summary:   "Cluster member refused: firewall mode differs",
			Templates: []string{"New cluster member {unit} rejected due to firewall mode mismatch."},
			Samples:   []string{"Clustering: New cluster member unit-2-1 rejected due to firewall mode mismatch."},
			Meaning:   "The control unit refused a joining unit because one of them is in routed and the other in transparent mode.",
			Action:    "Set the firewall mode of the new unit to the cluster's mode and let it join again.",
		},
		{
			ID: 747026, Severity: 4, Family: family,
			Summary: "Cluster member refused: cluster interface differs",
			Templates: []string{
				"New cluster member {unit} rejected due to cluster interface name mismatch ({new_interface} on new unit, {local_interface} on local unit).",
			},
			Samples: []string{
				"Clustering: New cluster member asa2 rejected due to cluster interface name mismatch (Port-channel2 on new unit, Port-channel1 on local unit).",
			},
			Meaning: "The control unit refused a joining unit that uses another interface as its cluster control link.",
			Action:  "Use the same interface for the cluster control link on every unit.",
		},
		{
			ID: 747027, Severity: 4, Family: family,
			Summary:   "Cluster member refused: address pool too small",
			Templates: []string{"Failed to enroll unit {unit} due to insufficient size of cluster pool {pool} in {context}."},
			Samples: []string{
				"Clustering: Failed to enroll unit asa3 due to insufficient size of cluster pool mgmt-pool in admin.",
				"Clustering: Failed to enroll unit asa3 due to insufficient size of cluster pool inside-pool in ctx1 .",
			},
			Meaning: "A unit could not be enrolled because a cluster address pool does not have an address left for it.",
			Action:  "Enlarge the named pool so that it has at least one address for each unit.",
		},
		{
			ID: 747028, Severity: 4, Family: family,
			Summary: "Cluster member refused: interface mode differs",
			Templates: []string{
				"New cluster member {unit} rejected due to interface mode mismatch ({new_mode} on new unit, {local_mode} on local unit).",
			},
			Samples: []string{
				"Clustering: New cluster member asa2 rejected due to interface mode mismatch (individual on new unit, spanned on local unit).",
			},
			Meaning: "The control unit refused a joining unit because one of them uses spanned and the other individual cluster interfaces.",
			Action:  "Set the cluster interface mode of the new unit to the cluster's mode. This can clear its interface configuration.",
		},
		{
			ID: 747029, Severity: 4, Family: family,
			Summary:   "Unit leaves the cluster: control link down",
			Templates: []string{"Unit {unit} is quitting due to Cluster Control Link down."},
			Samples:   []string{"Clustering: Unit unit-2-1 is quitting due to Cluster Control Link down."},
			Meaning:   "A unit lost its cluster control link and turned clustering off on itself.",
			Action:    link,
		},
		{
			ID: 747030, Severity: 3, Family: family,
			Summary: "Data unit removed for a failed interface, must be rejoined",
			Templates: []string{
				"Asking slave unit {unit} to quit because it failed interface health check {failures:int} times (last failure on {interface}), Clustering must be manually enabled on the unit to re-join.",
				"Asking data unit {unit} to quit because it failed interface health check {failures:int} times (last failure on {interface}), Clustering must be manually enabled on the unit to re-join.",
				"Asking data node {unit} to quit because it failed interface health check {failures:int} times (last failure on {interface}), Clustering must be manually enabled on the unit to re-join.",
			},
			Samples: []string{
				"Clustering: Asking slave unit unit-2-1 to quit because it failed interface health check 4 times (last failure on outside), Clustering must be manually enabled on the unit to re-join.",
				"Clustering: Asking slave unit asa2 to quit because it failed interface health check 4 times (last failure on inside ), Clustering must be manually enabled on the unit to re-join.",
				"Clustering: Asking data unit unit-2-1 to quit because it failed interface health check 4 times (last failure on Port-channel1), Clustering must be manually enabled on the unit to re-join.",
				"Clustering: Asking data node unit-2-1 to quit because it failed interface health check 4 times (last failure on outside), Clustering must be manually enabled on the unit to re-join.",
			},
			Meaning: "A data unit failed the interface health check once too often. It had to leave the cluster and has used up its attempts to rejoin.",
			Action:  "Repair the named interface of the unit. " + manual,
		},
		{
			ID: 747031, Severity: 3, Family: family,
			Summary: "Cluster join given up: platform differs",
			Templates: []string{
				"Platform mismatch between cluster master ({control_platform:text}) and joining unit {unit} ({platform:text}). {aborting_unit} aborting cluster join.",
				"Platform mismatch between cluster control unit ({control_platform:text}) and joining unit {unit} ({platform:text}). {aborting_unit} aborting cluster join.",
				"Platform mismatch between cluster control node ({control_platform:text}) and joining unit {unit} ({platform:text}). {aborting_unit} aborting cluster join.",
			},
			Samples: []string{
				"Clustering: Platform mismatch between cluster master (FPR-4110) and joining unit unit-2-1 (FPR-4120). unit-2-1 aborting cluster join.",
				"Clustering: Platform mismatch between cluster master (ASA5585-SSP-60 ) and joining unit asa2 (ASA5585-SSP-40 ). asa2 aborting cluster join.",
				"Clustering: Platform mismatch between cluster control unit (FPR-4110) and joining unit unit-2-1 (FPR-4120). unit-2-1 aborting cluster join.",
				"Clustering: Platform mismatch between cluster control node (FPR-3110) and joining unit unit-2-1 (FPR-3120). unit-2-1 aborting cluster join.",
			},
			Meaning: "The joining unit is another platform than the control unit, so it gave up.",
			Action:  "Build the cluster from one platform type only.",
		},
		{
			ID: 747032, Severity: 3, Family: family,
			Summary: "Cluster join given up: service module differs",
			Templates: []string{
				"Service module mismatch between cluster master ({control_module:text}) and joining unit {unit} ({module:text}) in slot {slot}. {aborting_unit} aborting cluster join.",
				"Service module mismatch between cluster master ({control_module:text}) and joining unit {unit} ({module:text})in slot {slot}. {aborting_unit} aborting cluster join.",
				"Service module mismatch between cluster control unit ({control_module:text}) and joining unit {unit} ({module:text}) in slot {slot}. {aborting_unit} aborting cluster join.",
				"Service module mismatch between cluster control node ({control_module:text}) and joining unit {unit} ({module:text}) in slot {slot}. {aborting_unit} aborting cluster join.",
			},
			Samples: []string{
				"Clustering: Service module mismatch between cluster master (ASA5585-SSP-IPS20) and joining unit asa2 (ASA5585-SSP-SFR20) in slot 1. asa2 aborting cluster join.",
				"Clustering: Service module mismatch between cluster master (ASA5585-SSP-IPS20 ) and joining unit asa2 (ASA5585-SSP-SFR20 )in slot 1 . asa2 aborting cluster join.",
				"Clustering: Service module mismatch between cluster control unit (ASA5585-SSP-IPS20) and joining unit asa2 (ASA5585-SSP-SFR20) in slot 1. asa2 aborting cluster join.",
				"Clustering: Service module mismatch between cluster control node (ASA5585-SSP-IPS20) and joining unit asa2 (ASA5585-SSP-SFR20) in slot 1. asa2 aborting cluster join.",
			},
			Meaning: "The external modules of the joining unit differ from the control unit's modules in type or order, so it gave up.",
			Action:  "Fit the joining unit with the same module types in the same slots as the control unit.",
		},
		{
			ID: 747033, Severity: 3, Family: family,
			Summary: "Cluster join given up: interfaces differ",
			Templates: []string{
				"Interface mismatch between cluster master and joining unit {unit}. {aborting_unit} aborting cluster join.",
				"Interface mismatch between cluster control unit and joining unit {unit}. {aborting_unit} aborting cluster join.",
				"Interface mismatch between cluster control node and joining unit {unit}. {aborting_unit} aborting cluster join.",
			},
			Samples: []string{
				"Clustering: Interface mismatch between cluster master and joining unit unit-2-1. unit-2-1 aborting cluster join.",
				"Clustering: Interface mismatch between cluster master and joining unit asa2 . asa2 aborting cluster join.",
				"Clustering: Interface mismatch between cluster control unit and joining unit unit-2-1. unit-2-1 aborting cluster join.",
				"Clustering: Interface mismatch between cluster control node and joining unit unit-2-1. unit-2-1 aborting cluster join.",
			},
			Meaning: "The joining unit does not have the same interfaces as the control unit, so it gave up.",
			Action:  "Make the same interfaces available on the joining unit as on the control unit.",
		},
		{
			ID: 747034, Severity: 4, Family: family,
			Summary: "Unit leaves the cluster: control link down, will rejoin",
			Templates: []string{
				"Unit {unit} is quitting due to Cluster Control Link down ({failures:int} times after last rejoin). Rejoin will be attempted after {rejoin_minutes:int} minutes.",
			},
			Samples: []string{
				"Unit unit-2-1 is quitting due to Cluster Control Link down (1 times after last rejoin). Rejoin will be attempted after 5 minutes.",
				"Clustering: Unit unit-2-1 is quitting due to Cluster Control Link down (1 times after last rejoin). Rejoin will be attempted after 5 minutes.",
			},
			Meaning: "A unit lost its cluster control link and has left the cluster. It tries to join again after the time given.",
			Action:  wait + " If the count grows, check the control link.",
		},
		{
			ID: 747035, Severity: 4, Family: family,
			Summary: "Unit leaves the cluster: control link down, must be rejoined",
			Templates: []string{
				"Unit {unit} is quitting due to Cluster Control Link down. Clustering must be manually enabled on the unit to rejoin.",
			},
			Samples: []string{
				"Unit unit-2-1 is quitting due to Cluster Control Link down. Clustering must be manually enabled on the unit to rejoin.",
				"Clustering: Unit unit-2-1 is quitting due to Cluster Control Link down. Clustering must be manually enabled on the unit to rejoin.",
			},
			Meaning: "A unit lost its cluster control link, has left the cluster and will not try to rejoin.",
			Action:  link + " " + manual,
		},
		{
			ID: 747036, Severity: 3, Family: family,
			Summary: "Cluster join given up: application software differs",
			Templates: []string{
				"Application software mismatch between cluster master {control_unit} ({control_software:text}) and joining unit ({software:text}). {unit} aborting cluster join.",
				"Application software mismatch between cluster control unit {control_unit} ({control_software:text}) and joining unit ({software:text}). {unit} aborting cluster join.",
				"Application software mismatch between cluster control node {control_unit} ({control_software:text}) and joining unit ({software:text}). {unit} aborting cluster join.",
			},
			Samples: []string{
				"Application software mismatch between cluster master unit-1-1 (ftd 6.4.0.102) and joining unit (asa 9.12.1). unit-2-1 aborting cluster join.",
				"Application software mismatch between cluster master unit-1-1[unit-1-1] (ftd[FTD]) and joining unit (asa[ASA]). unit-2-1[unit-2-1] aborting cluster join.",
				"Application software mismatch between cluster control unit unit-1-1 (ftd) and joining unit (asa). unit-2-1 aborting cluster join.",
				"Application software mismatch between cluster control node unit-1-1 (ftd) and joining unit (asa). unit-2-1 aborting cluster join.",
				"Clustering: Application software mismatch between cluster master unit-1-1 (ftd) and joining unit (asa). unit-2-1 aborting cluster join.",
			},
			Meaning: "The joining unit runs another application than the control unit and was kept out of the cluster.",
			Action:  "Install the same application and service on the joining unit. " + manual,
		},
		{
			ID: 747037, Severity: 3, Family: family,
			Summary: "Data unit removed for its service module, will rejoin",
			Templates: []string{
				"Asking slave unit {unit} to quit due to its Security Service Module health check failure {failures:int} times, and its Security Service Module state is {state:text}. Rejoin will be attempted after {rejoin_minutes:int} minutes.",
				"Asking data unit {unit} to quit due to its Security Service Module health check failure {failures:int} times, and its Security Service Module state is {state:text}. Rejoin will be attempted after {rejoin_minutes:int} minutes.",
				"Asking data node {unit} to quit due to its Security Service Module health check failure {failures:int} times, and its Security Service Module state is {state:text}. Rejoin will be attempted after {rejoin_minutes:int} minutes.",
			},
			Samples: []string{
				"Asking slave unit asa2 to quit due to its Security Service Module health check failure 1 times, and its Security Service Module state is Down. Rejoin will be attempted after 5 minutes.",
				"Asking data unit asa2 to quit due to its Security Service Module health check failure 2 times, and its Security Service Module state is Not Present. Rejoin will be attempted after 10 minutes.",
				"Asking data node asa2 to quit due to its Security Service Module health check failure 1 times, and its Security Service Module state is Down. Rejoin will be attempted after 5 minutes.",
				"Clustering: Asking slave unit asa2 to quit due to its Security Service Module health check failure 1 times, and its Security Service Module state is Down. Rejoin will be attempted after 5 minutes.",
			},
			Meaning: "The service module of a data unit failed its health check and the unit had to leave the cluster. It joins again by itself after the time given.",
			Action:  card,
		},
		{
			ID: 747038, Severity: 3, Family: family,
			Summary: "Data unit removed for its service module, must be rejoined",
			Templates: []string{
				"Asking slave unit {unit} to quit due to Security Service Module health check failure {failures:int} times, and its Security Service Card Module is {state:text}. Clustering must be manually enabled on this unit to rejoin.",
				"Asking slave unit {unit} to quit due to its Security Service Module health check failure {failures:int} times, and its Security Service Module state is {state:text}. Clustering must be manually enabled on this unit to rejoin.",
				"Asking data unit {unit} to quit due to Security Service Module health check failure {failures:int} times, and its Security Service Card Module is {state:text}. Clustering must be manually enabled on this unit to rejoin.",
				"Asking data node {unit} to quit due to Security Service Module health check failure {failures:int} times, and its Security Service Card Module is {state:text}. Clustering must be manually enabled on this unit to rejoin.",
			},
			Samples: []string{
				"Asking slave unit asa2 to quit due to Security Service Module health check failure 4 times, and its Security Service Card Module is Down. Clustering must be manually enabled on this unit to rejoin.",
				"Asking slave unit asa2 to quit due to its Security Service Module health check failure 4 times, and its Security Service Module state is Down. Clustering must be manually enabled on this unit to rejoin.",
				"Asking data unit asa2 to quit due to Security Service Module health check failure 4 times, and its Security Service Card Module is Not Present. Clustering must be manually enabled on this unit to rejoin.",
				"Asking data node asa2 to quit due to Security Service Module health check failure 4 times, and its Security Service Card Module is Down. Clustering must be manually enabled on this unit to rejoin.",
				"Clustering: Asking slave unit asa2 to quit due to Security Service Module health check failure 4 times, and its Security Service Card Module is Down. Clustering must be manually enabled on this unit to rejoin.",
			},
			Meaning: "The service module of a data unit failed its health check once too often. The unit had to leave the cluster and will not rejoin by itself.",
			Action:  card + " " + manual,
		},
		{
			ID: 747039, Severity: 3, Family: family,
			Summary: "Unit leaves the cluster: system failure, will rejoin",
			Templates: []string{
				"Unit {unit} is quitting due to system failure for {failures:int} time(s) (last failure is {last_failure:text}). Rejoin will be attempted after {rejoin_minutes:int} minutes.",
			},
			Samples: []string{
				"Unit unit-2-1 is quitting due to system failure for 1 time(s) (last failure is Configuration sync timed out). Rejoin will be attempted after 5 minutes.",
				"Clustering: Unit unit-2-1 is quitting due to system failure for 2 time(s) (last failure is Cluster interface failure). Rejoin will be attempted after 10 minutes.",
			},
			Meaning: "A unit has left the cluster because of an internal failure. It tries to join again after the time given.",
			Action:  wait + " " + system,
		},
		{
			ID: 747040, Severity: 3, Family: family,
			Summary: "Unit leaves the cluster: system failure, must be rejoined",
			Templates: []string{
				"Unit {unit} is quitting due to system failure for {failures:int} time(s) (last failure is {last_failure:text}). Clustering must be manually enabled on the unit to rejoin.",
			},
			Samples: []string{
				"Unit unit-2-1 is quitting due to system failure for 4 time(s) (last failure is Configuration sync timed out). Clustering must be manually enabled on the unit to rejoin.",
				"Clustering: Unit unit-2-1 is quitting due to system failure for 4 time(s) (last failure is Cluster interface failure). Clustering must be manually enabled on the unit to rejoin.",
			},
			Meaning: "A unit has left the cluster because of repeated internal failures and will not rejoin by itself.",
			Action:  system + " " + manual,
		},
		{
			ID: 747041, Severity: 3, Family: family, MayCarry: []ID{747040},
			Summary: "Control unit leaves for a failed interface, must be rejoined",
			Templates: []string{
				"Master unit {unit} is quitting due to interface health check failure on {interface}, {failures:int} times. Clustering must be manually enabled on the unit to rejoin.",
				"Control unit {unit} is quitting due to interface health check failure on {interface}, {failures:int} times. Clustering must be manually enabled on the unit to rejoin.",
				"Control node {unit} is quitting due to interface health check failure on {interface}, {failures:int} times. Clustering must be manually enabled on the unit to rejoin.",
			},
			Samples: []string{
				"Master unit unit-1-1 is quitting due to interface health check failure on outside, 4 times. Clustering must be manually enabled on the unit to rejoin.",
				"Control unit unit-1-1 is quitting due to interface health check failure on Port-channel1, 4 times. Clustering must be manually enabled on the unit to rejoin.",
				"Control node unit-1-1 is quitting due to interface health check failure on inside, 4 times. Clustering must be manually enabled on the unit to rejoin.",
				"Clustering: Master unit unit-1-1 is quitting due to interface health check failure on outside, 4 times. Clustering must be manually enabled on the unit to rejoin.",
			},
			Meaning: "The control unit failed the health check of an interface once too often and has left the cluster. Another unit leads now; this one will not rejoin by itself.",
			Action:  "Repair the named interface of the unit. " + manual,
		},
		{
			ID: 747042, Severity: 3, Family: family,
			Summary: "Unknown cluster member asked for the configuration hash",
			Templates: []string{
				"Master received the config hash string request message from an unknown member with id {member}",
				"Master received the config hash string request message from an unknown member, id {member}",
				"Control unit received the config hash string request message from an unknown member with id {member}",
				"Control node received the config hash string request message from an unknown member with id {member}",
			},
			Samples: []string{
				"Clustering: Master received the config hash string request message from an unknown member with id 3",
				"Clustering: Master received the config hash string request message from an unknown member, id <3>",
				"Clustering: Control unit received the config hash string request message from an unknown member with id 2",
				"Clustering: Control node received the config hash string request message from an unknown member with id 2",
			},
			Meaning: "The control unit was asked for the hash of its configuration by an unknown member.",
			Action:  "Check that the asking unit is still in the ONCALL state: show cluster info on both units.",
		},
		{
			ID: 747043, Severity: 3, Family: family,
			Summary: "Configuration hash not received from the control unit",
			Templates: []string{
				"Get config hash string from master error: ret_code {code:int}, string_len {length:int}",
				"Get config hash string from master error.",
				"Get config hash string from control unit error: ret_code {code:int}, string_len {length:int}",
				"Get config hash string from control node error: ret_code {code:int}, string_len {length:int}",
			},
			Samples: []string{
				"Clustering: Get config hash string from master error: ret_code 1, string_len 0",
				"Clustering: Get config hash string from master error.",
				"Clustering: Get config hash string from control unit error: ret_code 1, string_len 0",
				"Clustering: Get config hash string from control node error: ret_code 1, string_len 0",
			},
			Meaning: "A joining unit could not get the hash of the control unit's configuration. Return code 0 is success, 1 is failure; the length is the length of the hash.",
			Action:  "Turn on debug cluster ccp on the units, reproduce the join and take the output to Cisco TAC.",
		},
		{
			ID: 747044, Severity: 6, Family: family,
			Summary: "Configuration hash compared with the control unit's",
			Templates: []string{
				"Configuration Hash string verification {result}",
			},
			Samples: []string{
				"Configuration Hash string verification PASSED",
				"Clustering: Configuration Hash string verification FAILED.",
			},
			Meaning: "The joining unit has compared the hash of its configuration with the control unit's hash; the result is PASSED or FAILED.",
			Action:  "None. After FAILED the whole configuration is copied, so the join takes longer.",
		},
	}
}
