package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley.dev/parley/servant/ring"
)

const probeEnv = "RING_PROBE_TEST"

func TestMain(m *testing.M) {
	if os.Getenv(probeEnv) != "" {
		main()
	}
	os.Exit(m.Run())
}

var names atomic.Int64

// unique is a name that must be free again at the end.
func unique(t *testing.T) string {
	t.Helper()
	name := fmt.Sprintf("goprobe-%d-%d-", os.Getpid(), names.Add(1))
	t.Cleanup(func() {
		for _, p := range []string{"/dev/shm/" + name, "/dev/shm/sem.sem-?-" + name, "/tmp/zerobuffer/" + name} {
			if left, _ := filepath.Glob(p + "*"); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		}
	})
	return name
}

// output is the standard output of a probe.
type output struct {
	bytes.Buffer
	ready chan struct{}
}

func (o *output) Write(b []byte) (int, error) {
	if string(b) == "ready\n" {
		close(o.ready)
	}
	return o.Buffer.Write(b)
}

// last gives the line of JSON.
func (o *output) last(t *testing.T) map[string]any {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(o.String()), "\n")
	var v map[string]any
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &v); err != nil {
		t.Fatalf("%v: %q", err, o.String())
	}
	return v
}

func probe(t *testing.T, words string) (int, *output) {
	t.Helper()
	o := &output{ready: make(chan struct{})}
	return run(strings.Fields(words), o, io.Discard), o
}

// together runs the first probe, and the second once it is ready.
func together(t *testing.T, first, second string) (a, b *output) {
	t.Helper()
	a = &output{ready: make(chan struct{})}
	var wg sync.WaitGroup
	wg.Go(func() {
		if status := run(strings.Fields(first), a, io.Discard); status != exitOK {
			t.Errorf("%s: status %d", first, status)
		}
	})
	select {
	case <-a.ready:
	case <-time.After(30 * time.Second):
		t.Fatal("the first probe is not ready")
	}
	status, b := probe(t, second)
	if status != exitOK {
		t.Errorf("%s: status %d, %s", second, status, b)
	}
	wg.Wait()
	return a, b
}

func TestReadAndWrite(t *testing.T) {
	for _, c := range []struct{ read, write string }{
		{"", ""},
		{"--hold 5", "--zero-copy"},
		{"--batch 16 --copy", "--batch 7"},
		{"--delay-us 10 --hold 3", "--batch 50"},
	} {
		name := unique(t)
		common := " --frames 2000 --seed 7 --min 1 --max 900 --metadata-length 100 "
		a, b := together(t, "read "+name+" --metadata 256 --payload 10240"+common+c.read, "write "+name+common+c.write)
		for _, o := range []*output{a, b} {
			v := o.last(t)
			if v["ok"] != true || v["frames"] != 2000.0 || v["metadataLength"] != 100.0 || v["bytes"].(float64) < 2000 {
				t.Errorf("%+v: %v", c, v)
			}
			for _, key := range []string{"seconds", "framesPerSecond", "megabytesPerSecond"} {
				if v[key].(float64) <= 0 {
					t.Errorf("%+v: %s is %v", c, key, v[key])
				}
			}
		}
	}
}

func TestPingPong(t *testing.T) {
	name := unique(t)
	a, b := together(t, "pong "+name+" --metadata 0 --payload 65536", "ping "+name+" --metadata 0 --payload 65536 --size 64 --count 500 --warmup 10")
	if v := a.last(t); v["ok"] != true || v["frames"] != 510.0 {
		t.Errorf("pong: %v", v)
	}
	v := b.last(t)
	us := v["microseconds"].(map[string]any)
	if v["ok"] != true || v["size"] != 64.0 || v["count"] != 500.0 || len(us) != 7 {
		t.Errorf("ping: %v", v)
	}
	last := 0.0
	for _, key := range []string{"min", "p50", "p90", "p99", "p999", "max"} {
		if us[key].(float64) < last {
			t.Errorf("%s is less than the one before: %v", key, us)
		}
		last = us[key].(float64)
	}
}

