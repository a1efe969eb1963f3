package catalog

// post lists the results of the power-on self-test of the crypto engine, 774001
// and 774002.
func post() []Entry {
	const (
		family = "post"
		tac    = "Contact Cisco TAC, and do not rely on this device for VPN traffic until then."
		test   = "POST: error {error:text}, func {function:text}, engine {engine:text}"
		of     = test + ", algorithm {algorithm:text}, mode {mode:text}, dir {direction:text}"
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
			Summary: "Crypto self-test failed for an algorithm",
			Templates: []string{
				of + ", key len {key_bits:int}",
				of + ", key len {key_bits:int} {unit:text}",
				of,
				test + ", algorithm {algorithm:text}, mode {mode:text}",
				test + ", algorithm {algorithm:text}",
				test,
				"POST: error {error:text}",
			},
			Own: 6,
			Samples: []string{
				"POST: error 'mismatch' , func 'aes_known_answer' , engine NPX , algorithm AES , mode CBC , dir encryption , key len 256",
				"POST: error 'mismatch' , func 'aes_known_answer' , engine NPX , algorithm AES , mode CBC , dir encryption , key len 256 bits",
				"POST: error 'mismatch', func 'aes_known_answer', engine NPX, algorithm AES, mode CBC, dir encryption",
				"POST: error 'mismatch', func 'aes_known_answer', engine NPX, algorithm AES, mode CBC",
				"POST: error 'mismatch', func 'aes_known_answer', engine NPX, algorithm SHA256",
				"POST: error 'mismatch', func 'aes_known_answer', engine NPX",
				"POST: error 'mismatch'",
			},
			Meaning: "The crypto provider failed its power-on self-test for the algorithm, mode and key length named.",
			Action:  tac,
		},
	}
}
