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
