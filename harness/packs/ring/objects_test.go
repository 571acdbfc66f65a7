package ring

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"parley.dev/parley/servant/ring"
)

func TestEveryObject(t *testing.T) {
	c := newCell(t)
	c.check(t, "every object of buffer 'b' is at its place with mode '0600'", "expected segment at /dev/shm/")
	r, _ := c.create(t, "b", ring.Sizes{Payload: 64})
	c.check(t, "every object of buffer 'b' is at its place with mode '0600'", "")
	for _, p := range places(packsCall(c), "b") {
		must(t, os.Chmod(p.path, 0o644))
		c.check(t, "every object of buffer 'b' is at its place with mode '0600'", "expected "+p.object+" with mode 0600, got "+p.object+" with mode 0644")
		must(t, os.Rename(p.path, p.path+".aside"))
		c.check(t, "every object of buffer 'b' is at its place with mode '0600'", "expected "+p.object+" at "+p.path+", got "+p.object+" not there")
		must(t, os.Mkdir(p.path, 0o600))
		c.check(t, "every object of buffer 'b' is at its place with mode '0600'", "expected "+p.object+" a regular file, got "+p.object+" drw-------")
		must(t, os.Remove(p.path))
		must(t, os.Rename(p.path+".aside", p.path))
		must(t, os.Chmod(p.path, 0o600))
	}
	c.check(t, "every object of buffer 'b' is at its place with mode '0600'", "")
	must(t, r.Close())
}

func TestObjectsAreRemoved(t *testing.T) {
	c := newCell(t)
	c.create(t, "b", ring.Sizes{Payload: 64})
	c.create(t, "other", ring.Sizes{Payload: 64})
	for _, p := range places(packsCall(c), "b") {
		c.check(t, "the "+p.object+" of buffer 'b' is removed", "")
		if !missing(p.path) {
			t.Errorf("the %s is still there", p.object)
		}
		c.check(t, "the "+p.object+" of buffer 'b' is removed", "remove the "+p.object+" of buffer 'b': ")
	}
	c.check(t, "every object of buffer 'other' is at its place with mode '0600'", "")
}

func TestNoBufferExists(t *testing.T) {
	c, stranger := newCell(t), newCell(t)
	stranger.prefix = "other-" + stranger.prefix[1:]
	stranger.create(t, "b", ring.Sizes{Payload: 64})
	c.check(t, "no buffer exists", "")
	for _, p := range places(packsCall(c), "b") {
		must(t, os.WriteFile(p.path, nil, 0o600))
		c.check(t, "no buffer exists", "expected none, got "+p.path)
		must(t, os.Remove(p.path))
	}
	c.check(t, "no buffer exists", "")
}

func TestObstacles(t *testing.T) {
	for _, name := range []string{"segment", "data semaphore", "space semaphore", "lock"} {
		t.Run(name, func(t *testing.T) {
			c := newCell(t)
			taken := "the name of the " + name + " of buffer 'b' is taken by a directory"
			c.check(t, "nothing but the obstacle is left of buffer 'b'", "there is no obstacle; put a step before this one")
			c.check(t, "the obstacle is removed", "there is no obstacle")
			c.check(t, taken, "")
			c.check(t, taken, "there is an obstacle already")
			c.check(t, "nothing but the obstacle is left of buffer 'b'", "")
			if _, err := ring.Create(c.Resource("b"), ring.Sizes{Payload: 64}); err == nil {
				t.Error("the buffer could be created")
			}
			list := places(packsCall(c), "b")
			for _, p := range list {
				if p.object == name {
					continue
				}
				must(t, os.WriteFile(p.path, nil, 0o600))
				c.check(t, "nothing but the obstacle is left of buffer 'b'", "got "+p.path)
				must(t, os.Remove(p.path))
			}
			c.check(t, "the obstacle is removed", "")
			c.check(t, "no buffer exists", "")
			// What a servant makes in its place is no obstacle.
			mine := list[slices.IndexFunc(list, func(p place) bool { return p.object == name })].path
			must(t, os.WriteFile(mine, nil, 0o600))
			must(t, c.ended())
			must(t, os.Remove(mine))
		})
	}
}

func TestObstaclesGoWithTheCell(t *testing.T) {
	c := newCell(t)
	c.check(t, "the name of the lock of buffer 'b' is taken by a directory", "")
	path := pathOf(packsCall(c), "lock", "b")
	info, err := os.Stat(filepath.Dir(path))
	must(t, err)
	if info.Mode() != os.ModeDir|sharedFolder {
		t.Errorf("the folder of locks has mode %v", info.Mode())
	}
	must(t, c.ended())
	if !missing(path) {
		t.Errorf("%s is still there", path)
	}

	c = newCell(t)
	c.check(t, "the name of the segment of buffer 'b' is taken by a directory", "")
	path = pathOf(packsCall(c), "segment", "b")
	must(t, os.Remove(path))
	must(t, os.WriteFile(path, nil, 0o600))
	t.Cleanup(func() { os.Remove(path) })
	c.check(t, "nothing but the obstacle is left of buffer 'b'", "expected "+path+" still a directory, got it is not")
	if err := c.ended(); err == nil || missing(path) {
		t.Errorf("a file in the obstacle's place: %v", err)
	}
}
