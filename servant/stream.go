package servant

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/sourcegraph/jsonrpc2"

	"parley.dev/parley/servant/contract"
)

// objectStream is the contract's framing for jsonrpc2. It answers what is no
// JSON-RPC message by itself and reads on, where jsonrpc2 would end the
// connection; and it carries request ids through jsonrpc2 as strings that hold
// their JSON, so that an answer has the id exactly as it came.
type objectStream struct {
	conn   io.ReadWriteCloser
	frames *contract.FrameReader

	readErr error // read after the connection's end only

	mu  sync.Mutex // a frame is written whole
	out []byte
}

var _ jsonrpc2.ObjectStream = (*objectStream)(nil)

func newObjectStream(conn io.ReadWriteCloser, stray func([]byte)) *objectStream {
	return &objectStream{conn: conn, frames: contract.NewFrameReader(conn, stray, nil)}
}

// envelope is a JSON-RPC message of either direction.
type envelope struct {
	Version *string          `json:"jsonrpc,omitempty"`
	ID      json.RawMessage  `json:"id,omitempty"`
	Method  *string          `json:"method,omitempty"`
	Params  json.RawMessage  `json:"params,omitempty"`
	Result  json.RawMessage  `json:"result,omitempty"`
	Error   *json.RawMessage `json:"error,omitempty"`
}

func (s *objectStream) ReadObject(v any) error {
	for {
		body, err := s.frames.Read()
		if errors.Is(err, contract.ErrFrameTooLarge) {
			// Where the next frame begins is unknown: say why, then end.
			err = errors.Join(err, s.writeEnvelope(refuse(nil, jsonrpc2.CodeInvalidRequest, "%v", err)))
		}
		if err != nil {
			s.readErr = err
			return err
		}
		message, refusal := admit(body)
		if refusal != nil {
			if err := s.writeEnvelope(refusal); err != nil {
				s.readErr = err
				return err
			}
			continue
		}
		return json.Unmarshal(message, v)
	}
}

// admit returns the message in the form that jsonrpc2 reads, or the answer that
// refuses it.
func admit(body []byte) (message []byte, refusal *envelope) {
	var e envelope
	if !json.Valid(body) {
		return nil, refuse(nil, jsonrpc2.CodeParseError, "the frame's body is not JSON: %.120s", body)
	}
	if trimmed := bytes.TrimLeft(body, " \t\r\n"); trimmed[0] != '{' {
		return nil, refuse(nil, jsonrpc2.CodeInvalidRequest,
			"a message is one JSON object; batches are not part of the contract: %.120s", body)
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return nil, refuse(nil, jsonrpc2.CodeInvalidRequest, "not a JSON-RPC message: %v", err)
	}
	id, err := canonicalID(e.ID)
	switch {
	case err != nil:
		return nil, refuse(nil, jsonrpc2.CodeInvalidRequest, "%v", err)
	case e.Version != nil && *e.Version != "2.0":
		return nil, refuse(id, jsonrpc2.CodeInvalidRequest, "JSON-RPC %q; the contract uses 2.0", *e.Version)
	case e.Method == nil && e.Result == nil && e.Error == nil:
		return nil, refuse(id, jsonrpc2.CodeInvalidRequest, "neither a request (no method) nor an answer: %.120s", body)
	case e.Method == nil:
		return body, nil
	}
	e.Result, e.Error = nil, nil
	e.ID = nil
	if id != nil {
		// The marshalling of a string cannot fail.
		e.ID, _ = json.Marshal(string(id))
	}
	message, err = json.Marshal(e)
	if err != nil {
		return nil, refuse(id, jsonrpc2.CodeInvalidRequest, "not a JSON-RPC message: %v", err)
	}
	return message, nil
}

// canonicalID returns the JSON of a request's id, nil for none. Strings that
// differ only in their escapes become equal; numbers stay as written.
func canonicalID(raw json.RawMessage) (json.RawMessage, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	switch c := raw[0]; {
	case c == '"':
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return nil, fmt.Errorf("the id is no string: %w", err)
		}
		return json.Marshal(text)
	case c == '-' || c >= '0' && c <= '9':
		return bytes.Clone(raw), nil
	}
	return nil, fmt.Errorf("an id is a string or a number, not %.40s", raw)
}

func refuse(id json.RawMessage, code int64, format string, args ...any) *envelope {
	if id == nil {
		id = json.RawMessage("null")
	}
	// The marshalling of a code and a string cannot fail.
	body, _ := json.Marshal(jsonrpc2.Error{Code: code, Message: fmt.Sprintf(format, args...)})
	version, raw := "2.0", json.RawMessage(body)
	return &envelope{Version: &version, ID: id, Error: &raw}
}

func (s *objectStream) WriteObject(v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode message: %w", err)
	}
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil {
		return fmt.Errorf("encode message: %w", err)
	}
	if e.Method != nil {
		return s.writeBody(body)
	}
	var id string
	if err := json.Unmarshal(e.ID, &id); err != nil {
		return fmt.Errorf("encode answer: id %s: %w", e.ID, err)
	}
	e.ID = json.RawMessage(id)
	if len(e.Result) > contract.MaxFrame-1024 {
		return s.writeEnvelope(refuse(e.ID, jsonrpc2.CodeInternalError,
			"the answer has %d bytes, above the limit of %d for one frame", len(e.Result), contract.MaxFrame))
	}
	return s.writeEnvelope(&e)
}

func (s *objectStream) writeEnvelope(e *envelope) error {
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	return s.writeBody(body)
}

func (s *objectStream) writeBody(body []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out = contract.AppendFrame(s.out[:0], body)
	_, err := s.conn.Write(s.out)
	if cap(s.out) > 1<<20 {
		s.out = nil
	}
	if err != nil {
		return fmt.Errorf("write frame: %w", err)
	}
	return nil
}

func (s *objectStream) Close() error { return s.conn.Close() }
