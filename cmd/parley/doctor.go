package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"parley.dev/parley/harness/config"
	"parley.dev/parley/harness/engine"
	"parley.dev/parley/harness/plan"
	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/harness/stage"
)

// Below these a run of the whole matrix may fail for want of room.
const (
	enoughShm   = 512 << 20 // bytes
	enoughFiles = 1024
)

func newDoctor(p *project) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor [PLATFORM …]",
		Short: "Says what is there, what is missing, and how to get it",
		Long: `Looks at this machine's limits and at each platform: its toolchain, its servant,
and whether that servant starts, answers health and lists step definitions.
Exit status 1 when something is missing.`,
		Example: "  parley doctor           this machine and every platform\n  parley doctor csharp    one platform",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := p.loadConfig(); err != nil {
				return err
			}
			platforms, err := p.named(args)
			if err != nil {
				return err
			}
			signals := catchSignals(cmd.Context())
			defer signals.stop()
			d := &doctor{project: p, out: cmd.OutOrStdout(), signals: signals}
			if len(args) == 0 {
				d.machine()
			}
			for _, c := range platforms {
				d.platform(signals.ctx, c)
				if signals.interrupted() {
					return &statusError{exitInterrupted, nil}
				}
			}
			if d.missing > 0 {
				return &statusError{exitFailed, fmt.Errorf("%d of the above need attention", d.missing)}
			}
			return nil
		},
	}
}

// named returns the platforms of those names, all for none.
func (p *project) named(names []string) ([]config.Platform, error) {
	if len(names) == 0 {
		return p.config.Platforms, nil
	}
	var out []config.Platform
	for _, name := range names {
		c := p.config.Platform(name)
		if c == nil {
			return nil, plan.UnknownPlatform(name, p.config.PlatformNames())
		}
		out = append(out, *c)
	}
	return out, nil
}

type doctor struct {
	project *project
	signals *signals
	out     io.Writer
	missing int
}

func (d *doctor) say(what string, ok bool, format string, args ...any) {
	mark := "ok"
	if !ok {
		mark = "MISSING"
		d.missing++
	}
	fmt.Fprintf(d.out, "%-14s %-8s %s\n", what, mark, fmt.Sprintf(format, args...))
}

func (d *doctor) machine() {
	m := runlog.ThisMachine()
	d.say("parley", true, "%s, %s %s/%s", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	d.say("machine", true, "%d processors, %s of memory, kernel %s", m.CPUs, bytesText(m.MemoryBytes), m.Kernel)
	d.sharedMemory()
	d.lockFolder()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err == nil {
		d.say("open files", limit.Cur >= enoughFiles, "%d per process%s", limit.Cur, advice(limit.Cur < enoughFiles, "raise it: ulimit -n 4096"))
	}
}

func (d *doctor) sharedMemory() {
	var fs unix.Statfs_t
	if err := unix.Statfs("/dev/shm", &fs); err != nil {
		d.say("shared memory", false, "/dev/shm: %v; mount a tmpfs there", err)
		return
	}
	free := fs.Bavail * uint64(fs.Bsize)
	d.say("shared memory", free >= enoughShm, "/dev/shm has %s free of %s%s", bytesText(free), bytesText(fs.Blocks*uint64(fs.Bsize)),
		advice(free < enoughShm, "free some, or enlarge it: mount -o remount,size=1G /dev/shm; what killed runs left: parley clean"))
}

func (d *doctor) lockFolder() {
	const dir = "/tmp/zerobuffer"
	err := unix.Access(dir, unix.W_OK|unix.X_OK)
	if errors.Is(err, unix.ENOENT) {
		err = unix.Access("/tmp", unix.W_OK|unix.X_OK)
	}
	if err != nil {
		d.say("locks", false, "%s cannot be written: %v; it holds the ring buffers' lock files, give yourself the right to write there", dir, err)
		return
	}
	d.say("locks", true, "%s can be written", dir)
}

func (d *doctor) platform(ctx context.Context, c config.Platform) {
	if len(c.Check) > 0 {
		limited, stop := context.WithTimeout(ctx, 30*time.Second)
		defer stop()
		check := exec.CommandContext(limited, c.Check[0], c.Check[1:]...)
		check.Dir = d.project.config.Root
		if out, err := check.CombinedOutput(); err != nil {
			text := strings.TrimSpace(string(out))
			if text == "" {
				text = err.Error()
			}
			d.say(c.Name, false, "%s", text)
			return
		}
	}
	if err := d.project.config.Available(c); err != nil {
		d.say(c.Name, false, "%v", err)
		return
	}
	d.servant(ctx, c)
}

// servant starts the platform's servant and asks for its definitions.
func (d *doctor) servant(ctx context.Context, c config.Platform) {
	st, err := d.project.openStage(ctx, stage.Options{RunID: newRunID(time.Now())})
	if err != nil {
		d.say(c.Name, false, "%v", err)
		return
	}
	d.signals.onSecond(st.KillAll)
	start := time.Now()
	found := engine.Discover(ctx, st, d.project.commands([]string{c.Name}))[c.Name]
	took := time.Since(start)
	if err := errors.Join(found.Err, st.Close(ctx)); err != nil {
		d.say(c.Name, false, "%v", err)
		return
	}
	h := found.Health
	d.say(c.Name, true, "%s, contract %s, %d step definitions, started and asked in %v", orElse(h.SDK, "servant"), h.Contract,
		len(found.Definitions.All()), took.Round(time.Millisecond))
}

func advice(needed bool, text string) string {
	if !needed {
		return ""
	}
	return "; " + text
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func bytesText(n uint64) string {
	if n >= 1<<30 {
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	}
	return fmt.Sprintf("%d MiB", n>>20)
}
