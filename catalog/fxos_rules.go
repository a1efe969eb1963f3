package catalog

// faultGroups lists the rules by component. Codes and names are from the MIB;
// severities are the usual ones of the same rules in Cisco UCS Manager and may
// differ on a firewall.
func faultGroups() []faultGroup {
	return []faultGroup{
		{"fan", "Listen and look at the fan, check that nothing blocks the air, and reseat or replace the fan or its module before the temperature rises.", fanRules()},
		{"power_supply", "Check the cord, the outlet and the feed of the supply, reseat it, and replace it if the fault stays. A second failure may switch the device off.", supplyRules()},
		{"temperature", "Check the cooling of the room, the fans and the filters, and that nothing blocks the air. A critical temperature ends in a shutdown.", temperatureRules()},
		{"voltage", "Check the power feed and the supplies. If the fault stays or returns, plan to replace the part and contact Cisco TAC.", voltageRules()},
		{"memory", "Plan a maintenance window to reseat or replace the module, and contact Cisco TAC if faults of memory return.", memoryRules()},
		{"cpu", "Collect a show tech-support of the chassis and contact Cisco TAC; the module must probably be replaced.", cpuRules()},
		{"disk", "Free space or replace the drive, and check that logs and captures are not lost. Save a backup of the configuration first.", diskRules()},
		{"port", "Check the cable, the transceiver and the port of the neighbor, and whether someone has shut it down on purpose.", portRules()},
		{"module", "Look at show slot, show server status and show app-instance on the chassis, reseat or restart the module, and contact Cisco TAC if it does not return.", moduleRules()},
		{"chassis", "Collect a show tech-support of the chassis and contact Cisco TAC.", chassisRules()},
		{"software", "Look at show fault and at the versions and processes of the chassis; restart or upgrade what the fault names.", softwareRules()},
		{"license", "Accept the agreement or install the license in the chassis manager.", licenseRules()},
	}
}

func fanRules() []faultRule {
	return []faultRule{
		{371, "equipmentFanDegraded", minor, dnFan, "Fan degraded", "A fan runs, but not as it should."},
		{373, "equipmentFanInoperable", major, dnFan, "Fan inoperable", "A fan does not work."},
		{377, "equipmentFanModuleMissing", warning, dnFanModule, "Fan module missing", "A fan module was taken out or is not recognized."},
		{395, "equipmentFanPerfThresholdNonCritical", info, dnFan, "Fan speed slightly off", "The speed of a fan has left its normal range."},
		{396, "equipmentFanPerfThresholdCritical", info, dnFan, "Fan speed off", "The speed of a fan is far from its normal range."},
		{397, "equipmentFanPerfThresholdNonRecoverable", info, dnFan, "Fan speed out of range", "The speed of a fan is so far from its range that it must be expected to fail."},
		{406, "equipmentFanModuleIdentity", critical, dnFanModule, "Fan module cannot be identified", "A fan module is damaged, unsupported or not the right one for this chassis."},
		{434, "equipmentFanMissing", warning, dnFan, "Fan missing", "A fan was taken out or is not recognized."},
		{480, "equipmentFanModuleDegraded", minor, dnFanModule, "Fan module degraded", "A fan of a module does not work, or the module works only in part."},
		{484, "equipmentFanPerfThresholdLowerNonRecoverable", info, dnFan, "Fan nearly stands still", "The speed of a fan has fallen so far that it hardly cools."},
		{794, "equipmentFanModuleInoperable", major, dnFanModule, "Fan module inoperable", "A fan module does not work."},
	}
}

