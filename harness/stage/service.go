package stage

import "context"

// Service is a program under test that is not a servant. Its standard output
// and standard error are drained into Output.
type Service struct{ *program }

// PID is the process that was started, which leads its group; 0 in process.
func (v *Service) PID() int { return v.proc.PID() }

// Start starts a service for a cell, supervised as servants are. Its name is the
// command's Platform. It returns when the process runs, which does not mean that
// the service is ready. Errors are *Failure, except that of a closed stage.
func (s *Stage) Start(ctx context.Context, c Command, cell Identity) (*Service, error) {
	p, err := s.launch(ctx, c, cell, true)
	if err != nil {
		return nil, err
	}
	stderr := drain(p.proc.Stderr(), Stderr, p.out)
	stdout := drain(p.proc.Stdout(), StrayStdout, p.out)
	p.proc.Stdin().Close() // services read nothing
	p.supervise(stdout, stderr)
	return &Service{p}, nil
}

// End ends a service: TERM, then KILL after its grace, to the whole group;
// verified gone.
func (s *Stage) End(v *Service) Leftovers {
	e := v.end()
	return Leftovers{Forced: e.forced, Processes: e.processes, Err: e.err}
}
