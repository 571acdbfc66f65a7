package ring

import "time"

// SetTimeout changes the read timeout from the next call on; 0 or less never
// waits. It returns once a call that reads has ended.
func (r *Reader) SetTimeout(d time.Duration) {
	r.reading.Lock()
	defer r.reading.Unlock()
	r.timeout = max(d, 0)
}

// SetTimeout changes the write timeout from the next call on; 0 or less never
// waits. It returns once a call that writes has ended.
func (w *Writer) SetTimeout(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timeout = max(d, 0)
}

// SetTimeout changes how long Accept, reading requests and writing responses
// wait, from the next call on; 0 or less never waits. It returns once calls that
// read requests or write responses have ended.
func (s *Server) SetTimeout(d time.Duration) {
	s.Requests.SetTimeout(d)
	s.mu.Lock()
	s.timeout = max(d, 0)
	w := s.responses
	s.mu.Unlock()
	if w != nil {
		w.SetTimeout(d)
	}
}

// SetTimeout changes how long sending requests and reading responses wait, from
// the next call on; 0 or less never waits. It returns once calls of both kinds
// have ended.
func (c *Client) SetTimeout(d time.Duration) {
	c.Requests.SetTimeout(d)
	c.Responses.SetTimeout(d)
}