func supplyRules() []faultRule {
	return []faultRule{
		{310, "computeBoardPowerError", major, dnBoard, "Board has a power problem", "A board does not get the power that it needs."},
		{311, "computePhysicalPowerProblem", major, dnBlade, "Module has a power problem", "A module cannot be powered on or off as it should."},
		{369, "equipmentPsuPowerSupplyProblem", major, dnSupply, "Power supply has a problem", "A power supply does not deliver what it should, or does not have input power."},
		{374, "equipmentPsuInoperable", major, dnSupply, "Power supply inoperable", "A power supply does not work."},
		{378, "equipmentPsuMissing", warning, dnSupply, "Power supply missing", "A power supply was taken out or is not recognized."},
		{392, "equipmentPsuPerfThresholdNonCritical", minor, dnSupply, "Power supply output slightly off", "The output of a power supply has left its normal range."},
		{393, "equipmentPsuPerfThresholdCritical", major, dnSupply, "Power supply output off", "The output of a power supply is far from its normal range."},
		{394, "equipmentPsuPerfThresholdNonRecoverable", critical, dnSupply, "Power supply output out of range", "The output of a power supply may damage what it feeds."},
		{407, "equipmentPsuIdentity", critical, dnSupply, "Power supply cannot be identified", "A power supply is damaged, unsupported or not the right one for this chassis."},
		{408, "equipmentChassisPowerProblem", major, dnChassis, "Chassis has a power problem", "The chassis as a whole does not get the power that it needs."},
		{528, "equipmentPsuOffline", warning, dnSupply, "Power supply off", "A power supply is plugged in and does not deliver power, mostly for lack of input."},
		{742, "powerChassisMemberChassisPsuInsufficient", warning, "sys/power-ep/group-0/chassis-1", "Power supplies insufficient", "There are not enough working power supplies for what is installed."},
		{743, "powerChassisMemberChassisPsuRedundanceFailure", major, "sys/power-ep/group-0/chassis-1", "Redundancy of power supplies lost", "The failure of one more power supply switches the chassis off."},
		{868, "computeBoardPowerFail", critical, dnBoard, "Board without power", "The power of a board has failed."},
		{881, "equipmentPsuPowerSupplyShutdown", major, dnSupply, "Power supply switched itself off", "A power supply has switched itself off to protect itself."},
		{882, "equipmentPsuPowerThreshold", critical, dnSupply, "Power supply overloaded", "A power supply delivers more than it is made for."},
		{883, "equipmentPsuInputError", critical, dnSupply, "Power supply without proper input", "The input of a power supply is missing or out of range."},
		{1421, "powerBudgetChassisPsuMixedMode", major, "sys/chassis-1/budget", "Different power supplies mixed", "Power supplies of different kinds are installed side by side."},
	}
}

func temperatureRules() []faultRule {
	return []faultRule{
		{175, "processorUnitThermalNonCritical", minor, dnCPU, "Processor warm", "A processor is warmer than usual."},
		{176, "processorUnitThermalThresholdCritical", major, dnCPU, "Processor too hot", "A processor is so hot that it slows down."},
		{177, "processorUnitThermalThresholdNonRecoverable", critical, dnCPU, "Processor overheated", "A processor is about to be switched off because of heat."},
		{186, "memoryUnitThermalThresholdNonCritical", minor, dnMemory, "Memory module warm", "A memory module is warmer than usual."},
		{187, "memoryUnitThermalThresholdCritical", major, dnMemory, "Memory module too hot", "A memory module is outside the temperatures that it is made for."},
		{188, "memoryUnitThermalThresholdNonRecoverable", critical, dnMemory, "Memory module overheated", "A memory module may be damaged by heat."},
		{312, "computePhysicalThermalProblem", minor, dnBlade, "Module has a heat problem", "A module is warmer than it should be."},
		{380, "equipmentFanModuleThermalThresholdNonCritical", minor, dnFanModule, "Air at a fan module warm", "The temperature at a fan module is above its normal range."},
		{381, "equipmentPsuThermalThresholdNonCritical", minor, dnSupply, "Power supply warm", "A power supply is warmer than usual."},
		{382, "equipmentFanModuleThermalThresholdCritical", major, dnFanModule, "Air at a fan module too hot", "The temperature at a fan module is far above its normal range."},
		{383, "equipmentPsuThermalThresholdCritical", major, dnSupply, "Power supply too hot", "A power supply is far above its normal temperature."},
		{384, "equipmentFanModuleThermalThresholdNonRecoverable", critical, dnFanModule, "Fan module overheated", "The temperature at a fan module is dangerous for the chassis."},
		{385, "equipmentPsuThermalThresholdNonRecoverable", critical, dnSupply, "Power supply overheated", "A power supply is about to switch itself off because of heat."},
		{409, "equipmentChassisThermalThresholdCritical", major, dnChassis, "Chassis too hot", "A sensor of the chassis is far above its normal temperature."},
		{410, "equipmentChassisThermalThresholdNonCritical", minor, dnChassis, "Chassis warm", "A sensor of the chassis is above its normal temperature."},
		{411, "equipmentChassisThermalThresholdNonRecoverable", critical, dnChassis, "Chassis overheated", "The chassis is about to be switched off because of heat."},
		{539, "computeIohubThermalThresholdCritical", major, dnBoard + "/iohub", "I/O hub too hot", "The I/O hub of a module is far above its normal temperature."},
		{540, "computeIohubThermalThresholdNonRecoverable", critical, dnBoard + "/iohub", "I/O hub overheated", "The I/O hub of a module may be damaged by heat."},
		{1080, "networkElementThermalThresholdCritical", critical, dnSwitch, "Supervisor too hot", "The supervisor of the chassis is far above its normal temperature."},
	}
}

