package steps

import "parley.dev/parley/servant"

// role begins every pattern: the forms in which a feature names the process
// that performs a step. The role is captured and ignored, for the step has been
// routed already.
const role = `(?:(?:the|a new|a second|two) )?'([^']*)'(?: process(?:es)?)? `

const (
	number = `'(\d+)'`
	text   = `'([^']*)'`
)

// Register adds the step definitions of all features.
func Register(r *servant.Registry) {
	registerBasicCommunication(r)
	registerProcessLifecycle(r)
	registerErrors(r)
	registerEdgeCases(r)
	registerCorruption(r)
	registerSynchronization(r)
	registerResources(r)
	registerPlatform(r)
	registerMonitoring(r)
	registerStress(r)
	registerDuplexChannel(r)
	registerBenchmarks(r)
}
