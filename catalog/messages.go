package catalog

// families lists the families in the order of their files. To add one, write
// its file and name it here.
func families() [][]Entry {
	return [][]Entry{
		environment(),
		hardware(),
		post(),
		quota(),
		threatDetection(),
	}
}
