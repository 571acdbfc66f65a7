package contract

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func compileSchemas(t *testing.T) map[string]*jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	for _, name := range Schemas() {
		text, err := Schema(name)
		if err != nil {
			t.Fatal(err)
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := compiler.AddResource(SchemaBase+name, document); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	compiled := map[string]*jsonschema.Schema{}
	for _, name := range Schemas() {
		schema, err := compiler.Compile(SchemaBase + name)
		if err != nil {
			t.Fatal(err)
		}
		compiled[name] = schema
	}
	return compiled
}

func validate(t *testing.T, schema *jsonschema.Schema, text string) error {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return schema.Validate(document)
}

func TestSchemas(t *testing.T) {
	const step = `"Process":"r","StepType":"When","Step":"s","Parameters":{},"Context":{},"IsBroadcast":false`
	const log = `"timestamp":"2026-01-31T10:00:00.123456Z","level":2,"message":"m"`
	tests := []struct {
		schema           string
		accepts, rejects []string
	}{
		{"message.json",
			[]string{`{"jsonrpc":"2.0","id":1,"method":"m","params":[]}`, `{"jsonrpc":"2.0","method":"m"}`, `{"jsonrpc":"2.0","id":"1","result":null}`,
				`{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"m"}}`},
			[]string{`{"id":1,"method":"m"}`, `{"jsonrpc":"2.0","id":1}`, `{"jsonrpc":"2.0","id":1,"result":1,"error":{"code":1,"message":"m"}}`,
				`{"jsonrpc":"2.0","result":1}`, `{"jsonrpc":"2.0","id":1,"error":"m"}`, `[]`}},
		{"empty.params.json", []string{`[]`}, []string{`[{}]`, `{}`, `null`}},
		{"null.result.json", []string{`null`}, []string{`true`, `{}`}},
		{"health.result.json",
			[]string{`true`, `{"ok":true,"contract":"1.1","platform":"go","sdk":"s 1","pid":1,"capabilities":["table"]}`,
				`{"ok":true,"contract":"1.2","platform":"go","sdk":"s 1","pid":1,"capabilities":["new"],"future":1}`},
			[]string{`false`, `{"ok":true,"contract":"2.0","platform":"go","sdk":"s","pid":1,"capabilities":[]}`,
				`{"ok":true,"contract":"1.1","platform":"go","sdk":"s","pid":0,"capabilities":[]}`, `{"ok":true,"contract":"1.1"}`}},
		{"initialize.params.json",
			[]string{`[{"Role":"r","Platform":"p","Scenario":"s","HostPid":1,"FeatureId":1,"TestRunId":"t"}]`},
			[]string{`[]`, `[{"Role":"r"}]`, `[{"Role":"r","Platform":"p","Scenario":"s","HostPid":0,"FeatureId":1,"TestRunId":"t"}]`, `{}`}},
		{"initialize.result.json", []string{`true`, `{"ok":true}`}, []string{`false`, `{"ok":false}`, `null`}},
		{"discover.result.json",
			[]string{`{"steps":[]}`, `{"steps":[{"type":"Given","pattern":"p"}]}`, `{"steps":[{"type":"step","pattern":"p","id":1,"source":"steps/a.go:5","summary":""}]}`},
			[]string{`{}`, `{"steps":[{"type":"And","pattern":"p"}]}`, `{"steps":[{"type":"Given"}]}`, `{"steps":[{"type":"Given","pattern":"p","id":0}]}`,
				`{"steps":[{"type":"Given","pattern":"p","source":"/home/x/a.go:5"}]}`, `{"steps":[{"type":"Given","pattern":"p","source":"a.go"}]}`}},
		{"executeStep.params.json",
			[]string{`[{` + step + `}]`, `[{` + step + `,"Definition":1,"Arguments":["a"],"TimeoutMs":5,"StepId":"i"}]`,
				`[{` + step + `,"Table":{"headers":["k"],"rows":[{"k":"v"}]}}]`, `[{` + step + `,"DocString":{"content":"c"},"Definition":null}]`},
			[]string{`[]`, `[{"Step":"s"}]`, `[{` + strings.Replace(step, "When", "And", 1) + `}]`, `[{` + step + `,"Arguments":[1]}]`,
				`[{` + step + `,"Table":{"rows":[]}}]`, `[{` + step + `,"TimeoutMs":0}]`}},
		{"executeStep.result.json",
			[]string{`{"success":true}`, `{"success":true,"error":null,"context":{},"logs":[],"status":"passed","elapsedNs":5,"attachments":[],"failure":null}`,
				`{"success":false,"error":"e"}`, `{"success":false,"error":"e","context":{},"logs":[{` + log + `}],"status":"failed","elapsedNs":5,"failure":{"type":"t","message":"m"}}`,
				`{"success":true,"context":{},"logs":[],"status":"passed","elapsedNs":5,"attachments":[{"name":"n","mediaType":"text/plain","body":"YQ=="}]}`},
			[]string{`{}`, `{"success":false}`, `{"success":false,"error":null}`, `{"success":true,"error":"e"}`,
				`{"success":true,"context":{},"logs":[],"status":"failed","elapsedNs":5}`, `{"success":false,"error":"e","context":{},"logs":[],"status":"passed","elapsedNs":5}`,
				`{"success":false,"error":"e","context":{},"logs":[],"status":"failed","elapsedNs":5}`, `{"success":true,"status":"passed"}`,
				`{"success":false,"error":"e","context":{},"logs":[],"status":"lost","elapsedNs":5}`,
				`{"success":false,"error":"e","context":{},"logs":[],"status":"undefined","elapsedNs":5}`,
				`{"success":false,"error":"Step execution timeout","context":{},"logs":[],"status":"timeout","elapsedNs":5,"failure":{"type":"other","message":"m"}}`,
				`{"success":true,"context":{"k":1}}`, `{"success":true,"logs":[{"timestamp":"yesterday","level":2,"message":"m"}]}`,
				`{"success":true,"attachments":[{"name":"n","mediaType":"text/plain","body":"not base64!"}]}`}},
		{"cancel.params.json", []string{`{"id":1}`, `[{"id":"1"}]`}, []string{`{}`, `[]`, `{"id":null}`}},
		{"log.params.json", []string{`[{` + log + `}]`, `[{` + log + `,"stepId":"i"}]`}, []string{`[]`, `[{"message":"m"}]`, `[{` + strings.Replace(log, "2,", "9,", 1) + `}]`}},
		{"progress.params.json", []string{`[{"stepId":"i","done":1,"total":2,"unit":"frames"}]`}, []string{`[{"done":1}]`, `[{"stepId":"i","done":-1,"total":2,"unit":""}]`}},
	}
	compiled := compileSchemas(t)
	tested := map[string]bool{}
	for _, test := range tests {
		tested[test.schema] = true
		for _, text := range test.accepts {
			if err := validate(t, compiled[test.schema], text); err != nil {
				t.Errorf("%s refuses %s: %v", test.schema, text, err)
			}
		}
		for _, text := range test.rejects {
			if err := validate(t, compiled[test.schema], text); err == nil {
				t.Errorf("%s accepts %s", test.schema, text)
			}
		}
	}
	for _, name := range Schemas() {
		if !tested[name] {
			t.Errorf("%s has no test", name)
		}
	}
}

func TestSchemaOfAnUnknownName(t *testing.T) {
	if _, err := Schema("dance.params.json"); err == nil || !strings.Contains(err.Error(), "health.result.json") {
		t.Errorf("got %v, want an error that lists the schemas", err)
	}
}

func TestEveryMethodHasItsSchemas(t *testing.T) {
	for _, method := range []string{MethodHealth, MethodInitialize, MethodDiscover, MethodExecuteStep, MethodCleanup, MethodShutdown} {
		for _, name := range []string{ParamsSchema(method), ResultSchema(method)} {
			if _, err := Schema(name); err != nil {
				t.Errorf("%s: %v", method, err)
			}
		}
	}
	for _, method := range []string{MethodCancel, MethodLog, MethodProgress} {
		if _, err := Schema(ParamsSchema(method)); err != nil {
			t.Errorf("%s: %v", method, err)
		}
	}
}

// TestTranscriptsFollowTheSchemas checks what the coordinator sends in the
// transcripts that are not about tolerance.
func TestTranscriptsFollowTheSchemas(t *testing.T) {
	compiled := compileSchemas(t)
	for _, name := range []string{"contract-1.0.txt", "contract-1.1.txt", "stuck-step.txt"} {
		f, err := os.Open(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		sent := 0
		for scanner := bufio.NewScanner(f); scanner.Scan(); {
			text, ok := strings.CutPrefix(scanner.Text(), "> ")
			if !ok {
				continue
			}
			sent++
			var message struct {
				Method string          `json:"method"`
				Params json.RawMessage `json:"params"`
			}
			if err := json.Unmarshal([]byte(text), &message); err != nil {
				t.Fatalf("%s: %s: %v", name, text, err)
			}
			if err := validate(t, compiled["message.json"], text); err != nil {
				t.Errorf("%s: %s: %v", name, text, err)
			}
			if err := validate(t, compiled[ParamsSchema(message.Method)], string(message.Params)); err != nil {
				t.Errorf("%s: %s: %v", name, text, err)
			}
		}
		_ = f.Close()
		if sent == 0 {
			t.Errorf("%s sends nothing", name)
		}
	}
}
