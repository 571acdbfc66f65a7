// Package contract holds the wire contract between the coordinator and a
// servant: JSON-RPC 2.0 in Content-Length frames over standard input and
// output. docs/servant-contract.md is its manual; the JSON Schemas and golden
// transcripts beside this file are its checkable form.
//
// The package has no opinion on who speaks: the coordinator and the Go servant
// SDK both build on it.
package contract

// Version is the contract that this package implements; LegacyVersion is the
// one a servant speaks when its health answer is a bare boolean.
const (
	Version       = "1.1"
	LegacyVersion = "1.0"
)

// Methods of the contract.
const (
	MethodHealth      = "health"
	MethodInitialize  = "initialize"
	MethodDiscover    = "discover"
	MethodExecuteStep = "executeStep"
	MethodCleanup     = "cleanup"
	MethodShutdown    = "shutdown"
	MethodCancel      = "$/cancelRequest"
	MethodLog         = "log"
	MethodProgress    = "progress"
)

// Environment variables that every servant is started with. The two HARMONY
// variables are positive numbers, together unique to the running cell; servants
// of contract 1.0 derive resource names `<name>_<pid>_<feature>` from them.
const (
	EnvRole          = "PARLEY_ROLE"
	EnvPlatform      = "PARLEY_PLATFORM"
	EnvRunID         = "PARLEY_RUN_ID"
	EnvLegacyHostPID = "HARMONY_HOST_PID"
	EnvLegacyFeature = "HARMONY_FEATURE_ID"
)

// DefaultStepTimeoutMs is the limit of a step that names none, in milliseconds.
const DefaultStepTimeoutMs = 30_000

// Capabilities a servant may report in its health answer.
const (
	CapTable     = "table"
	CapDocString = "docString"
	CapCancel    = "cancel"
	CapLogs      = "logs"
	CapVariables = "variables"
	CapReset     = "reset"
)
