package lockdown

import (
	"errors"
	"fmt"
	"os"

	"github.com/landlock-lsm/go-landlock/landlock"
	llsyscall "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// The versions of Landlock's interface that matter here.
const (
	abiTCP    = 4
	abiScopes = 6
	abiTSync  = 8 // one call for all threads
)

// erratumSignals is the bit of the correction without which threads of one
// process that were restricted one after another may not signal each other: the
// runtime could not preempt, and restricting the second thread would never end.
const erratumSignals = 1 << 1

// restrictByLandlock takes away every right that Landlock knows on this kernel.
// No rule is added, so nothing is left.
func restrictByLandlock(_ Limits, report *Report) {
	abi, err := llsyscall.LandlockGetABIVersion()
	if err != nil || abi < 1 {
		cause, why := OldKernel, "Landlock is not in this kernel (5.13 has it) or not switched on (lsm=landlock,…)"
		if causeOf(err) == NotPermitted {
			cause, why = NotPermitted, fmt.Sprintf("ask for Landlock: %v; a container's own seccomp profile may refuse it", err)
		}
		for _, layer := range []Layer{Files, TCP, Scopes} {
			report.down(layer, cause, "%s", why)
		}
		return
	}
	config := landlock.V11
	signalsBroken := abi >= abiScopes && abi < abiTSync && !signalsCorrected()
	if signalsBroken {
		config.Scoped = 0
	}
	err = config.BestEffort().Restrict()
	if err == nil {
		err = provedClosed()
	}
	for _, right := range []struct {
		layer  Layer
		since  int
		kernel string
		broken bool
	}{
		{Files, 1, "5.13", false},
		{TCP, abiTCP, "6.7", false},
		{Scopes, abiScopes, "6.12", signalsBroken},
	} {
		switch {
		case err != nil:
			report.down(right.layer, causeOf(err), "restrict by Landlock: %v", err)
		case abi < right.since:
			report.down(right.layer, OldKernel, "this kernel's Landlock is of version %d, and %d (Linux %s) is needed", abi, right.since, right.kernel)
		case right.broken:
			report.down(right.layer, OldKernel, "this kernel's Landlock keeps the threads of one process from signalling each other; a stable update of it does not")
		default:
			report.up(right.layer, "Landlock version %d", abi)
		}
	}
}

func signalsCorrected() bool {
	errata, err := llsyscall.LandlockGetErrata()
	return err == nil && errata&erratumSignals != 0
}

// provedClosed looks whether the root directory can still be listed, which every
// process can otherwise.
func provedClosed() error {
	root, err := os.Open("/")
	if err == nil {
		root.Close()
		return errors.New("it was set, and / can still be opened")
	}
	if !errors.Is(err, unix.EACCES) {
		return fmt.Errorf("it was set, and opening / fails for another reason: %w", err)
	}
	return nil
}
