// Command fuzzall runs every fuzz target of the module for a while, one after
// another, because go test takes one target at a time.
//
//	go run ./internal/fuzzall -time 1m
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

func main() {
	span := flag.Duration("time", time.Minute, "how long each target runs")
	only := flag.String("only", "", "run only targets whose package or name contains this")
	flag.Parse()
	targets, err := list()
	if err != nil {
		fmt.Fprintln(os.Stderr, "fuzzall: list targets:", err)
		os.Exit(1)
	}
	passed, failed := 0, 0
	for _, t := range targets {
		if !strings.Contains(t.pkg+"."+t.name, *only) {
			continue
		}
		fmt.Printf("%s %s\n", t.pkg, t.name)
		if out, err := fuzz(t, *span); err != nil {
			failed++
			fmt.Printf("FAIL %s %s: %v\n%s\n", t.pkg, t.name, err, out)
		} else {
			passed++
		}
	}
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed > 0 {
		os.Exit(1)
	}
}

type target struct{ pkg, name string }

// fuzz runs one target for a span. The time that go test itself needs, to build
// and to make a finding small, comes on top, and has a bound.
func fuzz(t target, span time.Duration) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), span+3*time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-fuzz", "^"+t.name+"$", "-fuzztime", span.String(), t.pkg)
	return run.CombinedOutput()
}

// list asks go test for the targets of every package.
func list() ([]target, error) {
	pkgs, err := exec.Command("go", "list", "./...").Output()
	if err != nil {
		return nil, err
	}
	var out []target
	for pkg := range strings.FieldsSeq(string(pkgs)) {
		var stderr bytes.Buffer
		ask := exec.Command("go", "test", "-list", "^Fuzz", pkg)
		ask.Stderr = &stderr
		names, err := ask.Output()
		if err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", pkg, err, stderr.Bytes())
		}
		for name := range strings.FieldsSeq(string(names)) {
			if strings.HasPrefix(name, "Fuzz") {
				out = append(out, target{pkg, name})
			}
		}
	}
	return out, nil
}
