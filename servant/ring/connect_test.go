package ring

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"
)

func TestConnectToNothing(t *testing.T) {
	name := unique(t)
	_, err := Connect(name)
	wantKind(t, err, NotFound)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err = ConnectWait(ctx, name)
	wantKind(t, err, NotFound)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error is %v", err)
	}
	_, err = Inspect(name)
	wantKind(t, err, NotFound)
}

// What a peer has not finished creating is waited for; what stays broken is
// said to be so in the end.
func TestConnectWaitForAWholeBuffer(t *testing.T) {
	for _, c := range []struct {
		what string
		size int
	}{{"nothing yet", 0}, {"too short", 100}, {"all zeros", 4096}} {
		t.Run(c.what, func(t *testing.T) {
			name := unique(t)
			path, _, _, _ := Objects(name)
			must(t, os.WriteFile(path, make([]byte, c.size), 0o600))
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
			defer cancel()
			_, err := ConnectWait(ctx, name)
			wantKind(t, err, Corrupt)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error is %v", err)
			}
			type outcome struct {
				w   *Writer
				err error
			}
			result := make(chan outcome, 1)
			long := within(t)
			go func() {
				w, err := ConnectWait(long, name)
				result <- outcome{w, err}
			}()
			must(t, os.Remove(path))
			r := mustCreate(t, name, Sizes{0, 64})
			got := <-result
			must(t, got.err)
			exchange(t, r, got.w, 10, 1)
			must(t, got.w.Close())
		})
	}
}

func TestConnectWaitGivesUpOnAnotherVersion(t *testing.T) {
	r := mustCreate(t, unique(t), Sizes{0, 64})
	r.seg.o.version[0] = 2
	_, err := ConnectWait(within(t), r.name)
	wantKind(t, err, VersionMismatch)
	if errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error is %v", err)
	}
}
