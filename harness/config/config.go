// Package config turns parley.yaml into a validated Config. Every error names
// file, line and column, what is wrong and what to do about it.
// docs/configuration.md is its manual, parley.schema.json its schema.
package config

import (
	"os"
	"path/filepath"
	"time"
)

// FileName is the configuration that is looked for in the working directory
// and its parents.
const FileName = "parley.yaml"

// Config is one validated parley.yaml. Paths are absolute.
type Config struct {
	Path string // of the file itself
	Root string // the folder that relative paths are relative to

	Features  []string   // files and folders with feature files
	Roles     []string   // canonical role order
	Platforms []Platform // in the order of the file: the order of casts

	Waiting    []string          // tags whose scenarios mostly wait: they run beside the others
	Alone      []string          // tags whose scenarios measure: they run when nothing else does
	OnDemand   []string          // tags whose scenarios run only when they are asked for
	Parameters map[string]string // values of {name} in features

	StepTimeout  time.Duration // limit of a step
	StartTimeout time.Duration // from process start to the answer to health
	Out          string        // folder of the runs
}

// Platform says how the servants of a platform are started, and how they come
// to be there.
type Platform struct {
	Name    string
	Command []string          // argv; a first element with a slash is absolute here
	Dir     string            // working directory of the servant
	Env     map[string]string // added to the servant's environment
	Check   []string          // exits 0 when the toolchain is there, else prints what is missing
	Install string            // what a user types to get the toolchain
	Build   string            // what a user types to build the servant

	Debug    string            // what a user types to debug a servant; {pid} is its process id
	DebugEnv map[string]string // added to the environment of a servant that is to be debugged
	// DebugEnter is true when the debugger does not trace the process, or only to get
	// in: then nothing but Enter says that it is there.
	DebugEnter bool
}

// Platform returns the platform of that name, or nil.
func (c *Config) Platform(name string) *Platform {
	for i := range c.Platforms {
		if c.Platforms[i].Name == name {
			return &c.Platforms[i]
		}
	}
	return nil
}

// PlatformNames returns the names in the order of the file.
func (c *Config) PlatformNames() []string {
	names := make([]string, len(c.Platforms))
	for i, p := range c.Platforms {
		names[i] = p.Name
	}
	return names
}

// Rel returns path relative to the configuration's folder where that is
// shorter to read.
func (c *Config) Rel(path string) string {
	if rel, err := filepath.Rel(c.Root, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}

// Find returns the path of the nearest parley.yaml, from dir upwards.
func Find(dir string) (string, error) {
	for at := dir; ; at = filepath.Dir(at) {
		path := filepath.Join(at, FileName)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
		if at == filepath.Dir(at) {
			return "", &Error{Path: filepath.Join(dir, FileName),
				Detail: "there is no parley.yaml here or in any folder above",
				Hint:   "create one (docs/configuration.md has a minimal one) or name it with --config FILE"}
		}
	}
}