func voltageRules() []faultRule {
	return []faultRule{
		{178, "processorUnitVoltageThresholdNonCritical", minor, dnCPU, "Voltage of a processor slightly off", "The voltage of a processor has left its normal range."},
		{179, "processorUnitVoltageThresholdCritical", major, dnCPU, "Voltage of a processor off", "The voltage of a processor is far from its normal range."},
		{180, "processorUnitVoltageThresholdNonRecoverable", critical, dnCPU, "Voltage of a processor out of range", "The voltage of a processor may damage it."},
		{189, "memoryArrayVoltageThresholdNonCritical", minor, dnArray, "Voltage of memory slightly off", "The voltage of memory modules has left its normal range."},
		{190, "memoryArrayVoltageThresholdCritical", major, dnArray, "Voltage of memory off", "The voltage of memory modules is far from its normal range."},
		{191, "memoryArrayVoltageThresholdNonRecoverable", critical, dnArray, "Voltage of memory out of range", "The voltage of memory modules may damage them."},
		{387, "equipmentPsuVoltageThresholdNonCritical", minor, dnSupply, "Voltage of a power supply slightly off", "The voltage of a power supply has left its normal range."},
		{389, "equipmentPsuVoltageThresholdCritical", major, dnSupply, "Voltage of a power supply off", "The voltage of a power supply is far from its normal range."},
		{391, "equipmentPsuVoltageThresholdNonRecoverable", critical, dnSupply, "Voltage of a power supply out of range", "The voltage of a power supply may damage what it feeds."},
		{424, "computeBoardCmosVoltageThresholdCritical", major, dnBoard, "Voltage of the CMOS battery low", "The battery of the clock and the settings of a board is nearly empty."},
		{425, "computeBoardCmosVoltageThresholdNonRecoverable", critical, dnBoard, "CMOS battery empty", "The battery of the clock and the settings of a board is empty."},
		{533, "computeRtcBatteryInoperable", major, dnBoard, "Clock battery inoperable", "The battery of the clock of a board does not work."},
	}
}

