// Package metrics counts a run for Prometheus: live, from an endpoint that is
// scraped while the run goes on, or as a text file for the node exporter's
// textfile collector. All metrics begin with parley_.
package metrics

import (
	"fmt"
	"sync"

	messages "github.com/cucumber/messages/go/v21"
	"github.com/prometheus/client_golang/prometheus"

	"parley.dev/parley/harness/runlog"
)

// Metrics is a sink of the run log. It has a registry of its own.
type Metrics struct {
	registry *prometheus.Registry

	mu     sync.Mutex
	run    runlog.Run
	broken error

	info, outcome                 *prometheus.GaugeVec
	started, duration, running    prometheus.Gauge
	planned                       *prometheus.GaugeVec
	cells, attempts, leaks        *prometheus.CounterVec
	steps, servants, cpu          *prometheus.CounterVec
	cellSeconds, ready            *prometheus.HistogramVec
	coordinator, servant, wire    *prometheus.HistogramVec
	peakRSS, descriptors, threads *prometheus.GaugeVec
	highest                       map[string]runlog.ProcessUse // by platform
}

var _ runlog.Sink = (*Metrics)(nil)

// New returns metrics of a run that has not begun.
func New() *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), highest: map[string]runlog.ProcessUse{}}
	m.info = m.gauges("run_info", "The run; always 1.", "run_id", "version")
	m.outcome = m.gauges("run_outcome", "1 for the outcome that the run ended with.", "outcome")
	m.started = m.gauge("run_started_timestamp_seconds", "When the run started, in seconds since 1970.")
	m.duration = m.gauge("run_duration_seconds", "How long the run took; 0 until it has ended.")
	m.running = m.gauge("cells_running", "Cells that run now.")
	m.planned = m.gauges("cells_planned", "Cells of the plan.", "cast")
	m.cells = m.counters("cells_total", "Cells that ended; expected is true for a failure that the ledger expects.", "cast", "verdict", "expected")
	m.attempts = m.counters("cell_attempts_total", "Attempts at cells, retries included.", "cast")
	m.leaks = m.counters("leaks_total", "Things that cells left behind.", "cast")
	m.steps = m.counters("steps_total", "Steps that ended, once per process that took part.", "role", "platform", "verdict")
	m.servants = m.counters("servants_started_total", "Processes started to play roles.", "platform")
	m.cpu = m.counters("process_cpu_seconds_total", "Processor time that the processes of cells used.", "role", "platform")
	m.cellSeconds = m.histograms("cell_duration_seconds", "Duration of a cell.", "cast")
	m.ready = m.histograms("servant_ready_seconds", "Time from the start of a servant to its first answer.", "platform")
	m.coordinator = m.histograms("step_coordinator_seconds", "Time of a step from send to answer.", "role", "platform")
	m.servant = m.histograms("step_servant_seconds", "Time of a step as the servant measured it.", "role", "platform")
	m.wire = m.histograms("step_wire_seconds", "Time of a step that was spent between coordinator and servant.", "role", "platform")
	m.peakRSS = m.gauges("process_peak_resident_bytes", "Largest resident set of any process of the platform.", "platform")
	m.descriptors = m.gauges("process_descriptors_max", "Most descriptors that any process of the platform had.", "platform")
	m.threads = m.gauges("process_threads_max", "Most threads that any process of the platform had.", "platform")
	return m
}

// Gatherer gives access to the metrics.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }

// Err returns the first error that the log gave: an envelope that makes no sense.
func (m *Metrics) Err() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.broken
}

// WriteTextfile writes the metrics to the file at path, which it replaces as a
// whole.
func (m *Metrics) WriteTextfile(path string) error {
	if err := prometheus.WriteToTextfile(path, m.registry); err != nil {
		return fmt.Errorf("metrics file %s: %w", path, err)
	}
	return nil
}

