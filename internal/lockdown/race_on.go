//go:build race

package lockdown

// The race detector keeps several bytes about each byte of the program, and maps
// far more, so a binary built with it has other defaults.
const (
	standardAddressSpace = 8 * 1024 * megabyte
	standardMemory       = 8 * 130 * megabyte
)