func memoryRules() []faultRule {
	return []faultRule{
		{184, "memoryUnitDegraded", minor, dnMemory, "Memory module degraded", "A memory module has more errors that can be corrected than it should have."},
		{185, "memoryUnitInoperable", major, dnMemory, "Memory module inoperable", "A memory module has errors that cannot be corrected."},
		{844, "memoryUnitDisabled", major, dnMemory, "Memory module disabled", "A memory module is not used, mostly because of errors at boot."},
		{1520, "networkElementMemoryerror", major, dnSwitch, "Memory errors of the supervisor", "The memory of the supervisor has errors."},
		{1771, "sysdebugMemoryOverallHighSystemMemoryUsage", major, "sys/diag/memory", "Memory of the chassis nearly used up", "The operating system of the chassis has little memory left."},
		{1772, "sysdebugMemoryProcessProcessStackMemoryHigh", major, "sys/diag/memory", "Process uses much memory for its stack", "The stack of a process of the chassis uses more memory than expected."},
		{1773, "sysdebugMemoryProcessProcessHeapMemoryHigh", major, "sys/diag/memory", "Process uses much memory for its heap", "The heap of a process of the chassis uses more memory than expected."},
	}
}

func cpuRules() []faultRule {
	return []faultRule{
		{174, "processorUnitInoperable", critical, dnCPU, "Processor inoperable", "A processor does not work."},
		{842, "processorUnitDisabled", info, dnCPU, "Processor disabled", "A processor is not used, mostly because of errors at boot."},
		{1774, "sysdebugCpuOverallCpuUsageHigh", major, "sys/diag/cpu", "CPU of the chassis busy", "The operating system of the chassis uses more CPU than expected."},
	}
}

func diskRules() []faultRule {
	return []faultRule{
		{181, "storageLocalDiskInoperable", major, dnDisk, "Drive inoperable", "A drive does not work."},
		{182, "storageItemCapacityExceeded", major, dnPartition, "Partition full", "A partition of the supervisor is more than 90% full."},
		{183, "storageItemCapacityWarning", minor, dnPartition, "Partition nearly full", "A partition of the supervisor is more than 70% full."},
		{776, "storageLocalDiskSlotEpUnusable", warning, dnDisk, "Drive in an unusable slot", "A drive is in a slot where it cannot be used."},
		{996, "storageLocalDiskDegraded", warning, dnDisk, "Drive degraded", "A drive reports that it is about to fail."},
		{1004, "storageControllerInoperable", critical, dnController, "Storage controller inoperable", "A storage controller does not work, so none of its drives does."},
		{1005, "storageLocalDiskRebuildFailed", major, dnDisk, "Rebuild of a drive failed", "A drive could not be made part of its array again."},
		{1007, "storageVirtualDriveInoperable", critical, dnController + "/vd-0", "Virtual drive inoperable", "An array of drives does not work."},
		{1008, "storageVirtualDriveDegraded", warning, dnController + "/vd-0", "Virtual drive degraded", "An array of drives works without redundancy."},
		{1219, "storageItemFilesystemIssues", major, dnPartition, "File system damaged", "A file system of the supervisor has errors."},
		{1256, "storageLocalDiskMissing", major, dnDisk, "Drive missing", "A drive was taken out or is not recognized."},
		{1494, "storageMezzFlashLifeConfigurationError", info, "sys/chassis-1/blade-1/board/storage-FLASH-1", "Life of flash storage unknown", "The remaining life of flash storage cannot be read."},
		{1495, "storageMezzFlashLifeDegraded", warning, "sys/chassis-1/blade-1/board/storage-FLASH-1", "Flash storage worn out", "Flash storage has been written nearly as often as it may be."},
		{1538, "smSlotDiskFormatFailed", major, dnSlot, "Drive of a security module cannot be formatted", "The drive of a security module could not be formatted."},
	}
}

