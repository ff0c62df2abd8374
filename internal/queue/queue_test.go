package queue

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestQueueBehavesLikeASlice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q Queue[int]
		var model []int
		for i := range rapid.IntRange(0, 200).Draw(t, "steps") {
			switch rapid.IntRange(0, 5).Draw(t, "act") {
			case 0, 1, 2:
				q.Push(i)
				model = append(model, i)
			case 3:
				got, ok := q.Pop()
				if ok != (len(model) > 0) || ok && got != model[0] {
					t.Fatalf("Pop gave %d, %v; the model is %v", got, ok, model)
				}
				model = model[min(1, len(model)):]
			case 4:
				wanted := rapid.IntRange(0, 200).Draw(t, "wanted")
				at := slices.Index(model, wanted)
				if q.Remove(func(x int) bool { return x == wanted }) != (at >= 0) {
					t.Fatalf("Remove of %d; the model is %v", wanted, model)
				}
				if at >= 0 {
					model = slices.Delete(slices.Clone(model), at, at+1)
				}
			case 5:
				if i%7 == 0 {
					if got := q.Drain(); !slices.Equal(got, model) {
						t.Fatalf("Drain gave %v, wanted %v", got, model)
					}
					model = nil
				}
			}
			if q.Len() != len(model) {
				t.Fatalf("Len is %d, wanted %d", q.Len(), len(model))
			}
		}
	})
}

func TestQueueThatIsNeverEmptyStaysSmall(t *testing.T) {
	var q Queue[int]
	for range 100 {
		q.Push(0)
	}
	for range 1_000_000 {
		q.Push(0)
		q.Pop()
	}
	if cap(q.items) > 1000 {
		t.Errorf("the queue holds %d places for %d items", cap(q.items), q.Len())
	}
	for range 100 {
		q.Pop()
	}
	if q.items != nil {
		t.Error("an empty queue keeps the memory of a rush")
	}
}
