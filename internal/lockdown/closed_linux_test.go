package lockdown

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func init() { children["probes"] = probesChild }

// prober prepares a target afresh and runs all probes against it in a child.
func prober(t *testing.T, unlocked bool, without ...Layer) probeResult {
	t.Helper()
	// Not t.TempDir, whose name may be too long for a socket.
	folder, err := os.MkdirTemp("", "lock")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	for _, name := range []string{"secret", "spare", "old"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("secret"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	abstract := filepath.Base(folder)
	listen := func(network, address string) net.Listener {
		l, err := net.Listen(network, address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		return l
	}
	listen("unix", filepath.Join(folder, "socket"))
	listen("unix", "@"+abstract)
	tcp := listen("tcp4", "127.0.0.1:0").Addr().(*net.TCPAddr).Port
	udp, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { udp.Close() })
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	victim := startHog(t)

	environment := []string{
		"TARGET_FOLDER=" + folder, "TARGET_ABSTRACT=" + abstract, "TARGET_BINARY=" + binary,
		fmt.Sprint("TARGET_TCP=", tcp), fmt.Sprint("TARGET_UDP=", udp.LocalAddr().(*net.UDPAddr).Port),
		fmt.Sprint("TARGET_VICTIM=", victim.Process.Pid),
	}
	if unlocked {
		environment = append(environment, "TARGET_UNLOCKED=1")
	}
	return runChild[probeResult](t, "probes", without, environment...)
}

func refused(errno syscall.Errno) bool {
	return errno == syscall.EPERM || errno == syscall.EACCES || errno == syscall.ENOSYS
}

// TestNoProbeGetsOut tries every probe with all layers, with seccomp alone and
// with Landlock alone. The same probes without a lock-down say whether a refusal
// proves anything on this machine.
func TestNoProbeGetsOut(t *testing.T) {
	unlocked := prober(t, true)
	for _, set := range []struct {
		name    string
		without []Layer
	}{
		{"all layers", nil},
		{"seccomp alone", []Layer{Files, Privileges, Capabilities, CoreDumps}},
		{"Landlock alone", []Layer{SystemCalls, Capabilities, CoreDumps}},
	} {
		t.Run(set.name, func(t *testing.T) {
			result := prober(t, false, set.without...)
			for _, p := range probes {
				t.Run(p.name, func(t *testing.T) {
					layer := SystemCalls
					if set.name == "Landlock alone" {
						if layer = p.alone; layer == "" {
							return // nothing is promised
						}
					}
					if state := result.Report.State(layer); !state.Up {
						if state.Cause == "" || state.Why == "" {
							t.Errorf("layer %s is not up, and the report does not say why: %+v", layer, state)
						}
						t.Skipf("layer %s is not available on this machine: %s: %s", layer, state.Cause, state.Why)
					}
					if got := result.Outcomes[p.name]; !refused(got) {
						t.Errorf("it was not refused: %v (%d)", got, got)
					}
					if without := unlocked.Outcomes[p.name]; refused(without) {
						t.Logf("this machine refuses it to every process: %v; the row proves nothing here", without)
					}
				})
			}
		})
	}
}
