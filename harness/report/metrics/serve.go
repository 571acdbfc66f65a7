package metrics

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// shutdownGrace is how long a scrape may still take when the run has ended.
const shutdownGrace = 2 * time.Second

// Endpoint is a live endpoint that serves the metrics under /metrics.
type Endpoint struct {
	// URL is where the metrics are.
	URL  string
	done chan struct{}
	err  error
}

// Wait waits until the endpoint is closed and returns why, nil when its context
// ended.
func (e *Endpoint) Wait() error {
	<-e.done
	return e.err
}

// Serve opens an endpoint at addr (host:port; port 0 for any free one). It
// listens when Serve returns, until ctx ends.
func (m *Metrics) Serve(ctx context.Context, addr string) (*Endpoint, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("metrics endpoint %s: another program listens there; choose another address, or port 0 for any free port", addr)
	case err != nil:
		return nil, fmt.Errorf("metrics endpoint %q: %w; the address is of the form host:port, such as localhost:9464", addr, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	e := &Endpoint{URL: "http://" + listener.Addr().String() + "/metrics", done: make(chan struct{})}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	go func() {
		defer close(e.done)
		select {
		case err := <-served:
			e.err = fmt.Errorf("metrics endpoint %s: %w", e.URL, err)
			return
		case <-ctx.Done():
		}
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
		defer cancel()
		if server.Shutdown(grace) != nil {
			_ = server.Close()
		}
		<-served
	}()
	return e, nil
}
