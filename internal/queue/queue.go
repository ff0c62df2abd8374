// Package queue is a first-in, first-out queue that several mailboxes share. It
// has no bound and no lock: its owner has both. It must never know what waits.
package queue

// Queue is a queue of items. The zero Queue is empty and ready.
type Queue[T any] struct {
	items []T
	head  int
}

// small is the capacity that an empty queue may keep.
const small = 16

// Len is the number of items.
func (q *Queue[T]) Len() int { return len(q.items) - q.head }

// Push adds an item behind all others. What waits is moved to the front where
// half of the memory lies behind it: a queue that is never empty must not grow
// for ever.
func (q *Queue[T]) Push(item T) {
	if len(q.items) == cap(q.items) && q.head > 0 && q.head >= len(q.items)/2 {
		n := copy(q.items, q.items[q.head:])
		clear(q.items[n:])
		q.items, q.head = q.items[:n], 0
	}
	q.items = append(q.items, item)
}

// Pop takes the first item; ok is false where the queue is empty.
func (q *Queue[T]) Pop() (item T, ok bool) {
	if q.head == len(q.items) {
		return item, false
	}
	var none T
	item, q.items[q.head] = q.items[q.head], none
	if q.head++; q.head == len(q.items) {
		q.reset()
	}
	return item, true
}

// Remove takes out the first item that match accepts, and reports whether there
// was one.
func (q *Queue[T]) Remove(match func(T) bool) bool {
	for i := q.head; i < len(q.items); i++ {
		if match(q.items[i]) {
			var none T
			copy(q.items[i:], q.items[i+1:])
			q.items[len(q.items)-1] = none
			q.items = q.items[:len(q.items)-1]
			if q.head == len(q.items) {
				q.reset()
			}
			return true
		}
	}
	return false
}

// Drain takes all items, in order.
func (q *Queue[T]) Drain() []T {
	items := q.items[q.head:]
	q.items, q.head = nil, 0
	return items
}

// reset gives memory back after a rush and keeps a little for the next item.
func (q *Queue[T]) reset() {
	q.head = 0
	if cap(q.items) > small {
		q.items = nil
	} else {
		q.items = q.items[:0]
	}
}
