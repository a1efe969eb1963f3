package catalog

// coredump lists the messages of the core dump feature, 741000 to 741006: its
// file system is created, resized, cleared or removed, or one of these failed.
// None of them reports that the device has crashed.
func coredump() []Entry {
	const (
		family = "coredump"
		save   = "Save the configuration."
	)
	return []Entry{
		{
			ID: 741000, Severity: 6, Family: family,
			Summary: "Core dump file system created",
			Templates: []string{
				"Coredump filesystem image created on {filesystem} -size {size_mb:int} MB",
				"Coredump filesystem image created on {filesystem} - size {size_mb:int} MB",
			},
			Samples: []string{
				"Coredump filesystem image created on disk0: -size 60 MB",
				"Coredump filesystem image created on flash: - size 200 MB",
			},
			Meaning: "A file system of fixed size for core dumps has been created, which limits the disk space they can take.",
			Action:  save,
		},
		{
			ID: 741001, Severity: 6, Family: family,
			Summary: "Core dump file system resized",
			Templates: []string{
				"Coredump filesystem image on {filesystem} - resized from {old_size_mb:int} MB to {size_mb:int} MB",
				"Coredump filesystem image on {filesystem} -resized from {old_size_mb:int} MB to {size_mb:int} MB",
			},
			Samples: []string{
				"Coredump filesystem image on disk0: - resized from 60 MB to 200 MB",
				"Coredump filesystem image on disk0: -resized from 60 MB to 200 MB",
			},
			Meaning: "The core dump file system has a new size. Core dumps that were in it are gone.",
			Action:  save + " Next time archive the existing core dumps before you resize.",
		},
		{
			ID: 741002, Severity: 6, Family: family,
			Summary:   "Core dumps and their log cleared",
			Templates: []string{"Coredump log and filesystem contents cleared on {filesystem}"},
			Samples:   []string{"Coredump log and filesystem contents cleared on disk0:"},
			Meaning:   "All core dumps have been deleted and the core dump log was emptied with them.",
			Action:    "None. If the file system was in a bad state, clear coredump is the command that brings it back to a known one.",
		},
		{
			ID: 741003, Severity: 6, Family: family,
			Summary:   "Core dump file system removed",
			Templates: []string{"Coredump filesystem and its contents removed on {filesystem}"},
			Samples:   []string{"Coredump filesystem and its contents removed on disk0:"},
			Meaning:   "The core dump file system and everything in it have been removed, and the feature is off.",
			Action:    save,
		},
		{
			ID: 741004, Severity: 6, Family: family,
			Summary:   "Core dump settings reset to defaults",
			Templates: []string{"Coredump configuration reset to default values"},
			Samples:   []string{"Coredump configuration reset to default values"},
			Meaning:   "The core dump settings are back at their defaults, which means that the feature is off.",
			Action:    save,
		},
		{
			ID: 741005, Severity: 4, Family: family,
			Summary:   "Core dump operation failed",
			Templates: []string{"Coredump operation {operation} failed with error {code:int} {reason:text}"},
			Samples: []string{
				"Coredump operation CREATE_FSYS failed with error 3 unable to create coredump filesystem",
				"Coredump operation CLEAR_LOG failed with error 15 coredump IFS error encountered",
				"Coredump operation MOUNT_FSYS failed with error 8 unable to mount loopback device",
			},
			Meaning: "Creating, mounting, clearing or deleting the core dump file system, or clearing its log, has failed for the reason given.",
			Action:  "Check that the core dump feature is disabled in the configuration, and send the message to Cisco TAC for analysis.",
		},
		{
			ID: 741006, Severity: 4, Family: family,
			Summary:   "Core dump helper settings not written",
			Templates: []string{"Unable to write Coredump Helper configuration, reason {reason:text}"},
			Samples:   []string{"Unable to write Coredump Helper configuration, reason No space left on device"},
			Meaning:   "The core dump helper's configuration file on disk0: could not be written. That happens only when disk0: is full.",
			Action:    "Free space on disk0:. If need be disable core dumps first, delete what is not needed, then enable them again.",
		},
	}
}
