package host

import "sync"

// lane runs what it is given in order, on a goroutine that is there only while
// there is work. It hands over all that waits at once, so that a lane whose work
// can be grouped groups it.
type lane[T any] struct {
	run   func([]T)
	bound int // waiting at once

	mu      sync.Mutex
	waiting []T
	running bool
	closed  bool
	idle    sync.WaitGroup
}

// put adds an item; it reports false where the lane is full or closed.
func (l *lane[T]) put(item T) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.waiting) >= l.bound {
		return false
	}
	l.waiting = append(l.waiting, item)
	if !l.running {
		l.running = true
		l.idle.Add(1)
		go l.loop()
	}
	return true
}

func (l *lane[T]) loop() {
	defer l.idle.Done()
	for {
		l.mu.Lock()
		if len(l.waiting) == 0 {
			l.running = false
			l.mu.Unlock()
			return
		}
		batch := l.waiting
		l.waiting = nil
		l.mu.Unlock()
		l.run(batch)
	}
}

// close refuses further items and waits until those taken are done.
func (l *lane[T]) close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.idle.Wait()
}
