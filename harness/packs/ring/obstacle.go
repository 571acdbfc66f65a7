package ring

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"parley.dev/parley/harness/packs"
)

func obstacleSteps() []packs.Definition {
	return []packs.Definition{
		{Pattern: `the name of the ` + object + ` of ` + buffer + ` is taken by a directory`, Summary: "puts an obstacle where a reader would create the object; it goes with the cell", Changes: true, Run: takeName},
		{Pattern: `nothing but the obstacle is left of ` + buffer, Summary: "of the buffer's objects there is the obstacle alone, still a directory", Run: onlyObstacle},
		{Pattern: `the obstacle is removed`, Summary: "removes the directory that took a name", Changes: true, Run: removeObstacle},
	}
}

const obstacleKey = Name + " obstacle"

// sharedFolder is the mode of /tmp/zerobuffer (ring protocol, Objects of a
// buffer).
const sharedFolder = 0o777 | fs.ModeSticky

func takeName(_ context.Context, c packs.Call) error {
	path := pathOf(c, c.Args[0], c.Args[1])
	if _, taken := c.Cell.Notes().LoadOrStore(obstacleKey, path); taken {
		return errors.New("there is an obstacle already; put a step before this one: the obstacle is removed")
	}
	dir := filepath.Dir(path)
	err := os.Mkdir(dir, 0o777)
	if err == nil {
		err = os.Chmod(dir, sharedFolder) // whatever the umask
	} else if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	if err == nil {
		err = os.Mkdir(path, 0o700)
	}
	if err != nil {
		c.Cell.Notes().Delete(obstacleKey)
		return fmt.Errorf("take the name of the %s of buffer '%s': %w", c.Args[0], c.Args[1], err)
	}
	c.Cell.AtEnd(func() error {
		if _, there := c.Cell.Notes().Load(obstacleKey); !there {
			return nil
		}
		return removeObstacle(context.Background(), c)
	})
	return nil
}

func obstacle(c packs.Call) (string, error) {
	kept, ok := c.Cell.Notes().Load(obstacleKey)
	path, _ := kept.(string)
	if !ok {
		return "", errors.New("there is no obstacle; put a step before this one: the name of the segment of buffer 'x' is taken by a directory")
	}
	return path, nil
}

// removeObstacle takes a directory alone: what a servant put in its place stays.
func removeObstacle(_ context.Context, c packs.Call) error {
	path, err := obstacle(c)
	if err != nil {
		return err
	}
	c.Cell.Notes().Delete(obstacleKey)
	if err := syscall.Rmdir(path); err != nil {
		return fmt.Errorf("remove the obstacle %s: %w", path, err)
	}
	return nil
}

func onlyObstacle(_ context.Context, c packs.Call) error {
	path, err := obstacle(c)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("buffer '%s'", c.Args[0])
	info, err := os.Lstat(path)
	if err != nil || !info.IsDir() {
		return &packs.Mismatch{What: what, Expected: path + " still a directory", Actual: "it is not"}
	}
	var there []string
	for _, p := range places(c, c.Args[0]) {
		if p.path != path && !missing(p.path) {
			there = append(there, p.path)
		}
	}
	if len(there) == 0 {
		return nil
	}
	return &packs.Mismatch{What: what, Expected: "nothing but the obstacle " + path, Actual: strings.Join(there, ", ")}
}
