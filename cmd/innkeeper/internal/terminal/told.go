package terminal

import "sync"

// told remembers the last error that each plugin's events told. The host tells
// one failure several ways: as an error, as a state, and to whoever asked for what
// failed; people want to read it once.
type told struct {
	mu   sync.Mutex
	last map[string]string
}

// tell notes an error, and reports whether the plugin's last one was another.
func (t *told) tell(plugin string, err error) (fresh bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last == nil {
		t.last = map[string]string{}
	}
	text := err.Error()
	fresh = t.last[plugin] != text
	t.last[plugin] = text
	return fresh
}

// knows reports whether an error is the last one of any plugin.
func (t *told) knows(err error) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, text := range t.last {
		if text == err.Error() {
			return true
		}
	}
	return false
}

// untold visits the errors that were joined into err, or err itself, but for those
// that events told.
func (t *told) untold(err error, visit func(error)) {
	if err == nil || t.knows(err) {
		return
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		if list := joined.Unwrap(); onlyJoins(err, list) {
			for _, e := range list {
				t.untold(e, visit)
			}
			return
		}
	}
	visit(err)
}

// onlyJoins reports that err adds no words of its own to those of list.
func onlyJoins(err error, list []error) bool {
	n := len(list) - 1
	for _, e := range list {
		n += len(e.Error())
	}
	return len(err.Error()) == n
}
