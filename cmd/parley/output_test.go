package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The reader of our output goes away after the first line, as in `| head -1`.
func TestAReaderThatGoesAwayEndsTheRun(t *testing.T) {
	s := newSite(t, "", "keeps 'data' in shared memory", "passes")
	c := s.command("run", "--repeat", "200", "-j", "1")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	c.Stderr = &stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	out.Close()
	_ = c.Wait()
	if !strings.HasPrefix(line, "✓ 1.1 go") {
		t.Errorf("first line %q", line)
	}
	if got := c.ProcessState.ExitCode(); got != exitInterrupted {
		t.Errorf("exit status %d: %s", got, &stderr)
	}
	if got := stderr.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "nobody reads standard output") {
		t.Errorf("standard error: %s", got)
	}
	s.assertClear()
}

func TestOutputThatCannotBeWritten(t *testing.T) {
	s := newSite(t, "", "passes")
	for _, args := range [][]string{{"run"}, {"run", "--dry-run"}, {"list"}, {"list", "--format", "json"}, {"steps"}, {"doctor", "go"}, {"clean"}, {"help"}, {"help", "run"}, {"--version"}} {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		c := s.command(args...)
		var stderr bytes.Buffer
		c.Stdout, c.Stderr = full, &stderr
		_ = c.Run()
		full.Close()
		if got := c.ProcessState.ExitCode(); got != exitBroken {
			t.Errorf("%v: exit status %d", args, got)
		}
		if got := stderr.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "no space left on device") {
			t.Errorf("%v: standard error: %s", args, got)
		}
	}
	s.assertClear()
}

var metricsLine = regexp.MustCompile(`metrics: (http://(\S+)/metrics)\n`)

func TestMetricsWhileAStepHangs(t *testing.T) {
	s := newSite(t, "", "touches 'begun'", "waits for 'go-on'")
	c := s.command("run", "--metrics", "127.0.0.1:0")
	stderr, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	said, err := bufio.NewReader(stderr).ReadString('\n')
	m := metricsLine.FindStringSubmatch(said)
	if err != nil || m == nil {
		t.Fatalf("standard error: %q, %v", said, err)
	}
	s.awaits("begun")
	answer, err := http.Get(m[1])
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil || !bytes.Contains(body, []byte("parley_")) {
		t.Errorf("%v: %s", err, body)
	}

	taken := s.start("run", "--metrics", m[2], "--out", "other")
	s.assertEnded(taken, exitUsage)
	if want := "another program listens there"; !strings.Contains(taken.err.String(), want) {
		t.Errorf("standard error lacks %q: %s", want, &taken.err)
	}
	if _, err := os.Stat(filepath.Join(s.dir, "other")); err == nil {
		t.Error("a run that did not begin has made its folder")
	}

	if err := os.WriteFile(filepath.Join(s.dir, "go-on"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Error(err)
	}
	if l, err := net.Listen("tcp", m[2]); err != nil {
		t.Errorf("the endpoint is still open: %v", err)
	} else {
		l.Close()
	}
	s.assertClear()
}
