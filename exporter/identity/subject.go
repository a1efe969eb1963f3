package identity

// Subject returns the name of the device that a message calls host and that has
// not sent it, or false if the message is to be rejected because that device is
// unknown. Host is looked up, and becomes a name, like that of a sender; whether
// the sender may speak for others is for the caller to decide. For the memory of
// the name see [Identifier.Name].
func (id *Identifier) Subject(dst, host []byte) (name []byte, ok bool) {
	host = id.normalize(dst, host)
	if o, ok := id.hosts[string(host)]; ok {
		return o.name, true
	}
	switch {
	case id.unknown == UnknownReject:
		return nil, false
	case id.unknown == UnknownShared, len(host) == 0:
		return id.unknownName, true
	}
	return host, true
}

// IsStrict reports whether hosts count only if they are trusted; see
// [Config.Strict].
func (id *Identifier) IsStrict() bool { return id.strict }
