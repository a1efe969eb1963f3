package listener

func sendDatagrams() bool { return false }
