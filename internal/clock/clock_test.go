package clock

import (
	"reflect"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var start = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func TestAdvanceRunsDueFunctionsInTimeOrder(t *testing.T) {
	c := NewFake(start)
	var ran []string
	note := func(name string) func() {
		return func() { ran = append(ran, name+"@"+c.Now().Sub(start).String()) }
	}
	c.AfterFunc(3*time.Second, note("c"))
	c.AfterFunc(1*time.Second, note("a"))
	c.AfterFunc(2*time.Second, note("b1"))
	c.AfterFunc(2*time.Second, note("b2"))
	c.AfterFunc(time.Minute, note("late"))

	c.Advance(3 * time.Second)

	want := []string{"a@1s", "b1@2s", "b2@2s", "c@3s"}
	if !reflect.DeepEqual(ran, want) {
		t.Errorf("ran %v, want %v", ran, want)
	}
	if c.Waiting() != 1 {
		t.Errorf("Waiting() = %d, want the one timer that is not due", c.Waiting())
	}
	if next, ok := c.Next(); !ok || !next.Equal(start.Add(time.Minute)) {
		t.Errorf("Next() = %v, %v, want %v", next, ok, start.Add(time.Minute))
	}
	if !c.Now().Equal(start.Add(3 * time.Second)) {
		t.Errorf("Now() = %v after advancing 3s from %v", c.Now(), start)
	}
}

func TestFunctionsMayUseTheClockThatRunsThem(t *testing.T) {
	c := NewFake(start)
	var ticks int
	var tick Timer
	tick = c.AfterFunc(time.Second, func() {
		ticks++
		tick.Reset(time.Second)
	})
	c.Advance(10 * time.Second)
	if ticks != 10 {
		t.Errorf("a timer that resets itself each second ran %d times in 10s", ticks)
	}
}

func TestNothingRunsInsideAfterFunc(t *testing.T) {
	c := NewFake(start)
	ran := false
	c.AfterFunc(-time.Second, func() { ran = true })
	if ran {
		t.Fatal("AfterFunc ran its function itself: a caller that holds a lock would deadlock")
	}
	c.Advance(0)
	if !ran {
		t.Error("Advance(0) left a function that was due")
	}
}

func TestStopAndResetReportWhetherTheTimerWasPending(t *testing.T) {
	c := NewFake(start)
	ran := 0
	timer := c.AfterFunc(time.Second, func() { ran++ })
	if !timer.Stop() {
		t.Error("Stop of a pending timer said false")
	}
	if timer.Stop() {
		t.Error("second Stop said true")
	}
	c.Advance(time.Minute)
	if ran != 0 {
		t.Error("a stopped timer ran")
	}
	if timer.Reset(time.Second) {
		t.Error("Reset of a stopped timer said that it was pending")
	}
	if !timer.Reset(2 * time.Second) {
		t.Error("Reset of a pending timer said that it was not")
	}
	c.Advance(time.Second)
	if ran != 0 {
		t.Error("Reset did not move the timer")
	}
	c.Advance(time.Second)
	if ran != 1 {
		t.Errorf("ran %d times, want 1", ran)
	}
	if timer.Stop() {
		t.Error("Stop of a timer that ran said true")
	}
}

func TestPanickingFunctionLeavesTheClockUsable(t *testing.T) {
	c := NewFake(start)
	c.AfterFunc(time.Second, func() { panic("boom") })
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		c.Advance(time.Second)
	}()
	ran := false
	c.AfterFunc(0, func() { ran = true })
	c.Advance(0)
	if !ran {
		t.Error("the clock no longer runs functions")
	}
}

func TestFakeServesManyGoroutines(t *testing.T) {
	c := NewFake(start)
	var mu sync.Mutex
	ran := 0
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				c.AfterFunc(time.Millisecond, func() { mu.Lock(); ran++; mu.Unlock() })
				c.Advance(time.Microsecond)
				c.Now()
			}
		})
	}
	wg.Wait()
	c.Advance(time.Second)
	if ran != 800 {
		t.Errorf("ran %d functions, want 800", ran)
	}
}

func TestSystemRunsAndStops(t *testing.T) {
	done := make(chan struct{})
	System.AfterFunc(0, func() { close(done) })
	<-done
	stopped := System.AfterFunc(time.Hour, func() { t.Error("an hour passed") })
	if !stopped.Stop() {
		t.Error("Stop of a pending timer said false")
	}
	if d := time.Since(System.Now()); d < 0 {
		t.Errorf("System.Now() lies %v ahead", -d)
	}
}
