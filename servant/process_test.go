package servant_test

func runAsServant() bool { return false }
