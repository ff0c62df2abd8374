//go:build !race

package lockdown

const (
	standardAddressSpace = 384 * megabyte
	standardMemory       = 130 * megabyte
)
