package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
)

// command is what the words of the command line say.
type command struct {
	verb, name            string
	metadata, payload     int
	frames, min, max      int
	seed                  uint64
	seeded                bool
	metadataLength        int
	checkMetadata         bool
	timeout, connect      time.Duration
	delay                 time.Duration
	hold, batch, dieAfter int
	copy, zeroCopy        bool
	size, count, warmup   int
}

// verbs are the commands with the words that each must have.
var verbs = map[string][]string{
	"read":    {"metadata", "payload", "frames"},
	"write":   {"frames", "seed", "min", "max"},
	"pong":    {"metadata", "payload"},
	"ping":    {"metadata", "payload", "size", "count", "warmup"},
	"inspect": {},
}

func parse(args []string) (*command, error) {
	if len(args) == 0 {
		return nil, errors.New("a command is missing: read, write, pong, ping or inspect")
	}
	required, ok := verbs[args[0]]
	if !ok {
		return nil, fmt.Errorf("unknown command %q: use read, write, pong, ping or inspect", args[0])
	}
	c := &command{verb: args[0]}
	if len(args) < 2 || strings.HasPrefix(args[1], "--") {
		return nil, fmt.Errorf("%s: the buffer's name is missing: ring-probe %s NAME …", c.verb, c.verb)
	}
	c.name = args[1]
	set, err := c.flags(args[2:])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.verb, err)
	}
	for _, word := range required {
		if !set[word] {
			return nil, fmt.Errorf("%s: --%s is missing", c.verb, word)
		}
	}
	if err := c.check(set); err != nil {
		return nil, fmt.Errorf("%s: %w", c.verb, err)
	}
	return c, nil
}

// flags parses the words after the name and gives those that were there.
func (c *command) flags(args []string) (map[string]bool, error) {
	fs := flag.NewFlagSet(c.verb, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	on := func(verbs ...string) bool { return slices.Contains(verbs, c.verb) }
	number := func(at *int, word string, value int) { fs.IntVar(at, word, value, "") }
	var timeout, connect, delay int
	if on("read", "pong", "ping") {
		number(&c.metadata, "metadata", 0)
		number(&c.payload, "payload", 0)
	}
	if on("read", "write") {
		number(&c.frames, "frames", 0)
		fs.Uint64Var(&c.seed, "seed", 0, "")
		number(&c.min, "min", 0)
		number(&c.max, "max", 0)
		number(&c.metadataLength, "metadata-length", 0)
		number(&c.batch, "batch", 0)
	}
	if on("read", "write", "pong") {
		number(&timeout, "timeout-ms", 5000)
	}
	if on("read") {
		number(&delay, "delay-us", 0)
		number(&c.hold, "hold", 0)
		fs.BoolVar(&c.copy, "copy", false, "")
	}
	if on("write") {
		fs.BoolVar(&c.zeroCopy, "zero-copy", false, "")
		number(&c.dieAfter, "die-after", 0)
		number(&connect, "connect-timeout-ms", 5000)
	}
	if on("ping") {
		number(&c.size, "size", 0)
		number(&c.count, "count", 0)
		number(&c.warmup, "warmup", 0)
		timeout, connect = 5000, 5000
	}
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	if fs.NArg() > 0 {
		return nil, fmt.Errorf("unexpected word %q", fs.Arg(0))
	}
	c.timeout = time.Duration(timeout) * time.Millisecond
	c.connect = time.Duration(connect) * time.Millisecond
	c.delay = time.Duration(delay) * time.Microsecond
	set := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { set[f.Name] = true })
	return set, nil
}

// check refuses values that make no sense, and combinations that do not.
func (c *command) check(set map[string]bool) error {
	c.seeded, c.checkMetadata = set["seed"], set["metadata-length"]
	for _, v := range []struct {
		word  string
		value int
		least int
	}{
		{"metadata", c.metadata, 0}, {"payload", c.payload, 1}, {"frames", c.frames, 0},
		{"min", c.min, 0}, {"max", c.max, 0}, {"metadata-length", c.metadataLength, 0},
		{"batch", c.batch, 1}, {"hold", c.hold, 1}, {"die-after", c.dieAfter, 1},
		{"size", c.size, 1}, {"count", c.count, 1}, {"warmup", c.warmup, 0},
		{"timeout-ms", int(c.timeout), 0}, {"connect-timeout-ms", int(c.connect), 0}, {"delay-us", int(c.delay), 0},
	} {
		if set[v.word] && v.value < v.least {
			return fmt.Errorf("--%s is below %d", v.word, v.least)
		}
	}
	switch {
	case set["seed"] != set["min"] || set["min"] != set["max"]:
		return errors.New("--seed, --min and --max go together")
	case c.max < c.min:
		return fmt.Errorf("--max %d is below --min %d", c.max, c.min)
	case c.max == math.MaxInt:
		return fmt.Errorf("--max %d is too large", c.max)
	case set["batch"] && (set["hold"] || set["zero-copy"]):
		return errors.New("--batch excludes --hold and --zero-copy")
	}
	return nil
}
