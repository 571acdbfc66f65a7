package stage

import (
	"bufio"
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// executable finds the program of c and checks what exec(2) would not name.
func executable(c Command) (string, error) {
	if len(c.Argv) == 0 || c.Argv[0] == "" {
		return "", errors.New("its command is empty")
	}
	if c.Dir != "" {
		info, err := os.Stat(c.Dir)
		if err != nil {
			return "", fmt.Errorf("its working directory cannot be used: %w", err)
		}
		if !info.IsDir() {
			return "", fmt.Errorf("its working directory %s is not a directory", c.Dir)
		}
	}
	name := c.Argv[0]
	if strings.Contains(name, "/") {
		return name, startable(name, c.Dir)
	}
	path := ""
	for _, kv := range c.Env {
		if v, ok := strings.CutPrefix(kv, "PATH="); ok {
			path = v
		}
	}
	for _, dir := range filepath.SplitList(path) {
		if found, err := exec.LookPath(filepath.Join(dir, name)); err == nil && filepath.IsAbs(found) {
			return found, nil
		}
	}
	return "", fmt.Errorf("program %s was not found in PATH (%s)", name, path)
}

func startable(name, dir string) error {
	at := name
	if !filepath.IsAbs(at) {
		at = filepath.Join(dir, at)
	}
	info, err := os.Stat(at)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("program %s does not exist: is it built?", at)
	case err != nil:
		return fmt.Errorf("program cannot be used: %w", err)
	case info.IsDir():
		return fmt.Errorf("program %s is a directory", at)
	case info.Mode()&0o111 == 0:
		return fmt.Errorf("program %s is not executable (mode %04o): chmod +x %s", at, info.Mode().Perm(), at)
	}
	return nil
}

// explainStart adds to an error of exec(2) what the file itself tells.
func explainStart(path string, err error) error {
	switch {
	case errors.Is(err, syscall.ENOENT):
		if missing := interpreter(path); missing != "" {
			return fmt.Errorf("program %s needs %s, which is missing: %w", path, missing, err)
		}
	case errors.Is(err, syscall.ENOEXEC):
		if f, elfErr := elf.Open(path); elfErr == nil {
			defer f.Close()
			return fmt.Errorf("program %s is built for %s, this machine is %s: %w",
				path, strings.TrimPrefix(f.Machine.String(), "EM_"), runtime.GOARCH, err)
		}
		return fmt.Errorf("program %s is neither a binary of this system nor a script with a #! line: %w", path, err)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("program %s may not be executed (its mode, a folder above it, or a noexec mount): %w", path, err)
	}
	return fmt.Errorf("program %s: %w", path, err)
}

// interpreter names the script interpreter or dynamic loader that path asks
// for, if that does not exist.
func interpreter(path string) string {
	name := ""
	if f, err := elf.Open(path); err == nil {
		defer f.Close()
		for _, p := range f.Progs {
			if p.Type == elf.PT_INTERP && p.Filesz < 4096 {
				raw := make([]byte, p.Filesz)
				if _, err := p.ReadAt(raw, 0); err == nil {
					name = string(bytes.TrimRight(raw, "\x00"))
				}
			}
		}
	} else if f, err := os.Open(path); err == nil {
		defer f.Close()
		line, _ := bufio.NewReaderSize(f, 256).ReadSlice('\n')
		if rest, ok := bytes.CutPrefix(line, []byte("#!")); ok {
			if words := strings.Fields(string(rest)); len(words) > 0 {
				name = words[0]
			}
			if strings.HasSuffix(string(rest), "\r\n") {
				name += `\r (the file has Windows line ends)`
			}
		}
	}
	if name == "" {
		return ""
	}
	if _, err := os.Stat(name); err == nil {
		return ""
	}
	return name
}