func portRules() []faultRule {
	return []faultRule{
		{276, "portPioLinkDown", major, dnPort, "Link of a port down", "A port is switched on and does not have a link."},
		{277, "portPioFailed", major, dnPort, "Port failed", "A port does not work."},
		{278, "portPioHardwareFailure", major, dnPort, "Hardware of a port failed", "The hardware of a port does not work."},
		{279, "portPioSfpNotPresent", info, dnPort, "Transceiver missing", "A port does not have a transceiver."},
		{282, "fabricExternalPcDown", major, "fabric/lan/A/pc-48", "Port channel down", "None of the members of a port channel works."},
		{713, "portPioInvalidSfp", major, dnPort, "Transceiver unsupported", "A port has a transceiver that is not supported."},
		{727, "fabricEthLanPcEpDown", major, "fabric/lan/A/pc-48/ep-slot-1-port-3", "Member of a port channel down", "A port is not part of its port channel at present."},
		{1638, "etherFtwPortPairBypass", major, "fabric/lan/A/ftw-pair-1", "Port pair in bypass", "Traffic passes a pair of ports without being inspected."},
		{1677, "equipmentXcvrNonSupportedXcvr", major, dnPort + "/transceiver", "Transceiver not of a supported kind", "A port has a transceiver that this platform does not support."},
		{1799, "etherFtwPortPairPhyBypass", major, "fabric/lan/A/ftw-pair-1", "Port pair in bypass by hardware", "The hardware has connected a pair of ports, so traffic is not inspected."},
		{1800, "etherFtwPortPairPhyBypassErr", major, "fabric/lan/A/ftw-pair-1", "Bypass of a port pair does not work", "The hardware could not switch the bypass of a pair of ports."},
	}
}

func moduleRules() []faultRule {
	return []faultRule{
		{317, "computePhysicalInoperable", major, dnBlade, "Module inoperable", "A security module or engine does not work."},
		{319, "computePhysicalAssignedMissing", major, dnBlade, "Module missing", "A module that is in use was taken out or is not recognized."},
		{322, "computePhysicalAssignedInaccessible", minor, dnBlade, "Module cannot be reached", "The supervisor has lost contact with a module that is in use."},
		{1536, "smSlotSmaHeartbeat", major, dnSlot, "Module does not answer", "The agent on a security module does not answer the supervisor."},
		{1537, "smSlotBladeNotWorking", major, dnSlot, "Module not working", "A security module is not in a state in which it can run a firewall."},
		{1539, "smSlotBladeSwap", warning, dnSlot, "Module replaced by another", "The security module in a slot is another one than before."},
		{1540, "smAppInstanceAppNotResponding", critical, dnApp, "Firewall does not answer the chassis", "The firewall on a module has stopped answering the supervisor."},
		{1542, "smAppInstanceAppStartFailed", critical, dnApp, "Firewall does not start", "The firewall on a module could not be started."},
		{1574, "osControllerFailedBladeBootup", major, dnBlade, "Module does not boot", "A module has failed to boot."},
		{1718, "nwctrlCardConfigOffline", major, dnCard, "Network module off", "A network module is switched off."},
		{1719, "nwctrlCardConfigFailed", major, dnCard, "Network module failed", "A network module does not work."},
		{1720, "nwctrlCardConfigError", major, dnCard, "Network module in error", "A network module could not be configured."},
		{1723, "nwctrlCardConfigRemoval", warning, dnCard, "Network module removed", "A network module was taken out after it had been switched off."},
		{1725, "nwctrlCardConfigSupriseRemoval", major, dnCard, "Network module pulled out in operation", "A network module was taken out without having been switched off."},
		{1736, "smAppInstance2AppNotResponding", critical, dnApp, "Firewall instance does not answer", "An instance of the firewall has stopped answering the supervisor."},
		{1738, "smAppInstance2AppStartFailed", critical, dnApp, "Firewall instance does not start", "An instance of the firewall could not be started."},
		{1757, "smAppInstance2AppFaultState", critical, dnApp, "Firewall instance failed", "An instance of the firewall reports that it has failed."},
		{1796, "smHwCryptoHwCryptoNotOperable", major, dnSlot + "/hw-crypto", "Crypto hardware inoperable", "The crypto accelerator of a module cannot be used."},
	}
}

