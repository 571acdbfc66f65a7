//go:build !linux || !(amd64 || arm64 || riscv64 || loong64 || ppc64le || mips64le)

package ring

// The layout is that of 64-bit little-endian Linux with glibc's semaphores.
var _ = ringNeedsLinux64BitLittleEndian
