package innkeeper

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/innkeeper-host/innkeeper/bridge/host"
	"github.com/innkeeper-host/innkeeper/chat"
	"github.com/innkeeper-host/innkeeper/internal/clock"
	"github.com/innkeeper-host/innkeeper/internal/datadir"
	"github.com/innkeeper-host/innkeeper/internal/seal"
	"github.com/innkeeper-host/innkeeper/packaging/bundle"
	"github.com/innkeeper-host/innkeeper/storage"
	"github.com/innkeeper-host/innkeeper/storage/sqlite"
)

// Host runs plugins for one chat server. Its methods may be called from any
// goroutine; several hosts may live in one process, each on a directory of its
// own.
type Host struct {
	options Options
	limits  Limits
	clock   clock.Clock
	logger  *slog.Logger

	dir      datadir.Dir
	lock     *datadir.Lock
	store    storage.Store
	bundles  *bundle.Cache
	desk     *host.Desk
	openRoom roomOpener

	// plugins is replaced, never changed, so that a message passes through
	// without a lock. change guards its replacement, and unstarted: why installed
	// plugins could not be loaded, by name.
	plugins   atomic.Pointer[[]*plugin]
	change    sync.Mutex
	unstarted map[string]error
	delivery  sync.Mutex // held while one message is handed to all

	closing  context.Context // ends when Close begins
	stop     context.CancelFunc
	watchers sync.WaitGroup // goroutines that wait for generations to end
	closed   sync.Once
	closeErr error
}

// New opens a host on its data directory. No plugin runs yet: Start starts what
// is installed and wanted, Load runs a path. Whoever calls New must Close the
// host. The error is a *HeldError where another host has the directory.
func New(o Options) (*Host, error) {
	if o.App == nil {
		return nil, errors.New("new host: Options.App is missing: it is your chat server")
	}
	if o.Dir == "" {
		return nil, errors.New("new host: Options.Dir is missing: name a directory for the plugins' data")
	}
	if err := o.Policy.check(); err != nil {
		return nil, fmt.Errorf("new host: Options.Policy: %w", err)
	}
	h := &Host{options: o, limits: o.Limits.over(defaultLimits), clock: o.Clock, logger: o.Logger, dir: datadir.Dir(o.Dir), unstarted: map[string]error{}}
	if h.clock == nil {
		h.clock = clock.System
	}
	if h.logger == nil {
		h.logger = slog.Default()
	}
	h.plugins.Store(&[]*plugin{})
	h.closing, h.stop = context.WithCancel(context.Background())
	if err := h.open(); err != nil {
		h.stop()
		return nil, fmt.Errorf("new host: %w", err)
	}
	return h, nil
}

func (h *Host) open() (err error) {
	var key *seal.Key
	if len(h.options.SecretKey) > 0 {
		if key, err = seal.ParseKey(h.options.SecretKey); err != nil {
			return fmt.Errorf("Options.SecretKey: %w", err)
		}
	}
	if err := h.dir.Make(); err != nil {
		return err
	}
	if h.lock, err = h.dir.Lock(); err != nil {
		return err
	}
	release := func() { err = errors.Join(err, h.lock.Release()) }
	if h.store, err = sqlite.OpenStore(h.dir.Database(), sqlite.Options{Clock: h.clock, Limits: h.storageLimits}); err != nil {
		release()
		return err
	}
	if h.bundles, err = bundle.NewCache(bundle.CacheOptions{Dir: h.dir.Bundles()}); err != nil {
		err = errors.Join(err, h.store.Close())
		release()
		return err
	}
	h.openRoom = newRoomOpener(h.clock)
	h.desk = host.NewDesk(host.Options{
		Store: h.store, Chat: wayOut{h}, Clock: h.clock, Logger: h.logger, Key: key, App: h.describe(), Hops: h.limits.Hops,
	})
	return nil
}

func (h *Host) describe() chat.Info {
	info := chat.Info{Name: "chat", Features: []string{}}
	if d, ok := h.options.App.(chat.Describer); ok {
		info = d.Describe()
		if info.Features == nil {
			info.Features = []string{}
		}
	}
	return info
}

// Close stops all plugins, dependents first, each within its destroy limit, and
// closes the data directory. What plugins wrote is kept. ctx bounds the wait for
// plugins that do not end. Closing twice is allowed.
func (h *Host) Close(ctx context.Context) error {
	h.closed.Do(func() {
		h.change.Lock() // add sees either that it is too late, or is seen by haltAll
		h.stop()
		h.change.Unlock()
		err := h.haltAll(ctx)
		err = errors.Join(err, h.awaitWatchers(ctx))
		h.desk.Close()
		h.closeErr = errors.Join(err, h.store.Close(), h.lock.Release())
	})
	return h.closeErr
}

// awaitWatchers waits until every generation has ended. One whose native ignores
// the interrupt may outlive ctx: nothing of the host serves it any more.
func (h *Host) awaitWatchers(ctx context.Context) error {
	ended := make(chan struct{})
	go func() {
		h.watchers.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close host: a plugin does not end: %w", context.Cause(ctx))
	}
}

// Settle waits until nothing is under way: no handler, no message on its way out,
// no timeout that a handler left. Intervals and scheduled jobs do not count.
func (h *Host) Settle(ctx context.Context) error { return h.desk.Busy.Wait(ctx) }

// all is the plugins in the order of their loading.
func (h *Host) all() []*plugin { return *h.plugins.Load() }

// find is the plugin of a name, or nil.
func (h *Host) find(name string) *plugin {
	for _, p := range h.all() {
		if p.name == name {
			return p
		}
	}
	return nil
}

// add puts a plugin into the list. The error is ErrLoaded or ErrClosed.
func (h *Host) add(p *plugin) error {
	h.change.Lock()
	defer h.change.Unlock()
	if h.closing.Err() != nil {
		return ErrClosed
	}
	if h.find(p.name) != nil {
		return ErrLoaded
	}
	list := append(slices.Clone(h.all()), p)
	h.plugins.Store(&list)
	delete(h.unstarted, p.name)
	return nil
}

// drop takes a plugin out of the list.
func (h *Host) drop(p *plugin) {
	h.change.Lock()
	defer h.change.Unlock()
	list := slices.DeleteFunc(slices.Clone(h.all()), func(q *plugin) bool { return q == p })
	h.plugins.Store(&list)
}

// observe tells the observer.
func (h *Host) observe(e Event) {
	if h.options.Observer == nil {
		return
	}
	e.Time = h.clock.Now()
	h.options.Observer.Observe(e)
}
