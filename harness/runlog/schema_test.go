package runlog_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"parley.dev/parley/harness/runlog/runlogtest"
)

// envelopeSchema compiles Cucumber's own schemas, vendored from the npm package
// @cucumber/messages 21.0.1 (MIT, see LICENSE beside them).
func envelopeSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	dir := filepath.Join("testdata", "cucumber-messages-21.0.1")
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	must(t, err)
	compiler := jsonschema.NewCompiler()
	const base = "https://cucumber.test/"
	for _, file := range files {
		data, err := os.Open(file)
		must(t, err)
		doc, err := jsonschema.UnmarshalJSON(data)
		must(t, err)
		must(t, data.Close())
		must(t, compiler.AddResource(base+filepath.Base(file), withID(doc, base)))
	}
	schema, err := compiler.Compile(base + "Envelope.json")
	must(t, err)
	return schema
}

// withID makes the schema's relative id absolute.
func withID(doc any, base string) any {
	if m, ok := doc.(map[string]any); ok {
		m["$id"] = base + m["$id"].(string)
	}
	return doc
}

func TestLogIsValidAgainstCucumbersSchema(t *testing.T) {
	schema := envelopeSchema(t)
	data, err := os.ReadFile(runlogtest.Example(t))
	must(t, err)
	for i, line := range bytes.Split(bytes.TrimSuffix(data, []byte{'\n'}), []byte{'\n'}) {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
		must(t, err)
		if err := schema.Validate(doc); err != nil {
			t.Errorf("line %d: %v\n%.300s", i+1, err, line)
		}
	}
}

func TestSchemaRefusesWhatIsNoMessage(t *testing.T) {
	schema := envelopeSchema(t)
	for _, bad := range []string{`{"testRunFinished":{"success":true}}`, `{"verdict":{}}`, `{"pickle":null}`} {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(bad))
		must(t, err)
		if schema.Validate(doc) == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
}
