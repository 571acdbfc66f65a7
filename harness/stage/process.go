package stage

import (
	"context"
	"fmt"
	"io"
	"syscall"

	"golang.org/x/sys/unix"
)

// Command says how to start a servant or a service.
type Command struct {
	Platform string   // as in the configuration, or the name of the service
	Role     string   // the first role it plays: PARLEY_ROLE; empty: none yet
	Argv     []string // program and arguments; a program without a slash is looked up in PATH
	Dir      string   // working directory; empty: the coordinator's
	Env      []string // KEY=value, added to the explicit environment
	User     *User    // nil: the coordinator's; only real processes can have another
}

// Process is one started program with its three pipes. Tests and in-process
// servants have their own; see [InProcess].
type Process interface {
	// PID is the process's id, which is also its group's; 0 when the program
	// runs inside the coordinator.
	PID() int
	// Stdin takes what the program reads. If it has SetWriteDeadline, a program
	// that does not read cannot block the writer.
	Stdin() io.WriteCloser
	Stdout() io.ReadCloser
	Stderr() io.ReadCloser
	// Signal sends sig to the whole process group; os.ErrProcessDone after Close.
	Signal(sig syscall.Signal) error
	// Wait returns once the program has ended. Its id stays taken until Close,
	// so that signals to the group cannot meet a stranger.
	Wait() Exit
	// Close gives the id and the pipes back. It is called once, after Wait.
	Close() error
}

// Launcher starts programs. c.Env is the complete environment.
type Launcher interface {
	Launch(ctx context.Context, c Command) (Process, error)
}

// Exit is how a process ended: by a signal, or with a status.
type Exit struct {
	Status int            // 0 to 255, meaningful without a signal; unknownStatus
	Signal syscall.Signal // 0: it exited by itself
}

// unknownStatus is the status of a process whose end somebody else has taken.
const unknownStatus = -1

func (e Exit) String() string {
	if e.Status == unknownStatus {
		return "ended in a way that is not known"
	}
	if e.Signal != 0 {
		return "was killed by " + signalName(e.Signal)
	}
	return fmt.Sprintf("exited with status %d", e.Status)
}

func signalName(sig syscall.Signal) string {
	if name := unix.SignalName(sig); name != "" {
		return name
	}
	return fmt.Sprintf("signal %d", int(sig))
}
