package catalog

// post lists the results of the power-on self-test of the crypto engine, 774001
// and 774002.
func post() []Entry {
	const (
		family = "post"
		tac    = "Do not use this device for VPN traffic. Reload it once in a maintenance window; if the test fails again, contact Cisco TAC for a replacement."
	)
	return []Entry{
		{
			ID: 774001, Severity: 2, Family: family,
			Summary:   "Crypto self-test failed",
			Templates: []string{"POST: unspecified error"},
			Samples:   []string{"POST: unspecified error"},
			Meaning:   "The crypto provider failed its power-on self-test; the message does not name the part.",
			Action:    tac,
		},
		{
			ID: 774002, Severity: 2, Family: family,
			Summary:   "Crypto self-test failed for an algorithm",
			Templates: []string{"POST: error {error:text}, func {function:text}, engine {engine:text}, algorithm {algorithm:text}, mode {mode:text}, dir {direction:text}, key len {key_bits:int}"},
			Samples:   []string{"POST: error 'mismatch' , func 'aes_known_answer' , engine NPX , algorithm AES , mode CBC , dir encryption , key len 256"},
			Meaning:   "The crypto provider failed its power-on self-test for the algorithm, mode and key length named.",
			Action:    tac,
		},
	}
}
