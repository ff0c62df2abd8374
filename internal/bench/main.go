// Command bench measures innkeeper beside its floors: for each figure, the same
// work done with nothing of innkeeper in the way, in the same run. It prints the
// ratios, and the goals they are held against; nothing fails where one is missed.
//
//	go run ./internal/bench
package main

import (
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"
	"text/tabwriter"
)

// figure is one row: ours beside its floor.
type figure struct {
	name  string
	goal  string
	ours  func(*testing.B)
	floor func(*testing.B) // nil where the goal is absolute
	// show turns ours and floor into the figure; nil shows times and their ratio.
	show func(ours, floor testing.BenchmarkResult) string
}

func main() {
	testing.Init()
	rounds := flag.Int("rounds", 3, "how often each pair is measured; the best of each counts")
	only := flag.String("only", "", "measure only figures whose name contains this")
	flag.Parse()
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))

	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "figure\tours\tfloor\tratio\tgoal")
	for _, f := range figures {
		if !strings.Contains(f.name, *only) {
			continue
		}
		// In turn, and the best of each: the machine's speed drifts.
		ours, floor := testing.BenchmarkResult{}, testing.BenchmarkResult{}
		for range *rounds {
			ours = better(ours, testing.Benchmark(f.ours))
			if f.floor != nil {
				floor = better(floor, testing.Benchmark(f.floor))
			}
		}
		fmt.Fprintf(out, "%s\t%s\t%s\n", f.name, row(f, ours, floor), f.goal)
		_ = out.Flush() // standard output
	}
}

func better(a, b testing.BenchmarkResult) testing.BenchmarkResult {
	if a.N == 0 || perOp(b) < perOp(a) {
		return b
	}
	return a
}

func perOp(r testing.BenchmarkResult) float64 {
	return float64(r.T.Nanoseconds()) / float64(max(r.N, 1))
}

func row(f figure, ours, floor testing.BenchmarkResult) string {
	if f.show != nil {
		return f.show(ours, floor)
	}
	if f.floor == nil {
		return micro(ours) + "\t\t"
	}
	return fmt.Sprintf("%s\t%s\t%.2f ×", micro(ours), micro(floor), perOp(ours)/perOp(floor))
}

func micro(r testing.BenchmarkResult) string { return fmt.Sprintf("%.2f µs", perOp(r)/1000) }
