package stage

import (
	"cmp"
	"os"
	"slices"
	"strconv"
	"strings"

	"parley.dev/parley/servant/contract"
)

// envServant tells apart the servants of one run, so that an orphan can be
// traced to the servant that started it.
const envServant = "PARLEY_SERVANT"

// passed are the variables that programs get from the coordinator's own
// environment: where things are, who the user is, how to speak, and what
// sanitizers and coverage need in instrumented programs.
var passed = []string{
	"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TERM", "TMPDIR", "NO_COLOR",
	"XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
	"LD_LIBRARY_PATH", "JAVA_HOME", "DOTNET_ROOT", "DOTNET_CLI_HOME", "VIRTUAL_ENV", "SSL_CERT_FILE", "SSL_CERT_DIR",
	"GOCOVERDIR", "GORACE", "ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS",
}

// environment builds the complete environment of a program from the
// coordinator's: the passed variables, then extra, then ours, which nobody can
// override.
func environment(own []string, extra []string, ours map[string]string) []string {
	env := map[string]string{}
	for _, kv := range own {
		if k, v, ok := strings.Cut(kv, "="); ok && (slices.Contains(passed, k) || strings.HasPrefix(k, "LC_")) {
			env[k] = v
		}
	}
	for _, kv := range extra {
		if k, v, ok := strings.Cut(kv, "="); ok && k != "" {
			env[k] = v
		}
	}
	for k, v := range ours {
		env[k] = v
	}
	out := make([]string, 0, len(env))
	for k, v := range env {
		out = append(out, k+"="+v)
	}
	slices.Sort(out)
	return out
}

// discoverRole is PARLEY_ROLE of a servant that is started for its definitions
// and not for a role: without the variable it would take us for a coordinator of
// contract 1.0.
const discoverRole = "discover"

func (s *Stage) environment(c Command, cell Identity, number int64) []string {
	ours := map[string]string{
		contract.EnvRunID:         s.runID,
		contract.EnvPlatform:      c.Platform,
		contract.EnvRole:          cmp.Or(c.Role, discoverRole),
		contract.EnvLegacyHostPID: strconv.Itoa(cell.HostPid),
		contract.EnvLegacyFeature: strconv.Itoa(cell.FeatureId),
		envServant:                strconv.FormatInt(number, 10),
	}
	if u := c.User; u != nil {
		ours["HOME"], ours["USER"], ours["LOGNAME"] = u.Home, u.Name, u.Name
	}
	return environment(os.Environ(), c.Env, ours)
}
