package catalog

// imageUpdate lists the messages about software images, 769001 to 769009: files
// copied, verified, added to the boot list and booted. The word before "image"
// is the product, which differs between platforms.
func imageUpdate() []Entry {
	const (
		family  = "image_update"
		planned = "None if this is part of a planned upgrade; otherwise find out who changes the software of the device."
	)
	return []Entry{
		{
			ID: 769001, Severity: 5, Family: family,
			Summary:   "Image added to the boot list",
			Templates: []string{"UPDATE: {system:text} image {image} was added to system boot list"},
			Samples: []string{
				"UPDATE: ASA image disk0:/asa9-16-4-smp-k8.bin was added to system boot list",
				"UPDATE: Threat Defense image disk0:/os.img was added to system boot list",
			},
			Meaning: "A software image that was downloaded before is now in the list of images to boot. It runs after the next reload.",
			Action:  planned,
		},
		{
			ID: 769002, Severity: 5, Family: family,
			Summary:   "Image copied to the device",
			Templates: []string{"UPDATE: {system:text} image {image} was copied to {destination}"},
			Samples: []string{
				"UPDATE: ASA image https://192.0.2.10/asa9-16-4-smp-k8.bin was copied to disk0:/asa9-16-4-smp-k8.bin",
				"UPDATE: FTD image tftp://192.0.2.10/os.img was copied to disk0:/os.img",
			},
			Meaning: "A software image was copied to the storage of the device.",
			Action:  planned,
		},
		{
			ID: 769003, Severity: 5, Family: family,
			Summary:   "Image renamed to the name in the boot list",
			Templates: []string{"UPDATE: {system:text} image {image} was renamed to {destination}"},
			Samples:   []string{"UPDATE: ASA image disk0:/asa-new.bin was renamed to disk0:/asa9-16-4-smp-k8.bin"},
			Meaning:   "An image file now has the name that the boot list refers to, so the next reload starts it.",
			Action:    planned,
		},
		{
			ID: 769004, Severity: 2, Family: family,
			Summary:   "Image failed verification",
			Templates: []string{"UPDATE: {system:text} image {image} failed verification, reason:{reason:text}"},
			Samples: []string{
				"UPDATE: ASA image disk0:/asa9-16-4-smp-k8.bin failed verification, reason: Checksum failed",
				"UPDATE: ASA image disk0:/asa.bin failed verification, reason: No signature found in file",
			},
			Meaning: "The copy or the verify command rejected a software image. Either the file is damaged, unsigned or signed in a way the device does not accept, or the check itself failed, for example for lack of memory.",
			Action:  "Do not boot this file. Delete it, download it from Cisco again and compare the checksum; if an unknown file was put there, treat it as an attack. If memory was short, free some and verify again.",
		},
		{
			ID: 769005, Severity: 5, Family: family,
			Summary:   "Image passed verification",
			Templates: []string{"UPDATE: {system:text} image {image} passed image verification."},
			Samples: []string{
				"UPDATE: ASA image disk0:/asa9-16-4-smp-k8.bin passed image verification.",
				"UPDATE: FTD image disk0:/os.img passed image verification",
			},
			Meaning: "The signature and the checksum of a software image are in order.",
			Action:  "None.",
		},
		{
			ID: 769006, Severity: 3, Family: family,
			Summary:   "Boot image missing on disk",
			Templates: []string{"UPDATE: {system:text} boot system image {image} was not found on disk."},
			Samples:   []string{"UPDATE: ASA boot system image disk0:/asa9-16-4-smp-k8.bin was not found on disk."},
			Meaning:   "The boot list names a file that is not on the disk. The device may start another image after the next reload, or none.",
			Action:    "Before any reload, copy the missing file to the disk or point boot system to one that exists, and save the configuration.",
		},
		{
			ID: 769007, Severity: 6, Family: family,
			Summary:   "Version of the image after an upgrade",
			Templates: []string{"UPDATE: Image version is {version:text}"},
			Samples: []string{
				"UPDATE: Image version is 9.16(4)",
				"UPDATE: Image version is 7.2.5 (Build 208)",
			},
			Meaning: "The device was upgraded and reports its new version.",
			Action:  "None if it is the intended version.",
		},
		{
			ID: 769009, Severity: 4, Family: family,
			Summary:   "Running image is not in the boot list",
			Templates: []string{"UPDATE: Image booted {image} is different from boot images."},
			Samples:   []string{"UPDATE: Image booted disk0:/asa9-14-4-smp-k8.bin is different from boot images."},
			Meaning:   "After an upgrade, the booted image is not in the boot list: the device does not run the configured software.",
			Action:    "Compare show version with show running-config boot. If the wrong image runs, correct the boot list, save and reload in a maintenance window.",
		},
	}
}
