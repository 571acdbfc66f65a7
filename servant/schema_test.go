package servant_test

import (
	"bytes"
	"encoding/json"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"parley.dev/parley/servant/contract"
)

// schemas compiles the contract's schemas once for all tests.
var schemas = sync.OnceValue(func() map[string]*jsonschema.Schema {
	compiler := jsonschema.NewCompiler()
	compiled := map[string]*jsonschema.Schema{}
	for _, name := range contract.Schemas() {
		text, err := contract.Schema(name)
		if err != nil {
			panic(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			panic(err)
		}
		if err := compiler.AddResource(contract.SchemaBase+name, doc); err != nil {
			panic(err)
		}
	}
	for _, name := range contract.Schemas() {
		compiled[name] = compiler.MustCompile(contract.SchemaBase + name)
	}
	return compiled
})

func validate(t *testing.T, schema string, text []byte) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Errorf("%s: %v", text, err)
		return
	}
	if err := schemas()[schema].Validate(doc); err != nil {
		t.Errorf("%s does not satisfy %s: %v", text, schema, err)
	}
}

// checkSent validates a message of the servant. What a result belongs to is
// told by its shape.
func checkSent(t *testing.T, body []byte) {
	t.Helper()
	validate(t, "message.json", body)
	var m struct {
		Method string          `json:"method"`
		Params json.RawMessage `json:"params"`
		Result json.RawMessage `json:"result"`
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return // reported above
	}
	if m.Method != "" {
		validate(t, contract.ParamsSchema(m.Method), m.Params)
		return
	}
	var keys map[string]json.RawMessage
	if string(m.Result) == "null" || json.Unmarshal(m.Result, &keys) != nil {
		return
	}
	switch {
	case keys["success"] != nil:
		validate(t, contract.ResultSchema(contract.MethodExecuteStep), m.Result)
	case keys["steps"] != nil:
		validate(t, contract.ResultSchema(contract.MethodDiscover), m.Result)
	case keys["contract"] != nil:
		validate(t, contract.ResultSchema(contract.MethodHealth), m.Result)
	default:
		validate(t, contract.ResultSchema(contract.MethodInitialize), m.Result)
	}
}
