package servant_test

import (
	"context"
	"net"
	"testing"

	"parley.dev/parley/servant"
	"parley.dev/parley/servant/contract"
)

// BenchmarkStep is what the SDK adds to a step: one request and its answer over
// a pipe in memory, with a step that does nothing.
func BenchmarkStep(b *testing.B) {
	r := servant.NewRegistry()
	r.Step(`the '([^']*)' process counts to '(\d+)'`, func(context.Context, string, int) error { return nil })
	here, there := net.Pipe()
	served := make(chan error, 1)
	go func() { served <- servant.Serve(context.Background(), r, there, servant.Info{}) }()
	frames := contract.NewFrameReader(here, nil, nil)
	exchange := func(frame []byte) {
		if _, err := here.Write(frame); err != nil {
			b.Fatal(err)
		}
		if _, err := frames.Read(); err != nil {
			b.Fatal(err)
		}
	}
	exchange(contract.AppendFrame(nil, []byte(`{"jsonrpc":"2.0","id":"1","method":"initialize","params":[{"Role":"r","Platform":"go","Scenario":"s","HostPid":1,"FeatureId":1,"TestRunId":"t","ScenarioId":"s"}]}`)))
	step := contract.AppendFrame(nil, []byte(`{"jsonrpc":"2.0","id":"2","method":"executeStep","params":[{"Process":"r","StepType":"When","Step":"the 'r' process counts to '5'","Parameters":{},"Context":{},"IsBroadcast":false,"Definition":1,"Arguments":["r","5"],"TimeoutMs":30000,"StepId":"abc"}]}`))
	b.ReportAllocs()
	for b.Loop() {
		exchange(step)
	}
	_ = here.Close()
	<-served
}
