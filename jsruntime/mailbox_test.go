package jsruntime

import "testing"

func TestQueueThatIsNeverEmptyStaysSmall(t *testing.T) {
	var q queue
	next, expected := uint64(0), uint64(0)
	for range 100_000 {
		for len(q.jobs)-q.head < 100 {
			next++
			q.push(job{cause: next})
		}
		for range 37 {
			j, ok := q.pop()
			if expected++; !ok || j.cause != expected {
				t.Fatalf("got job %d, %v, wanted %d", j.cause, ok, expected)
			}
		}
	}
	if n := cap(q.jobs); n > 1000 {
		t.Errorf("at most 100 jobs wait, and there is room for %d", n)
	}
}
