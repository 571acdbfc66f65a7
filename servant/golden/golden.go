// Package golden holds what every language must agree on, for Go programs that
// compare with it. The files beside it are read as they are by the tests of each
// language; README.md says what is in them.
package golden

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"
)

//go:embed ring-vectors.json
var ringVectors string

// Vector is a sequence of operations on one buffer and what each leaves in
// shared memory, byte by byte.
type Vector struct {
	Name  string
	Steps []VectorStep
}

// VectorStep is one operation and the state after it.
type VectorStep struct {
	Op    string
	State VectorState
}

// VectorState is a buffer as the vector has it. OIEB has the fields with both
// pids as 0 or "set"; the blocks are in hex, the OIEB with both pids zeroed.
type VectorState struct {
	SegmentSize int64 `json:"segment_size"`
	OIEB        map[string]any
	OIEBHex     string          `json:"oieb_hex_pids_zeroed"`
	MetadataHex string          `json:"metadata_hex"`
	PayloadHex  string          `json:"payload_hex"`
	SemW        VectorSemaphore `json:"sem_w"`
	SemR        VectorSemaphore `json:"sem_r"`
}

// VectorSemaphore is a semaphore: the size of its file in bytes, and its value.
type VectorSemaphore struct {
	Size  int64
	Value uint32
}

var parsed = sync.OnceValues(func() ([]Vector, error) {
	var list []Vector
	if err := json.Unmarshal([]byte(ringVectors), &list); err != nil {
		return nil, fmt.Errorf("ring-vectors.json: %w", err)
	}
	return list, nil
})

// RingVectors returns the sequences of ring-vectors.json. Callers do not change
// them.
func RingVectors() ([]Vector, error) { return parsed() }
