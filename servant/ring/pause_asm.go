//go:build amd64 || arm64

package ring

// pause executes the processor's hint for a spin loop n times; n is above 0.
//
//go:noescape
func pause(n uint32)
