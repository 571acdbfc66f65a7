package stage

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"parley.dev/parley/servant/contract"
)

// LeftProcess is a process that outlived the servant that started it.
type LeftProcess struct {
	PID     int
	Command string // its command line, shortened
	Escaped bool   // it had left the servant's process group
}

func (l LeftProcess) String() string {
	return fmt.Sprintf("%d (%s)", l.PID, l.Command)
}

// reapChild takes the exit status of a child that has ended.
func reapChild(pid int) error {
	for {
		got, err := unix.Wait4(pid, nil, unix.WNOHANG, nil)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return fmt.Errorf("reap process %d: %w", pid, err)
		case got == 0:
			return fmt.Errorf("reap process %d: it has not ended", pid)
		}
		return nil
	}
}

// orphans finds the living processes that p started and that have lost their
// parent, which makes them children of the coordinator; it reaps those that are
// dead. exact reads all of /proc instead of the coordinator's list of children.
func (p *program) orphans(exact bool) []procStat {
	self := os.Getpid()
	// No child is between fork and exec while the lock is held: each has its own
	// environment and session.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	own, known := readStat(self)
	if !known {
		return nil
	}
	var candidates []procStat
	if exact {
		candidates = processes()
	} else {
		for _, pid := range adoptedBy(self) {
			if p.stage.started(pid) {
				continue
			}
			if st, ok := readStat(pid); ok {
				candidates = append(candidates, st)
			}
		}
	}
	var found []procStat
	for _, st := range candidates {
		if st.parent != self || p.stage.started(st.pid) || !p.parentOf(st, own.session) {
			continue
		}
		if st.zombie() {
			_ = reapChild(st.pid) // somebody else was quicker
			continue
		}
		found = append(found, st)
	}
	return found
}

// parentOf reports whether a child of the coordinator that no stage's Launch
// started descends from p.
func (p *program) parentOf(st procStat, ownSession int) bool {
	if st.group == p.proc.PID() {
		return true
	}
	env := environOf(st.pid)
	if run, ok := env.get(contract.EnvRunID); ok {
		number, _ := env.get(envServant)
		return run == p.stage.runID && number == strconv.FormatInt(p.number, 10)
	}
	if _, ok := env.get(envGuard); ok {
		return false
	}
	// Without a trace in its environment (it was emptied, or it is dead already):
	// only orphans have another session than the coordinator.
	return st.session != ownSession
}

// started reports whether pid is a process that this stage started itself.
func (s *Stage) started(pid int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.guard != nil && s.guard.pid == pid {
		return true
	}
	for p := range s.live {
		if p.proc.PID() == pid {
			return true
		}
	}
	return false
}

// killOrphans kills what orphans finds until nothing is found any more, and
// returns what it killed.
func (p *program) killOrphans(exact bool) ([]LeftProcess, error) {
	var killed []LeftProcess
	seen := map[int]bool{}
	deadline := time.Now().Add(p.stage.graces.Kill)
	for {
		found := p.orphans(exact)
		if len(found) == 0 {
			return killed, nil
		}
		for _, st := range found {
			if !seen[st.pid] {
				seen[st.pid] = true
				killed = append(killed, LeftProcess{st.pid, commandLine(st), st.group != p.proc.PID()})
			}
			_ = syscall.Kill(st.pid, syscall.SIGKILL) // a child of ours: its id cannot be another's
		}
		if time.Now().After(deadline) {
			return killed, fmt.Errorf("process %v of %s %s did not die within %v of SIGKILL", killed[len(killed)-1], noun(p.service), p.platform, p.stage.graces.Kill)
		}
		time.Sleep(time.Millisecond)
	}
}

// killRun kills every process that carries the run's id, whoever its parent is,
// and waits until they are gone.
func killRun(runID string, grace time.Duration) ([]LeftProcess, error) {
	var killed []LeftProcess
	seen := map[int]bool{}
	deadline := time.Now().Add(grace)
	for {
		alive := 0
		for _, st := range processes() {
			hit, err := killCarrier(st.pid, runID)
			if err != nil {
				return killed, err
			}
			if !hit {
				continue
			}
			alive++
			if !seen[st.pid] {
				seen[st.pid] = true
				killed = append(killed, LeftProcess{st.pid, "[" + st.name + "]", true})
			}
		}
		// Orphans that died became our children if we are a subreaper.
		for pid := range seen {
			if st, ok := readStat(pid); ok && st.parent == os.Getpid() && st.zombie() {
				_ = reapChild(pid)
			}
		}
		if alive == 0 {
			return killed, nil
		}
		if time.Now().After(deadline) {
			return killed, fmt.Errorf("%d processes of the run did not die within %v of SIGKILL, the last is %v", alive, grace, killed[len(killed)-1])
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// killCarrier kills pid if it lives and carries the run's id; the descriptor
// makes sure that the process that was looked at is the one that is killed.
func killCarrier(pid int, runID string) (bool, error) {
	if pid == os.Getpid() {
		return false, nil
	}
	env := environOf(pid)
	if run, ok := env.get(contract.EnvRunID); !ok || run != runID {
		return false, nil
	}
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		if errors.Is(err, unix.ESRCH) {
			return false, nil
		}
		return false, fmt.Errorf("open process %d: %w", pid, err)
	}
	defer unix.Close(fd)
	if run, _ := environOf(pid).get(contract.EnvRunID); run != runID {
		return false, nil
	}
	if err := unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		return false, fmt.Errorf("kill process %d of run %s: %w", pid, runID, err)
	}
	return true, nil
}
