package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/cucumber/godog"

	"parley.dev/parley/harness/packs"
	"parley.dev/parley/harness/plan"
	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/harness/stage"
	"parley.dev/parley/servant/contract"
)

// errStepFailed is what godog gets to see of a step that went wrong; the reason
// is in the run log.
var errStepFailed = errors.New("step did not pass")

// step performs step i of the cell and records its result. It returns what
// godog has to see of it: an error when the scenario cannot go on.
func (c *cellRun) step(ctx context.Context, i int) error {
	st := c.plan.Scenario.Steps[i]
	if ctx.Err() != nil {
		return c.finish(i, runlog.StepResult{Part: runlog.Part{Verdict: runlog.Skipped}, SkipReason: interrupted})
	}
	if failed, err := c.joinBefore(st); err != nil {
		_ = c.finish(i, runlog.StepResult{Part: runlog.Part{Verdict: runlog.Skipped}, SkipReason: "the overlapping step before it did not pass: " + failed})
		return err
	}
	c.record(c.Log.StepStarted(c.plan.ID, st.Pickle.Id, time.Now()))
	if st.Route.Meanwhile {
		c.start(ctx, i)
		return nil
	}
	var result runlog.StepResult
	if st.Route.Kind == plan.ToPack {
		result = c.performPack(ctx, st)
	} else {
		sent := maps.Clone(c.shared)
		var answers []map[string]string
		result, answers = c.ask(ctx, i, sent)
		c.merge(sent, answers)
	}
	return c.finish(i, result)
}

// finish records the end of step i and returns what godog has to see of it.
func (c *cellRun) finish(i int, r runlog.StepResult) error {
	r.Cell, r.Step = c.plan.ID, c.plan.Scenario.Steps[i].Pickle.Id
	for _, p := range r.Parts {
		r.Verdict = runlog.Worst(r.Verdict, p.Verdict)
	}
	if r.Verdict == runlog.Skipped {
		// A servant that skips a step gives its reason as an error.
		if r.SkipReason == "" {
			r.SkipReason = reasonOf(r)
		}
		r.Error = ""
		if c.skipped == "" {
			c.skipped = r.SkipReason
		}
	}
	c.verdicts = append(c.verdicts, r.Verdict)
	c.record(c.Log.StepFinished(r, time.Now()))
	switch r.Verdict {
	case runlog.Passed:
		return nil
	case runlog.Skipped:
		return godog.ErrSkip
	case runlog.Pending:
		return godog.ErrPending
	}
	return errStepFailed
}

func reasonOf(r runlog.StepResult) string {
	if r.Error != "" {
		return r.Error
	}
	for _, p := range r.Parts {
		if p.Verdict == runlog.Skipped {
			return p.Error
		}
	}
	return ""
}

// stepTimeout is the limit of a step that names none.
func (c *cellRun) stepTimeout() time.Duration {
	if c.Attach != nil {
		return Unlimited
	}
	return c.StepTimeout
}

func (c *cellRun) limit(st *plan.Step) time.Duration {
	if st.Route.Within > 0 && c.Attach == nil {
		return st.Route.Within
	}
	return c.stepTimeout()
}

// longer says how a step gets more time.
func longer(st *plan.Step) string {
	if st.Route.Within > 0 {
		return "if it needs longer, give it more: within 'N' seconds …"
	}
	return "if it needs longer, raise --step-timeout"
}

// ask sends step i to every servant that performs it, at the same moment, and
// returns the result with the context maps that came back, in role order.
func (c *cellRun) ask(ctx context.Context, i int, shared map[string]string) (runlog.StepResult, []map[string]string) {
	st, calls := c.plan.Scenario.Steps[i], c.plan.Calls[i]
	answers := make([]answer, len(calls))
	if len(calls) == 1 {
		answers[0] = c.askOne(ctx, st, calls[0], shared)
	} else {
		var all sync.WaitGroup
		for n, call := range calls {
			all.Go(func() { answers[n] = c.askOne(ctx, st, call, shared) })
		}
		all.Wait()
	}
	var r runlog.StepResult
	var contexts []map[string]string
	for _, a := range answers {
		r.Logs = append(r.Logs, a.logs...)
		r.Attachments = append(r.Attachments, a.attachments...)
		contexts = append(contexts, a.context)
		r.Parts = append(r.Parts, a.part)
		r.Verdict = runlog.Worst(r.Verdict, a.part.Verdict)
	}
	if len(answers) == 1 {
		r.Part, r.Parts = answers[0].part, nil
	}
	return r, contexts
}

