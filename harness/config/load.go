package config

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

//go:embed parley.schema.json
var schemaJSON []byte

// file is the shape of parley.yaml. Platforms stay a node: their order counts.
type file struct {
	Features     []string  `yaml:"features"`
	Roles        []string  `yaml:"roles"`
	StepTimeout  string    `yaml:"stepTimeout"`
	StartTimeout string    `yaml:"startTimeout"`
	Out          string    `yaml:"out"`
	Platforms    yaml.Node `yaml:"platforms"`

	Waiting    []string             `yaml:"waiting"`
	Alone      []string             `yaml:"alone"`
	OnDemand   []string             `yaml:"onDemand"`
	Parameters map[string]yaml.Node `yaml:"parameters"`
}

type platformFile struct {
	Command []string          `yaml:"command"`
	Dir     string            `yaml:"dir"`
	Env     map[string]string `yaml:"env"`
	Check   []string          `yaml:"check"`
	Install string            `yaml:"install"`
	Build   string            `yaml:"build"`

	Debug    string            `yaml:"debug"`
	DebugEnv map[string]string `yaml:"debugEnv"`

	DebugEnter bool `yaml:"debugEnter"`
}

// Load reads and validates the configuration at path.
func Load(path string) (*Config, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("configuration %s: %w", path, err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &Error{Path: path, Detail: "cannot read it: " + unwrapped(err), Hint: "name an existing file with --config FILE"}
	}
	return Parse(path, data)
}

// Parse validates data as the configuration that stands at path.
func Parse(path string, data []byte) (*Config, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return nil, syntaxError(path, err)
	}
	if root.Kind == 0 {
		return nil, &Error{Path: path, Detail: "is empty", Hint: "it needs at least version and platforms (docs/configuration.md has a minimal one)"}
	}
	if err := validate(path, &root); err != nil {
		return nil, err
	}
	f := file{
		Features:     []string{"features"},
		Roles:        []string{"reader", "writer", "server", "client"},
		StepTimeout:  "30s",
		StartTimeout: "10s",
		Out:          ".parley",
	}
	if err := root.Decode(&f); err != nil {
		return nil, syntaxError(path, err)
	}
	c := &Config{Path: path, Root: filepath.Dir(path), Roles: f.Roles, Out: absolute(filepath.Dir(path), f.Out),
		Waiting: f.Waiting, Alone: f.Alone, OnDemand: f.OnDemand, Parameters: map[string]string{}}
	for name, value := range f.Parameters {
		c.Parameters[name] = value.Value // as written: 10, 1e3
	}
	for _, p := range f.Features {
		c.Features = append(c.Features, absolute(c.Root, p))
	}
	var err error
	if c.StepTimeout, err = positive(path, &root, "stepTimeout", f.StepTimeout); err != nil {
		return nil, err
	}
	if c.StartTimeout, err = positive(path, &root, "startTimeout", f.StartTimeout); err != nil {
		return nil, err
	}
	for i := 0; i+1 < len(f.Platforms.Content); i += 2 {
		var p platformFile
		if err := f.Platforms.Content[i+1].Decode(&p); err != nil {
			return nil, syntaxError(path, err)
		}
		c.Platforms = append(c.Platforms, platform(c.Root, f.Platforms.Content[i].Value, p))
	}
	return c, nil
}

func platform(root, name string, p platformFile) Platform {
	return Platform{Name: name, Command: argv(root, p.Command), Dir: absolute(root, p.Dir), Env: p.Env,
		Check: argv(root, p.Check), Install: p.Install, Build: p.Build, Debug: p.Debug, DebugEnv: p.DebugEnv, DebugEnter: p.DebugEnter}
}

// argv makes the program of a command absolute, unless it is looked up in PATH.
func argv(root string, command []string) []string {
	out := slices.Clone(command)
	if len(out) > 0 && strings.Contains(out[0], "/") {
		out[0] = absolute(root, out[0])
	}
	return out
}

func positive(path string, root *yaml.Node, key, value string) (time.Duration, error) {
	d, err := time.ParseDuration(value)
	if err != nil || d <= 0 {
		at := find(root, []string{key})
		return 0, &Error{Path: path, Line: at.Line, Column: at.Column,
			Detail: fmt.Sprintf("%s: %q is not a positive duration", key, value), Hint: "write it like 500ms, 30s or 1m30s"}
	}
	return d, nil
}

func absolute(root, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(root, path)
}

var yamlLine = regexp.MustCompile(`line (\d+): (.*)`)

// syntaxError takes line and reason out of yaml's message.
func syntaxError(path string, err error) error {
	e := &Error{Path: path, Detail: strings.TrimPrefix(err.Error(), "yaml: ")}
	var typed *yaml.TypeError
	if errors.As(err, &typed) && len(typed.Errors) > 0 {
		e.Detail = typed.Errors[0]
	}
	if m := yamlLine.FindStringSubmatch(e.Detail); m != nil {
		e.Line, _ = strconv.Atoi(m[1])
		e.Column, e.Detail = 1, m[2]
	}
	e.Detail = "not valid YAML: " + e.Detail
	return e
}

func unwrapped(err error) string {
	var pathErr *os.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err.Error()
	}
	return err.Error()
}
