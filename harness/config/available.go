package config

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Unavailable says why a platform's servant cannot be started here, and what to
// type about it.
type Unavailable struct {
	Platform string
	Reason   string
	Remedies []string
}

func (u *Unavailable) Error() string {
	s := fmt.Sprintf("platform %s is not available here: %s", u.Platform, u.Reason)
	if len(u.Remedies) > 0 {
		s += "; try: " + strings.Join(u.Remedies, ", then ")
	}
	return s
}

// Available returns an *Unavailable when the platform's command cannot be run
// here. It looks at files only and starts nothing.
func (c *Config) Available(p Platform) error {
	_, err := exec.LookPath(p.Command[0])
	if err == nil {
		return nil
	}
	u := &Unavailable{Platform: p.Name}
	name := c.Rel(p.Command[0])
	switch {
	case !strings.Contains(p.Command[0], "/"):
		u.Reason = name + " is not in PATH"
	case errors.Is(err, os.ErrPermission):
		u.Reason = name + " is not executable"
	default:
		u.Reason = name + " does not exist"
	}
	for _, remedy := range []string{p.Install, p.Build} {
		if remedy != "" {
			u.Remedies = append(u.Remedies, remedy)
		}
	}
	return u
}
