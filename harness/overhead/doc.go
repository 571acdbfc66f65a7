// Package overhead measures what the coordinator itself costs per step, against
// the same call made by a bare JSON-RPC client in the same run. It holds
// benchmarks alone:
//
//	go test -run '^$' -bench . ./harness/overhead
package overhead
