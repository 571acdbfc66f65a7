package ring

import "time"

const (
	// DefaultTimeout is how long Read waits for a frame and Write for space.
	DefaultTimeout = 5 * time.Second
	// DefaultSpin is how long a wait yields before it sleeps.
	DefaultSpin = 150 * time.Microsecond
)

type options struct {
	timeout time.Duration
	spin    time.Duration
}

// Option changes how a side of a buffer behaves.
type Option func(*options)

// WithTimeout sets the read timeout of a reader or the write timeout of a
// writer. A timeout of 0 or less never waits.
func WithTimeout(d time.Duration) Option {
	return func(o *options) { o.timeout = max(d, 0) }
}

// WithSpin sets how long a wait spins and yields before it sleeps; 0 sleeps at
// once.
func WithSpin(d time.Duration) Option {
	return func(o *options) { o.spin = max(d, 0) }
}

func gather(opts []Option) options {
	o := options{timeout: DefaultTimeout, spin: DefaultSpin}
	for _, apply := range opts {
		apply(&o)
	}
	return o
}