func TestFailures(t *testing.T) {
	name := unique(t)
	for _, c := range []struct {
		words, err string
		status     int
	}{
		{"inspect " + name, "NotFound", exitSetup},
		{"inspect a/b", "InvalidName", exitSetup},
		{"write " + name + " --frames 1 --seed 1 --min 1 --max 1 --connect-timeout-ms 1", "NotFound", exitSetup},
		{"read " + name + " --metadata 0 --payload 64 --frames 1 --timeout-ms 1", "ReadTimeout", exitFailed},
		{"pong " + name + " --metadata 0 --payload 64 --timeout-ms 1", "ReadTimeout", exitFailed},
	} {
		status, o := probe(t, c.words)
		v := o.last(t)
		if status != c.status || v["ok"] != false || v["error"] != c.err || v["message"] == "" {
			t.Errorf("%s: status %d, %v", c.words, status, v)
		}
	}
}

// What the reader finds wrong: sizes, data, metadata.
func TestChecks(t *testing.T) {
	for _, c := range []struct{ read, err string }{
		{"--seed 8 --min 1 --max 900", "SizeMismatch"},
		{"--metadata-length 99", "MetadataMismatch"},
	} {
		name := unique(t)
		done := make(chan map[string]any)
		a := &output{ready: make(chan struct{})}
		go func() {
			if status := run(strings.Fields("read "+name+" --metadata 256 --payload 10240 --frames 5 "+c.read), a, io.Discard); status != exitFailed {
				t.Errorf("%s: status %d", c.read, status)
			}
			done <- a.last(t)
		}()
		<-a.ready
		probe(t, "write "+name+" --frames 5 --seed 7 --min 1 --max 900 --metadata-length 100")
		if v := <-done; v["error"] != c.err {
			t.Errorf("%s: %v", c.read, v)
		}
	}
}

func TestDieAfter(t *testing.T) {
	name := unique(t)
	r, err := ring.Create(name, ring.Sizes{Payload: 10240})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, how := range []string{"", "--batch 2", "--zero-copy"} {
		cmd := exec.Command(exe, strings.Fields("write "+name+" --frames 10 --seed 1 --min 50 --max 50 --die-after 3 "+how)...)
		cmd.Env = append(os.Environ(), probeEnv+"=1")
		if err := cmd.Run(); err == nil || err.Error() != "signal: killed" {
			t.Errorf("%s: %v", how, err)
		}
		for range 3 {
			f, err := r.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Release(); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := r.Read(t.Context()); err == nil || !strings.Contains(err.Error(), "writer dead") {
			t.Errorf("%s: %v", how, err)
		}
	}
	status, o := probe(t, "inspect "+name)
	if v := o.last(t); status != exitOK || v["ok"] != true || v["payload_size"] != 10240.0 || v["reader_pid"] != float64(os.Getpid()) {
		t.Errorf("inspect: status %d, %v", status, v)
	}
}

func TestWrongWords(t *testing.T) {
	for _, c := range []struct{ words, names string }{
		{"", "command"},
		{"frobnicate x", "frobnicate"},
		{"read", "name"},
		{"read --frames 1", "name"},
		{"read x --metadata 0 --payload 64", "--frames"},
		{"read x --metadata 0 --payload 64 --frames z", "frames"},
		{"read x --metadata 0 --payload 0 --frames 1", "--payload"},
		{"read x --metadata 0 --payload 64 --frames 1 --seed 1", "--min"},
		{"read x --metadata 0 --payload 64 --frames 1 --zero-copy", "zero-copy"},
		{"read x --metadata 0 --payload 64 --frames 1 --batch 2 --hold 2", "--batch"},
		{"write x --frames 1 --seed 1 --min 2 --max 1", "--max"},
		{"write x --frames 1 --seed -1 --min 1 --max 1", "seed"},
		{"write x --frames 1 --seed 1 --min 1 --max 1 more", "more"},
		{"ping x --metadata 0 --payload 64 --size 0 --count 1 --warmup 0", "--size"},
		{"inspect x --frames 1", "frames"},
	} {
		var out, errs bytes.Buffer
		status := run(strings.Fields(c.words), &out, &errs)
		if status != exitWords || strings.Count(errs.String(), "\n") != 1 || !strings.Contains(errs.String(), c.names) || out.Len() > 0 {
			t.Errorf("%q: status %d, stderr %q, stdout %q", c.words, status, errs.String(), out.String())
		}
	}
}