// Observe takes the next envelope of the log.
func (m *Metrics) Observe(env *messages.Envelope) {
	m.mu.Lock()
	defer m.mu.Unlock()
	servants, cells := len(m.run.Servants), len(m.run.Cells)
	if err := m.run.Apply(env); err != nil {
		if m.broken == nil {
			m.broken = fmt.Errorf("metrics: %w", err)
		}
		return
	}
	for _, c := range m.run.Cells[cells:] {
		m.planned.WithLabelValues(c.Cast).Inc()
	}
	for _, s := range m.run.Servants[servants:] {
		m.servants.WithLabelValues(s.Platform).Inc()
		m.ready.WithLabelValues(s.Platform).Observe(s.Ready.Seconds())
	}
	switch {
	case env.TestRunStarted != nil:
		m.started.Set(float64(m.run.Started.UnixNano()) / 1e9)
	case env.TestCaseStarted != nil:
		a, _ := m.run.Attempt(env.TestCaseStarted.Id, "")
		m.running.Inc()
		m.attempts.WithLabelValues(a.Cell.Cast).Inc()
	case env.TestStepFinished != nil:
		if _, s := m.run.Attempt(env.TestStepFinished.TestCaseStartedId, env.TestStepFinished.TestStepId); s != nil && s.Result != nil {
			m.step(s.Result)
		}
	case env.TestCaseFinished != nil:
		m.running.Dec()
		if a, _ := m.run.Attempt(env.TestCaseFinished.TestCaseStartedId, ""); a.Result != nil {
			m.attempt(a)
		}
	case env.TestRunFinished != nil:
		m.info.WithLabelValues(m.run.Info.RunID, m.run.Info.Version).Set(1)
		m.duration.Set(m.run.Finished.Sub(m.run.Started).Seconds())
		m.outcome.WithLabelValues(string(m.run.Outcome.Kind)).Set(1)
	case env.Attachment != nil && m.run.Info.RunID != "":
		m.info.WithLabelValues(m.run.Info.RunID, m.run.Info.Version).Set(1)
	}
}

func (m *Metrics) step(r *runlog.StepResult) {
	for _, p := range r.Processes() {
		role, platform := p.Role.Name, p.Role.Platform
		m.steps.WithLabelValues(role, platform, string(p.Verdict)).Inc()
		if p.Verdict == runlog.Skipped {
			continue
		}
		m.coordinator.WithLabelValues(role, platform).Observe(p.Coordinator.Seconds())
		if p.Servant > 0 {
			m.servant.WithLabelValues(role, platform).Observe(p.Servant.Seconds())
			m.wire.WithLabelValues(role, platform).Observe(p.Wire.Seconds())
		}
	}
}

func (m *Metrics) attempt(a *runlog.Attempt) {
	r, cast := a.Result, a.Cell.Cast
	for _, use := range r.Resources {
		platform := use.Role.Platform
		m.cpu.WithLabelValues(use.Role.Name, platform).Add(max(use.CPU, 0).Seconds())
		top := m.highest[platform]
		top.PeakRSS = max(top.PeakRSS, use.PeakRSS)
		top.Descriptors = max(top.Descriptors, use.Descriptors)
		top.Threads = max(top.Threads, use.Threads)
		m.highest[platform] = top
		m.peakRSS.WithLabelValues(platform).Set(float64(top.PeakRSS))
		m.descriptors.WithLabelValues(platform).Set(float64(top.Descriptors))
		m.threads.WithLabelValues(platform).Set(float64(top.Threads))
	}
	m.leaks.WithLabelValues(cast).Add(float64(len(r.Leaks)))
	if r.WillBeRetried {
		return
	}
	m.cells.WithLabelValues(cast, string(r.Verdict), fmt.Sprint(r.Verdict.Bad() && r.Expected != "")).Inc()
	if r.Verdict != runlog.Skipped {
		m.cellSeconds.WithLabelValues(cast).Observe(r.Duration.Seconds())
	}
}

const namespace = "parley"

func (m *Metrics) gauge(name, help string) prometheus.Gauge {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help})
	m.registry.MustRegister(g)
	return g
}

func (m *Metrics) gauges(name, help string, labels ...string) *prometheus.GaugeVec {
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help}, labels)
	m.registry.MustRegister(g)
	return g
}

func (m *Metrics) counters(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
	m.registry.MustRegister(c)
	return c
}

// histograms reach from 10 µs, a step that does nothing, to 2 minutes.
func (m *Metrics) histograms(name, help string, labels ...string) *prometheus.HistogramVec {
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help,
		Buckets: prometheus.ExponentialBucketsRange(10e-6, 120, 24)}, labels)
	m.registry.MustRegister(h)
	return h
}
