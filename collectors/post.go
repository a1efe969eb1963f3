package collectors

// post collects the failures of the power-on self-test of the crypto engine:
// 774001 and 774002. The closed sets of label values are from the guide.
func post() Collector {
	failures := &Metric{
		Name: "ftd_post_failures_total", Title: "Failure of the self-test", Type: Counter, Alarm: Alarm{Level: Critical, UntilBoot: true},
		Help: "Failures of the power-on self-test of the crypto engine. A label that the message does not name is unspecified.",
		Labels: []Label{
			{Name: "engine", Values: []string{"NPX", "Nlite", "software", "unspecified"}},
			{Name: "algorithm", Values: []string{
				"RSA", "DSA", "DES", "3DES", "AES", "RC4", "MD5", "SHA1", "SHA256", "SHA384", "SHA386", "SHA512",
				"HMAC-MD5", "HMAC-SHA1", "HMAC-SHA2", "AES-XCBC", "unspecified",
			}},
			{Name: "mode", Values: []string{"none", "CBC", "CTR", "CFB", "ECB", "stateful-RC4", "stateless-RC4", "unspecified"}},
			{Name: "direction", Values: []string{"encryption", "decryption", "unspecified"}},
			{Name: "key_bits"},
		},
	}
	const u = "unspecified"
	unnamed := Labels{"engine": u, "algorithm": u, "mode": u, "direction": u, "key_bits": u}
	return Collector{
		Name:     "post",
		Summary:  "self-test of the crypto engine",
		Hardware: true,
		Metrics:  []*Metric{failures},
		Rules: []Rule{
			{ID: 774001, Metric: failures, Value: Add(), Labels: unnamed},
			{ID: 774002, Metric: failures, Value: Add(), Labels: unnamed},
		},
	}
}
