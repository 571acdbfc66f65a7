package stage

func miniCoordinator(args []string) int { return 1 }
