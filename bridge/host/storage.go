package host

import (
	"context"
	"math"
	"time"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/storage"
)

// storageRequest is one call of context.storage: a write and what to answer to
// its result, or a read.
type storageRequest struct {
	write  storage.Op
	answer func(storage.Result, *bridge.Encoder)
	read   func(context.Context, *bridge.Encoder) error
	reply  func(bridge.Result)
}

// store serves context.storage. Requests of one plugin are served in the order
// in which it made them, so that it reads what it wrote.
func (s *Session) store(r bridge.Request, d *bridge.Decoder, reply func(bridge.Result)) {
	action := "write"
	switch r.Op {
	case bridge.OpStorageGet, bridge.OpStorageKeys, bridge.OpStorageEntries, bridge.OpStorageUsage:
		action = "read"
	case bridge.OpStorageAdd: // tells the sum
		if !s.Allows("storage", "read") {
			reply(fail(bridge.Denied("storage", "read")))
			return
		}
	}
	if !s.Allows("storage", action) {
		reply(fail(bridge.Denied("storage", action)))
		return
	}
	request, err := s.storageRequest(r.Op, d)
	if err != nil {
		reply(malformed(err))
		return
	}
	request.reply = reply
	s.desk.Busy.Add(1)
	if !s.storage.put(request) {
		s.desk.Busy.Add(-1)
		reply(fail(bridge.Errorf(bridge.BusyErrorName, "storage: %d calls are waiting", maxLane)))
	}
}

func (s *Session) storageRequest(op bridge.Op, d *bridge.Decoder) (storageRequest, error) {
	var r storageRequest
	done := func(storage.Result, *bridge.Encoder) {}
	kv := s.desk.Store
	switch op {
	case bridge.OpStorageGet:
		var keys []string
		for d.More() && len(keys) < bridge.MaxList {
			keys = append(keys, d.String())
		}
		r.read = func(ctx context.Context, e *bridge.Encoder) error { return get(ctx, kv, s.Identity, keys, e) }
	case bridge.OpStorageKeys:
		span := readRange(d)
		r.read = func(ctx context.Context, e *bridge.Encoder) error {
			keys, err := kv.Keys(ctx, s.Identity, span)
			for _, key := range keys {
				e.String(key)
			}
			return err
		}
	case bridge.OpStorageEntries:
		span := readRange(d)
		r.read = func(ctx context.Context, e *bridge.Encoder) error {
			entries, err := kv.Entries(ctx, s.Identity, span)
			for _, entry := range entries {
				e.String(entry.Key)
				appendStored(e, &entry.Value)
			}
			return err
		}
	case bridge.OpStorageUsage:
		r.read = func(ctx context.Context, e *bridge.Encoder) error {
			u, err := kv.Usage(ctx, s.Identity)
			e.JSON(jsonOf(map[string]int64{"bytes": u.Bytes, "keys": u.Keys, "limit": u.LimitBytes}))
			return err
		}
	case bridge.OpStorageSet:
		set := storage.Set{TTL: ttl(d.Number())}
		for d.More() {
			key := d.String()
			if value := readStored(d); value != nil {
				set.Entries = append(set.Entries, storage.Entry{Key: key, Value: *value})
			}
		}
		r.write, r.answer = set, done
	case bridge.OpStorageDelete:
		r.write = storage.Delete{Keys: []string{d.String()}}
		r.answer = func(result storage.Result, e *bridge.Encoder) { e.Bool(result.Removed > 0) }
	case bridge.OpStorageClear:
		r.write, r.answer = storage.Clear{}, done
	case bridge.OpStorageAdd:
		r.write = storage.Increment{Key: d.String(), By: d.Number()}
		r.answer = func(result storage.Result, e *bridge.Encoder) { e.Number(result.Number) }
	case bridge.OpStorageSwap:
		swap := storage.CompareAndSet{Key: d.String(), Version: int64(d.Number())}
		swap.Value = readStored(d)
		r.write = swap
		r.answer = func(_ storage.Result, e *bridge.Encoder) { e.Bool(true) }
	}
	return r, d.Err()
}

// serveStorage groups writes that follow each other into one transaction.
func (s *Session) serveStorage(batch []storageRequest) {
	defer s.desk.Busy.Add(-len(batch))
	ctx := s.desk.closing // a plugin that is stopped keeps what it asked for
	for len(batch) > 0 {
		n := 0
		var ops []storage.Op
		for n < len(batch) && batch[n].write != nil {
			ops = append(ops, batch[n].write)
			n++
		}
		if n == 0 {
			var e bridge.Encoder
			if err := batch[0].read(ctx, &e); err != nil {
				batch[0].reply(fail(crossing(err)))
			} else {
				batch[0].reply(bridge.Result{Args: e.Payload()})
			}
			batch = batch[1:]
			continue
		}
		results, err := s.desk.Store.Write(ctx, s.Identity, ops...)
		for i, r := range batch[:n] {
			if err != nil {
				r.reply(fail(crossing(err)))
			} else {
				r.reply(writeResult(r, results[i]))
			}
		}
		batch = batch[n:]
	}
}

func writeResult(r storageRequest, result storage.Result) bridge.Result {
	var e bridge.Encoder
	if _, swap := r.write.(storage.CompareAndSet); swap && result.Err == storage.ErrConflict {
		e.Bool(false) // the guest reads again
		return bridge.Result{Args: e.Payload()}
	}
	if result.Err != nil {
		return fail(crossing(result.Err))
	}
	r.answer(result, &e)
	return bridge.Result{Args: e.Payload()}
}

// get answers each key with its value and its version.
func get(ctx context.Context, kv storage.KV, id storage.Identity, keys []string, e *bridge.Encoder) error {
	values, err := kv.Get(ctx, id, keys...)
	if err != nil {
		return err
	}
	for _, v := range values {
		if v == nil {
			e.Undefined()
			e.Number(0)
			continue
		}
		appendStored(e, v)
		e.Number(float64(v.Version))
	}
	return nil
}

func appendStored(e *bridge.Encoder, v *storage.Value) {
	if v.Bytes {
		e.Bytes(v.Data)
	} else {
		e.JSON(string(v.Data))
	}
}

// readStored reads a value to store; nil is undefined.
func readStored(d *bridge.Decoder) *storage.Value {
	switch v := d.Value(); v.Kind {
	case bridge.KindJSON:
		return &storage.Value{Data: []byte(v.Text)}
	case bridge.KindBytes:
		return &storage.Value{Bytes: true, Data: []byte(v.Text)}
	default:
		return nil
	}
}

func readRange(d *bridge.Decoder) storage.Range {
	r := storage.Range{Prefix: d.String(), After: d.String()}
	r.Limit = int(min(max(d.Number(), 1), bridge.MaxList))
	return r
}

// ttl is a time to live in milliseconds as a duration; 0 is for ever.
func ttl(ms float64) time.Duration {
	const most = float64(math.MaxInt64 / int64(time.Millisecond))
	if !(ms > 0) || ms >= most {
		return 0
	}
	return time.Duration(ms * float64(time.Millisecond))
}
