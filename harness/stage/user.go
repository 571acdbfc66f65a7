package stage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// User is who a program runs as, without supplementary groups.
type User struct {
	Name, Home string
	UID, GID   uint32
}

// UserFor finds the user of this machine as whom a command shall be started. The
// error is the reason why that cannot be here: servants in process, a
// coordinator that is not root, an unknown user, or a path that is closed to it.
func (s *Stage) UserFor(c Command, name string) (*User, error) {
	if !s.real {
		return nil, errors.New("servants inside the coordinator run as the coordinator's user")
	}
	if os.Geteuid() != 0 {
		return nil, errors.New("only root can start a process as another user")
	}
	u, err := lookUpUser(name)
	if err != nil {
		return nil, err
	}
	return u, u.mayRun(c)
}

func lookUpUser(name string) (*User, error) {
	found, err := user.Lookup(name)
	var unknown user.UnknownUserError
	switch {
	case errors.As(err, &unknown):
		return nil, fmt.Errorf("this machine has no user %s", name)
	case err != nil:
		return nil, fmt.Errorf("look up user %s: %w", name, err)
	}
	uid, err := strconv.ParseUint(found.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("user %s has no numeric id: %w", name, err)
	}
	gid, err := strconv.ParseUint(found.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("user %s has no numeric group: %w", name, err)
	}
	return &User{Name: name, Home: found.HomeDir, UID: uint32(uid), GID: uint32(gid)}, nil
}

// credential is nil for the coordinator's own user.
func (u *User) credential() *syscall.Credential {
	if u == nil {
		return nil
	}
	return &syscall.Credential{Uid: u.UID, Gid: u.GID}
}

// Permission bits, as of others.
const (
	mayRead    = 4
	mayExecute = 1
)

// mayRun names the first path that keeps the user from running a command: a
// closed folder, or the program itself. Arguments that are paths of files must be
// readable. It goes by owner, group and mode.
func (u *User) mayRun(c Command) error {
	c.Env = environment(os.Environ(), c.Env, nil) // the program is sought in PATH
	path, err := executable(c)
	if err != nil {
		return err
	}
	if c.Dir != "" {
		if err := u.mayReach(c.Dir, c.Dir, mayExecute); err != nil {
			return err
		}
	}
	if err := u.mayReach(path, c.Dir, mayExecute); err != nil {
		return err
	}
	for _, argument := range c.Argv[1:] {
		if !strings.ContainsRune(argument, filepath.Separator) {
			continue
		}
		if err := u.mayReach(argument, c.Dir, mayRead); err != nil {
			return err
		}
	}
	return nil
}

// mayReach checks the folders above path, as it is written and where its links
// lead, and the bits of what is there. What does not exist is no path.
func (u *User) mayReach(path, dir string, bits fs.FileMode) error {
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("look at %s: %w", path, err)
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil //nolint:nilerr // an argument that only looks like a path
	}
	for _, p := range []string{path, target} {
		var above []string
		for at := filepath.Dir(p); ; at = filepath.Dir(at) {
			above = append(above, at)
			if at == filepath.Dir(at) {
				break
			}
		}
		for i := len(above) - 1; i >= 0; i-- {
			if !u.may(above[i], mayExecute) {
				return fmt.Errorf("user %s may not enter %s", u.Name, above[i])
			}
		}
	}
	if !u.may(target, bits) {
		verb := "execute"
		if bits == mayRead {
			verb = "read"
		}
		return fmt.Errorf("user %s may not %s %s", u.Name, verb, target)
	}
	return nil
}

// may checks the bits of path that apply to the user: the owner's, the group's
// or those of others.
func (u *User) may(path string, bits fs.FileMode) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return false
	}
	mode := info.Mode().Perm()
	switch {
	case st.Uid == u.UID:
		mode >>= 6
	case st.Gid == u.GID:
		mode >>= 3
	}
	return mode&bits == bits
}
