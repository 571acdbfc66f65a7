package stage

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// asRoot skips a test that needs to start processes as somebody else.
func asRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: only root can start a process as another user")
	}
}

// openDir is a folder that every user can enter; those of tests are their
// owner's alone.
func openDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for at := dir; at != filepath.Clean(os.TempDir()) && at != "/"; at = filepath.Dir(at) {
		if err := os.Chmod(at, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestUserFor(t *testing.T) {
	asRoot(t)
	s := open(t)
	open := openDir(t)
	closed := filepath.Join(open, "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	file := func(dir, name string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	free, hidden := file(open, "free", 0o755), file(closed, "hidden", 0o755)
	private, secret := file(open, "private", 0o700), file(open, "secret", 0o600)
	link := filepath.Join(open, "link")
	if err := os.Symlink(hidden, link); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		user   string
		c      Command
		reason string
	}{
		"everything open":         {"nobody", Command{Argv: []string{free, "--port=1", "a/b/c"}, Dir: open}, ""},
		"a program in PATH":       {"nobody", Command{Argv: []string{"sh", "-c", "exit"}}, ""},
		"a relative program":      {"nobody", Command{Argv: []string{"./free"}, Dir: open}, ""},
		"an unknown user":         {"parley-nobody-has-this-name", Command{Argv: []string{free}}, "this machine has no user parley-nobody-has-this-name"},
		"a closed folder":         {"nobody", Command{Argv: []string{hidden}}, "user nobody may not enter " + closed},
		"behind a link":           {"nobody", Command{Argv: []string{link}}, "user nobody may not enter " + closed},
		"a private program":       {"nobody", Command{Argv: []string{private}}, "user nobody may not execute " + private},
		"an unreadable argument":  {"nobody", Command{Argv: []string{free, secret}}, "user nobody may not read " + secret},
		"a closed working folder": {"nobody", Command{Argv: []string{free}, Dir: closed}, "user nobody may not execute " + closed},
		"its owner":               {"root", Command{Argv: []string{private, secret}, Dir: closed}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.UserFor(tc.c, tc.user)
			if tc.reason == "" && err != nil || tc.reason != "" && (err == nil || !strings.Contains(err.Error(), tc.reason)) {
				t.Errorf("got %v, want %q", err, tc.reason)
			}
		})
	}
}

func TestAServantOfAnotherUser(t *testing.T) {
	asRoot(t)
	s := open(t)
	command := self(t, "obeys")
	program, err := os.ReadFile(command.Argv[0])
	if err != nil {
		t.Fatal(err)
	}
	command.Argv[0] = filepath.Join(openDir(t), "servant")
	if err := os.WriteFile(command.Argv[0], program, 0o755); err != nil {
		t.Fatal(err)
	}
	u, err := s.UserFor(command, "nobody")
	if err != nil {
		t.Fatal(err)
	}
	command.User = u
	sv := acquire(t, s, command)
	info, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(sv.PID()), "status"))
	if err != nil {
		t.Fatal(err)
	}
	ids := strconv.Itoa(int(u.UID))
	if want := "Uid:\t" + strings.Join([]string{ids, ids, ids, ids}, "\t"); !strings.Contains(string(info), want) {
		t.Errorf("its status has no %q:\n%s", want, info)
	}
	if !strings.Contains(string(info), "Groups:\t \n") {
		t.Errorf("it has supplementary groups:\n%s", info)
	}
	if user, _ := environOf(sv.PID()).get("USER"); user != "nobody" {
		t.Errorf("its environment says that its user is %q", user)
	}
	if left := s.Release(t.Context(), sv, false); left.Err != nil || len(left.Processes) > 0 {
		t.Errorf("it left %+v", left)
	}
}

func TestServantsInProcessHaveNoOtherUser(t *testing.T) {
	s := inGoroutine(t, func(*fake) int { return 0 })
	if _, err := s.UserFor(Command{Argv: []string{"sh"}}, "nobody"); err == nil || !strings.Contains(err.Error(), "run as the coordinator's user") {
		t.Error(err)
	}
}
