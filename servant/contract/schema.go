package contract

import (
	"embed"
	"fmt"
	"io/fs"
	"sort"
	"strings"
)

//go:embed schema/*.json
var schemaFiles embed.FS

// SchemaBase precedes the file name in the $id of every schema.
const SchemaBase = "https://parley.dev/schema/servant/"

// Schemas returns the file names of the contract's JSON Schemas (draft
// 2020-12), sorted. METHOD.params.json and METHOD.result.json describe what
// travels with a method, `$/` left out; message.json is the envelope of every
// frame, empty.params.json and null.result.json serve the methods that have
// none of their own.
func Schemas() []string {
	entries, err := fs.ReadDir(schemaFiles, "schema")
	if err != nil {
		panic(err) // embedded at build
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	sort.Strings(names)
	return names
}

// Schema returns the JSON Schema in the file of that name.
func Schema(name string) ([]byte, error) {
	data, err := schemaFiles.ReadFile("schema/" + name)
	if err != nil {
		return nil, fmt.Errorf("no schema %q; there are %s", name, strings.Join(Schemas(), ", "))
	}
	return data, nil
}

// ParamsSchema and ResultSchema name the schema of what a method takes and
// answers.
func ParamsSchema(method string) string {
	switch method {
	case MethodHealth, MethodDiscover, MethodCleanup, MethodShutdown:
		return "empty.params.json"
	case MethodCancel:
		return "cancel.params.json"
	}
	return method + ".params.json"
}

// ResultSchema names the schema of what a method answers; see ParamsSchema.
func ResultSchema(method string) string {
	if method == MethodCleanup || method == MethodShutdown {
		return "null.result.json"
	}
	return method + ".result.json"
}
