package exporter

// ForgetSilentDevices does what Run does once a minute.
func (e *Exporter) ForgetSilentDevices() { e.forgetSilentDevices() }
