package terminal

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	messages "github.com/cucumber/messages/go/v21"

	"parley.dev/parley/harness/runlog"
)

// frameInterval is how often the live region is redrawn.
const frameInterval = 100 * time.Millisecond

// Reporter is a sink of the run log that shows the run as it goes on, and its
// ending once the log says that it has ended. It writes from a goroutine of its
// own: a terminal that stands still does not hold up the run.
type Reporter struct {
	w     io.Writer
	o     Options
	style style

	mu       sync.Mutex
	run      runlog.Run
	progress map[progressKey]runlog.Progress
	columns  columns      // of the cells' lines, once the cells are known
	pending  bytes.Buffer // printed for good, not yet written
	ended    bool
	broken   error // the first envelope that the model refused

	wake chan struct{}
	quit chan struct{}
	done chan struct{}
	once sync.Once

	// Of the writing goroutine; readable after done.
	screen   screen
	writeErr error
}

type progressKey struct{ cell, step string }

var _ runlog.ProgressSink = (*Reporter)(nil)

// New returns a reporter that writes to w until Close.
func New(w io.Writer, o Options) *Reporter {
	r := &Reporter{w: w, o: o, style: newStyle(o), progress: map[progressKey]runlog.Progress{},
		wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{})}
	go r.write()
	return r
}

// Close writes what is still to be written, takes the live region away and shows
// the cursor. It returns the first error of writing, or of a log that makes no
// sense. It must be called also when the run is interrupted; a second call
// returns the same.
func (r *Reporter) Close() error {
	r.once.Do(func() { close(r.quit) })
	<-r.done
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.writeErr != nil {
		return fmt.Errorf("write to the terminal: %w", r.writeErr)
	}
	return r.broken
}

// Restore shows the cursor at once, without waiting for anything: for a program
// that is about to be killed.
func (r *Reporter) Restore() {
	if r.o.Live {
		_, _ = io.WriteString(r.w, showCursor)
	}
}

// Observe takes the next envelope of the log.
func (r *Reporter) Observe(env *messages.Envelope) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.run.Apply(env); err != nil {
		if r.broken == nil {
			r.broken = fmt.Errorf("terminal report: %w", err)
		}
		return
	}
	switch {
	case env.TestCaseStarted != nil && r.columns == (columns{}):
		r.columns = columnsOf(&r.run) // every cell is written before the first starts
		return
	case env.TestStepFinished != nil:
		r.stepFinished(env.TestStepFinished)
	case env.TestCaseFinished != nil:
		r.cellFinished(env.TestCaseFinished)
	case env.TestRunFinished != nil:
		r.ended = true
		r.style.ending(&r.pending, &r.run, r.o)
	default:
		return
	}
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// ObserveProgress takes how far a long step has come.
func (r *Reporter) ObserveProgress(p runlog.Progress) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.progress[progressKey{p.Cell, p.Step}] = p
}

func (r *Reporter) stepFinished(m *messages.TestStepFinished) {
	a, step := r.run.Attempt(m.TestCaseStartedId, m.TestStepId)
	if step == nil || step.Result == nil {
		return
	}
	delete(r.progress, progressKey{a.Cell.ID, step.ID})
	if r.o.Verbose && reached(a) {
		r.pending.WriteString(r.style.stepLines(r.columns, a.Cell, step))
	}
}

// cellFinished prints the cell's line. Beside a live region only cells that are
// worth a look get one, and a run's only cell, which no matrix will show.
func (r *Reporter) cellFinished(m *messages.TestCaseFinished) {
	a, _ := r.run.Attempt(m.TestCaseStartedId, "")
	if a == nil || a.Result == nil {
		return
	}
	switch v := a.Result.Verdict; {
	case a.Result.WillBeRetried:
		r.pending.WriteString(r.style.retryLine(r.columns, a) + "\n")
	case r.o.Live && !r.o.Verbose && (v.Bad() || v == runlog.Flaky):
		// The ending says it in full; here a wrapped line would only be in the way.
		width, _ := r.o.size()
		r.pending.WriteString(r.style.cut(r.style.cellLine(r.columns, a.Cell), width) + "\n")
	case !r.o.Live || r.o.Verbose || len(r.run.Cells) == 1:
		r.pending.WriteString(r.style.cellLine(r.columns, a.Cell) + "\n")
	}
}

// write is the writing goroutine.
func (r *Reporter) write() {
	defer close(r.done)
	var frames <-chan time.Time
	if r.o.Live {
		ticker := time.NewTicker(frameInterval)
		defer ticker.Stop()
		frames = ticker.C
	}
	for {
		select {
		case <-r.wake:
		case <-frames:
		case <-r.quit:
			r.flush(true)
			return
		}
		r.flush(false)
	}
}

// flush writes what is pending, and the live region unless the run is over.
func (r *Reporter) flush(last bool) {
	width, height := r.o.size()
	r.mu.Lock()
	text := r.pending.String()
	r.pending.Reset()
	var region []string
	if r.o.Live && !last && !r.ended && len(r.run.Cells) > 0 {
		region = r.style.region(&r.run, r.progress, r.o.now(), width, height)
	}
	r.mu.Unlock()
	if r.o.Live && (len(region) > 0 || r.screen.hidden) {
		text = r.screen.frame(text, region, width, height)
	}
	if text == "" || r.writeErr != nil {
		return
	}
	_, r.writeErr = io.WriteString(r.w, strings.ToValidUTF8(text, "\uFFFD"))
}