// answer is what came of one call.
type answer struct {
	part        runlog.Part
	logs        []runlog.LogLine
	attachments []runlog.Attachment
	context     map[string]string
}

func (c *cellRun) askOne(ctx context.Context, st *plan.Step, call plan.Call, shared map[string]string) answer {
	role := roleOf(call.Instance)
	a := answer{part: runlog.Part{Role: role}}
	p, sv, err := c.player(call.Role, call.Number)
	if err != nil {
		a.part.Verdict, a.part.Error = runlog.Failed, err.Error()
		return a
	}
	if !running(sv) {
		p.reported.Store(sv)
		a.part.Verdict = runlog.Failed
		if !sv.EndExpected() {
			a.part.Verdict = runlog.Crashed
		}
		a.part.Error = fmt.Sprintf("the '%s' process is gone: it %s%s", p.Instance, sv.Ended(), lastWords(sv))
		return a
	}
	request := contract.ExecuteStep{
		Process: call.Role, StepType: st.Type, Parameters: map[string]any{}, Context: shared,
		IsBroadcast: st.Route.Kind == plan.ToAll, Table: st.Table, DocString: st.DocString, StepId: st.Pickle.Id,
	}
	if request.StepType == "" {
		request.StepType = contract.Given
	}
	forms := plan.Forms(st.Route.Text)
	if len(call.Hits) > 0 {
		hit := call.Hits[0]
		request.StepType, request.Arguments = hit.Type, hit.Arguments
		request.Definition = &hit.Definition.ID
		forms = []string{hit.Text}
	}
	out := sv.Output()
	mark := out.Mark()
	// Ended on purpose before this step was sent, a servant cannot have performed it.
	endingBefore := sv.EndExpected()
	var (
		result *contract.StepResult
		clocks stage.Clocks
	)
	for _, request.Step = range forms {
		// Without a hit only the servant can tell which form it means.
		result, clocks, err = sv.Execute(ctx, request, c.limit(st))
		if err != nil || result.Status != contract.StatusUndefined {
			break
		}
	}
	a.part.Coordinator, a.part.Servant, a.part.Wire = clocks.Coordinator, clocks.Servant, clocks.Wire
	var logs []contract.LogEntry
	if err != nil {
		p.reported.Store(sv)
		failedPart(&a.part, err, cancelReason(ctx), sv.EndExpected() && !endingBefore)
	} else {
		resultPart(&a.part, result, cancelReason(ctx))
		if a.part.Verdict == runlog.Timeout {
			a.part.Error += "; " + longer(st)
		}
		logs, a.context = result.Logs, result.Context
		for _, at := range result.Attachments {
			a.attachments = append(a.attachments, runlog.Attachment{Name: at.Name, MediaType: at.MediaType, Body: at.Body, Role: role.String()})
		}
	}
	a.logs, a.part.Stray = output(out.Since(mark), logs, role.String())
	if a.part.Verdict == runlog.Passed && err != nil {
		a.logs = append(a.logs, runlog.LogLine{Time: time.Now(), Source: runlog.SourceLog, Level: contract.LevelInformation.String(),
			Role: role.String(), Text: "the scenario ended this process while it performed the step"})
	}
	return a
}

// output turns what a servant printed and logged during a step into the run
// log's lines, and its stray standard output into one text. A line that came
// live and again with the result counts once. An entry without a time gets that
// of its arrival.
func output(lines []stage.Line, logs []contract.LogEntry, role string) ([]runlog.LogLine, string) {
	var out []runlog.LogLine
	arrived := time.Now()
	known := map[string]int{}
	for _, l := range logs {
		known[l.Message]++
		if l.Timestamp.IsZero() {
			l.Timestamp = arrived
		}
		out = append(out, runlog.LogLine{Time: l.Timestamp, Level: l.Level.String(), Source: runlog.SourceLog, Role: role, Text: l.Message})
	}
	var stray []string
	for _, l := range lines {
		switch {
		case l.Source == stage.StrayStdout:
			stray = append(stray, l.Text)
		case l.Source == stage.Log && known[l.Text] > 0:
			known[l.Text]--
		case l.Source == stage.Log:
			out = append(out, runlog.LogLine{Time: l.Time, Level: l.Level.String(), Source: runlog.SourceLog, Role: role, Text: l.Text})
		case l.Source == stage.Stderr:
			out = append(out, runlog.LogLine{Time: l.Time, Source: runlog.SourceStderr, Role: role, Text: l.Text})
		}
	}
	return out, strings.Join(stray, "\n")
}

