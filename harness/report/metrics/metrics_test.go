package metrics

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"go.uber.org/goleak"

	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/harness/runlog/runlogtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sum adds up the counters, gauges or histogram counts of a metric whose labels
// include the wanted ones.
func sum(t *testing.T, m *Metrics, name string, labels map[string]string) float64 {
	t.Helper()
	families, err := m.Gatherer().Gather()
	if err != nil {
		t.Fatal(err)
	}
	total, found := 0.0, false
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		found = true
		for _, metric := range f.GetMetric() {
			if matches(metric, labels) {
				total += metric.GetCounter().GetValue() + metric.GetGauge().GetValue() + float64(metric.GetHistogram().GetSampleCount())
			}
		}
	}
	if !found {
		t.Errorf("there is no metric %s", name)
	}
	return total
}

func matches(metric *dto.Metric, labels map[string]string) bool {
	have := map[string]string{}
	for _, l := range metric.GetLabel() {
		have[l.GetName()] = l.GetValue()
	}
	for k, v := range labels {
		if have[k] != v {
			return false
		}
	}
	return true
}

func TestExampleRun(t *testing.T) {
	m := New()
	run, err := runlog.Read(runlogtest.Example(t, m))
	if err != nil {
		t.Fatal(err)
	}
	if m.Err() != nil {
		t.Fatal(m.Err())
	}
	for v, n := range run.Counts().Verdicts {
		if got := sum(t, m, "parley_cells_total", map[string]string{"verdict": string(v)}); got != float64(n) {
			t.Errorf("%v cells %s, want %d", got, v, n)
		}
	}
	type labels = map[string]string
	for _, tt := range []struct {
		name   string
		labels labels
		want   float64
	}{
		{"parley_run_info", labels{"run_id": "20260304-093000-7f3a", "version": "0.1.0"}, 1},
		{"parley_run_outcome", labels{"outcome": "failed"}, 1},
		{"parley_run_started_timestamp_seconds", nil, float64(runlogtest.Start().Unix())},
		{"parley_run_duration_seconds", nil, run.Finished.Sub(run.Started).Seconds()},
		{"parley_cells_running", nil, 0},
		{"parley_cells_planned", nil, 30},
		{"parley_cells_planned", labels{"cast": "go_go"}, 6},
		{"parley_cells_total", labels{"cast": "cpp_go", "expected": "true"}, 1},
		{"parley_cell_attempts_total", nil, 31},
		{"parley_cell_duration_seconds", nil, 24},
		{"parley_leaks_total", labels{"cast": "csharp_go"}, 2},
		{"parley_servants_started_total", labels{"platform": "csharp"}, 1},
		{"parley_servant_ready_seconds", nil, 2},
		{"parley_steps_total", labels{"verdict": "crashed", "platform": "go", "role": "writer"}, 1},
		{"parley_steps_total", labels{"verdict": "timeout"}, 1},
		{"parley_process_peak_resident_bytes", labels{"platform": "csharp"}, 48 << 20},
		{"parley_process_descriptors_max", labels{"platform": "cpp"}, 11},
		{"parley_process_threads_max", labels{"platform": "go"}, 19},
	} {
		if got := sum(t, m, tt.name, tt.labels); got != tt.want {
			t.Errorf("%s%v = %v, want %v", tt.name, tt.labels, got, tt.want)
		}
	}
	performed := sum(t, m, "parley_steps_total", nil) - sum(t, m, "parley_steps_total", labels{"verdict": "skipped"})
	for _, clock := range []string{"coordinator", "servant", "wire"} {
		if got := sum(t, m, "parley_step_"+clock+"_seconds", nil); got != performed {
			t.Errorf("%v steps on the clock %s, want %v", got, clock, performed)
		}
	}
	if cpu := sum(t, m, "parley_process_cpu_seconds_total", nil); cpu < 1.07 || cpu > 1.08 {
		t.Errorf("cpu %v s, want 25 attempts of 43 ms", cpu)
	}
}

func TestWriteTextfile(t *testing.T) {
	m := New()
	runlogtest.Example(t, m)
	dir := t.TempDir()
	path := filepath.Join(dir, "parley.prom")
	if err := m.WriteTextfile(path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := `parley_cells_total{cast="csharp_go",expected="false",verdict="leaked"} 1`; !strings.Contains(string(data), want) {
		t.Errorf("%q is missing in:\n%s", want, data)
	}
	if err := m.WriteTextfile(filepath.Join(dir, "none", "x")); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("error %v", err)
	}
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestServe(t *testing.T) {
	m := New()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	e, err := m.Serve(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if code, body := get(t, e.URL); code != http.StatusOK || strings.Contains(body, "parley_cells_total{") {
		t.Errorf("before the run: %d %s", code, body)
	}
	runlogtest.Example(t, m)
	if code, body := get(t, e.URL); code != http.StatusOK || !strings.Contains(body, `verdict="flaky"`) {
		t.Errorf("after the run: %d %s", code, body)
	}
	addr := strings.TrimSuffix(strings.TrimPrefix(e.URL, "http://"), "/metrics")
	if _, err := New().Serve(ctx, addr); err == nil || !strings.Contains(err.Error(), addr) || !strings.Contains(err.Error(), "another program listens there") {
		t.Errorf("second endpoint at one address: %v", err)
	}
	if _, err := m.Serve(ctx, "nonsense"); err == nil || !strings.Contains(err.Error(), "host:port") {
		t.Errorf("nonsense address: %v", err)
	}
	cancel()
	if err := e.Wait(); err != nil {
		t.Errorf("end: %v", err)
	}
}