func chassisRules() []faultRule {
	return []faultRule{
		{291, "networkElementInoperable", critical, dnSwitch, "Supervisor inoperable", "The supervisor or the switch in the chassis does not work."},
		{456, "equipmentChassisInoperable", critical, dnChassis, "Chassis inoperable", "The chassis as a whole does not work."},
		{733, "equipmentChassisSeepromInoperable", critical, dnChassis, "Identity of the chassis cannot be read", "The memory with the identity of the chassis does not work."},
		{1407, "equipmentChassisInvalidFru", major, dnChassis, "Chassis has wrong identity data", "The identity data of the chassis is wrong or incomplete."},
		{1792, "equipmentFpgaFpgaUpgradeRequired", warning, "sys/chassis-1/fpga-1", "FPGA must be upgraded", "The programmable logic of the chassis needs an upgrade."},
	}
}

func softwareRules() []faultRule {
	return []faultRule{
		{460, "sysdebugMepLogMEpLogLog", info, dnBlade + "/mgmt/log-SEL-0", "Event log of a module fills up", "The event log of a module has little room left."},
		{461, "sysdebugMepLogMEpLogVeryLow", info, dnBlade + "/mgmt/log-SEL-0", "Event log of a module nearly full", "The event log of a module has hardly any room left."},
		{462, "sysdebugMepLogMEpLogFull", info, dnBlade + "/mgmt/log-SEL-0", "Event log of a module full", "The event log of a module is full and takes nothing more."},
		{909, "pkiKeyRingStatus", major, "sys/pki-ext/keyring-default", "Certificate of the chassis invalid", "A certificate of the chassis has expired or is not valid."},
		{910, "pkiTpStatus", major, "sys/pki-ext/tp-ca1", "Trust point invalid", "A trust point of the chassis has expired or is not valid."},
		{1565, "mgmtPmonEntryFprmProcessFailure", critical, "sys/mgmt/pmon-1", "Process of the chassis failed", "A process of the chassis manager has failed."},
		{1732, "smClusterBootstrapCclSubnetNotSupported", major, dnApp + "/cluster-bootstrap", "Subnet of the cluster link unsupported", "The subnet of the cluster control link is not supported."},
		{1767, "firmwareVersionIssueImageVersionMismatch", critical, "sys/version-issue", "Versions of images differ", "The versions of the images on the chassis do not belong together."},
		{1768, "firmwareActivateIssueImageVersionMismatch", critical, "sys/activate-issue", "Versions of images to activate differ", "The versions of the images to activate do not belong together."},
		{1769, "firmwareMgrVersionMismatchImageVersionMismatch", critical, "sys/version-mismatch", "Manager and images have different versions", "The version of the chassis manager does not match the versions of its images."},
		{1810, "commNtpProviderCommNtpStratumCheckFailed", major, "sys/svc-ext/datetime-svc/ntp-192.0.2.1", "Time server unusable", "A time server is too far from a reference clock, so it is not used."},
		{1817, "commDeviceManagerCommDeviceSftunnelDown", major, "sys/device-manager", "Tunnel to the management center down", "The management connection of the chassis to its management center is down."},
		{1818, "commDeviceManagerCommDeviceSfipproxyDown", major, "sys/device-manager", "Proxy to the management center down", "The program that connects the chassis with its management center does not work."},
		{1819, "commDeviceManagerCommDeviceManagerNotReachable", major, "sys/device-manager", "Management center unreachable", "The chassis cannot reach its management center."},
		{1821, "mgmtPmonEntryProcessRestarted", warning, "sys/mgmt/pmon-1", "Process of the chassis restarted", "A process of the chassis manager was restarted."},
	}
}

func licenseRules() []faultRule {
	return []faultRule{
		{677, "licenseFileBadLicenseFile", critical, "sys/license/file-1", "License file unusable", "A license file is damaged or belongs to another chassis."},
		{1623, "smAppLicenseAgreementNotAccepted", warning, "sys/app-catalogue/ftd", "License agreement not accepted", "The license agreement of a firewall image was not accepted, so it cannot be used."},
	}
}