// merge puts what servants changed in the context map that they were sent into
// the scenario's; where two of one step disagree the later in role order wins,
// and the cell says so.
func (c *cellRun) merge(sent map[string]string, answers []map[string]string) {
	changed := map[string]string{}
	for _, m := range answers {
		for k, v := range m {
			if old, known := sent[k]; known && old == v {
				continue
			}
			if other, twice := changed[k]; twice && other != v {
				c.result.Notes = append(c.result.Notes, fmt.Sprintf("context %q was set to %q and to %q by one step; the later role wins", k, other, v))
			}
			changed[k] = v
			c.shared[k] = v
		}
	}
}

// performPack performs a pack's step. `within` repeats a step that only looks.
func (c *cellRun) performPack(ctx context.Context, st *plan.Step) runlog.StepResult {
	start := time.Now()
	def, args, _ := c.Packs.Match(st.Route.Text)
	call := packs.Call{Cell: c, Role: st.Route.Role, Instances: st.Route.Instances, Args: args, Table: st.Table}
	limit := c.limit(st)
	limited, stop := context.WithTimeout(ctx, limit)
	defer stop()
	var (
		err  error
		skip *packs.Skip
	)
	perform := func(ctx context.Context) (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("the pack %s panicked: %v\n%s", st.Route.Pack, p, debug.Stack())
			}
		}()
		call.Report = &packs.Report{} // of the last try alone
		return def.Run(ctx, call)
	}
	if st.Route.Within > 0 && !def.Changes {
		err = packs.Poll(limited, perform)
		if err != nil && !errors.As(err, &skip) {
			err = fmt.Errorf("not within %v: %w", limit, err)
		}
	} else {
		err = perform(limited)
	}
	r := runlog.StepResult{Part: runlog.Part{Role: runlog.Role{Name: st.Route.Pack}, Verdict: runlog.Passed, Coordinator: time.Since(start)}}
	var mismatch *packs.Mismatch
	switch {
	case err == nil:
	case ctx.Err() != nil:
		r.Verdict, r.SkipReason = runlog.Skipped, cancelReason(ctx)
	case errors.As(err, &skip):
		r.Verdict, r.SkipReason = runlog.Skipped, skip.Reason
	case errors.As(err, &mismatch):
		r.Verdict, r.Error = runlog.Failed, err.Error()
		r.Expected, r.Actual = mismatch.Expected, mismatch.Actual
	case errors.Is(err, context.DeadlineExceeded):
		r.Verdict, r.Error = runlog.Timeout, fmt.Sprintf("did not end within its limit of %v: %v; %s", limit, err, longer(st))
	default:
		r.Verdict, r.Error = runlog.Failed, err.Error()
	}
	reported(&r, st.Route.Pack, call.Report)
	return r
}

// reported takes over what a pack's step hands to the reports.
func reported(r *runlog.StepResult, pack string, from *packs.Report) {
	for _, text := range from.Lines() {
		r.Logs = append(r.Logs, runlog.LogLine{Time: time.Now(), Source: runlog.SourceLog, Level: contract.LevelInformation.String(), Role: pack, Text: text})
	}
	for _, f := range from.Figures() {
		body, err := json.Marshal(f)
		if err != nil { // a figure that is no number
			r.Verdict, r.Error = runlog.Failed, fmt.Sprintf("its figures cannot be recorded: %v", err)
			continue
		}
		r.Attachments = append(r.Attachments, runlog.Attachment{Name: packs.FiguresName, MediaType: packs.FiguresMediaType, Body: body, Role: pack})
	}
}
