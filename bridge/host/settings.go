package host

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/chat"
	"github.com/innkeeper-host/innkeeper/storage"
)

// settingsValues are the stored values of a plugin's settings, secrets opened.
// The Session's lock guards them.
type settingsValues struct {
	values map[string]any
	types  map[string]string // the field's type when the value was written
	// dropped are fields to be deleted from the store; the next generation may
	// yet fail, and then they stay.
	dropped map[string]*storage.Setting
	saved   int64 // Desk.saved before they were read
}

func (s *Session) loadSettings(ctx context.Context) (settingsValues, error) {
	stored := settingsValues{map[string]any{}, map[string]string{}, map[string]*storage.Setting{}, s.desk.saved.Load()}
	rows, err := s.desk.Store.LoadSettings(ctx, s.Identity)
	if err != nil {
		return stored, err
	}
	for field, row := range rows {
		text := row.Value
		if row.Secret {
			if s.desk.Key == nil {
				continue // refused when its schema is registered
			}
			if text, err = s.desk.Key.Open(string(s.Identity), field, row.Value); err != nil {
				s.incident("settings", bridge.Errorf("Error", "secret %q cannot be opened with this server's key: %s", field, err))
				continue
			}
		}
		var value any
		if err := json.Unmarshal(text, &value); err != nil {
			return stored, fmt.Errorf("setting %q: %w", field, err)
		}
		stored.values[field], stored.types[field] = value, row.Type
	}
	return stored, nil
}

// registerSettings serves registerSettings. A stored secret whose field is of
// another type now is dropped: it must not come out as plain text.
func (s *Session) registerSettings(id uint32, d *bridge.Decoder) *bridge.Error {
	text := d.JSON()
	if err := d.Err(); err != nil {
		return crossing(err)
	}
	if !s.Allows("settings", "read") {
		return bridge.Denied("settings", "read")
	}
	var schema chat.Schema
	if err := json.Unmarshal([]byte(text), &schema); err != nil {
		return bridge.Errorf(bridge.TypeErrorName, "registerSettings: %s", err)
	}
	if s.desk.Key == nil {
		for _, f := range schema {
			if f.Type == chat.FieldSecret {
				return bridge.Errorf(bridge.NotSupportedErrorName, "registerSettings: setting %q is a secret, and this server has no key to seal it with", f.Name)
			}
		}
	}
	isLive := false
	refused := s.add(func(r *registrations) {
		isLive = s.phase == live
		r.settings = &settingsForm{id, schema}
		for name, was := range s.stored.types {
			f := schema.Field(name)
			if f != nil && (was == chat.FieldSecret) != (f.Type == chat.FieldSecret) {
				s.stored.dropped[name] = nil
				delete(s.stored.values, name)
				delete(s.stored.types, name)
			}
		}
	})
	if refused != nil {
		return refused
	}
	s.room.Push(s.state())
	if isLive {
		s.settleSettings()
	}
	return nil
}

// settleSettings deletes what registerSettings dropped, and then looks whether
// the store holds what the session believes: while this generation initialized,
// the one before it may have changed settings.
func (s *Session) settleSettings() {
	s.queueSettings(func(ctx context.Context) {
		s.mu.Lock()
		dropped := s.stored.dropped
		s.stored.dropped = map[string]*storage.Setting{}
		stale := s.stored.saved != s.desk.saved.Load()
		s.mu.Unlock()
		if len(dropped) > 0 {
			if err := s.desk.Store.SaveSettings(ctx, s.Identity, dropped); err != nil {
				s.incident("registerSettings", crossing(err))
				return
			}
		}
		if stale {
			s.refreshSettings(ctx)
		}
	})
}

// RefreshSettings makes the session read its settings again; it does not wait.
func (s *Session) RefreshSettings() { s.queueSettings(s.refreshSettings) }

func (s *Session) refreshSettings(ctx context.Context) {
	stored, err := s.loadSettings(ctx)
	if err != nil {
		if ctx.Err() == nil {
			s.incident("settings", crossing(err))
		}
		return
	}
	s.mu.Lock()
	var changed []string
	for name := range stored.values {
		if !reflect.DeepEqual(stored.values[name], s.stored.values[name]) {
			changed = append(changed, name)
		}
	}
	for name := range s.stored.values {
		if _, there := stored.values[name]; !there {
			changed = append(changed, name)
		}
	}
	stored.dropped = s.stored.dropped
	s.stored = stored
	listens := len(s.regs.changes) > 0
	s.mu.Unlock()
	if len(changed) > 0 {
		s.room.Push(s.state())
		s.tellSettings(changed, listens, Origin{})
	}
}

func (s *Session) listenSettings(id uint32) *bridge.Error {
	if !s.Allows("settings", "read") {
		return bridge.Denied("settings", "read")
	}
	return s.add(func(r *registrations) { r.changes = append(r.changes, id) })
}

// setSettings serves setSettings.
func (s *Session) setSettings(cause bridge.Cause, d *bridge.Decoder, reply func(bridge.Result)) {
	text := d.JSON()
	if err := d.Err(); err != nil {
		reply(malformed(err))
		return
	}
	if !s.Allows("settings", "write") {
		reply(fail(bridge.Denied("settings", "write")))
		return
	}
	var patch map[string]any
	if err := json.Unmarshal([]byte(text), &patch); err != nil {
		reply(fail(bridge.Errorf(bridge.TypeErrorName, "setSettings: wanted an object from name to value")))
		return
	}
	// What the change sets off belongs to the same chain.
	origin := s.calls.origin(cause)
	queued := s.queueSettings(func(ctx context.Context) {
		if err := s.applySettings(ctx, patch, origin); err != nil {
			reply(fail(crossing(err)))
			return
		}
		reply(bridge.Result{})
	})
	if !queued {
		reply(fail(bridge.Errorf(bridge.BusyErrorName, "setSettings: too many changes are waiting")))
	}
}

// ApplySettings changes settings on the operator's behalf: null resets a field
// to its default. Values are checked against the plugin's schema, and either all
// are stored or none. The error is a *chat.SettingError where a value is at
// fault.
func (s *Session) ApplySettings(ctx context.Context, patch map[string]any) error {
	// Values of Go become what JSON makes of them.
	text, err := json.Marshal(patch)
	if err != nil {
		return fmt.Errorf("settings of %s: %w", s.Name, err)
	}
	patch = nil
	if err := json.Unmarshal(text, &patch); err != nil {
		return fmt.Errorf("settings of %s: %w", s.Name, err)
	}
	done := make(chan error, 1)
	if !s.queueSettings(func(ctx context.Context) { done <- s.applySettings(ctx, patch, Origin{}) }) {
		return bridge.ErrClosed
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (s *Session) queueSettings(change func(context.Context)) bool {
	s.desk.Busy.Add(1)
	if !s.settings.put(change) {
		s.desk.Busy.Add(-1)
		return false
	}
	return true
}

func (s *Session) serveSettings(batch []func(context.Context)) {
	for _, change := range batch {
		change(s.ctx)
		s.desk.Busy.Add(-1)
	}
}

func (s *Session) applySettings(ctx context.Context, patch map[string]any, origin Origin) error {
	s.mu.Lock()
	form := s.regs.settings
	s.mu.Unlock()
	if form == nil {
		return bridge.Errorf(bridge.TypeErrorName, "settings: %s registers none", s.Name)
	}
	rows := map[string]*storage.Setting{}
	for name, value := range patch {
		f := form.schema.Field(name)
		if f == nil {
			return &chat.SettingError{Field: name, Why: "the plugin has no such setting"}
		}
		if value == nil {
			rows[name] = nil
			continue
		}
		if err := f.Check(value); err != nil {
			return err
		}
		row, err := s.settingRow(f, value)
		if err != nil {
			return err
		}
		rows[name] = row
	}
	if err := s.desk.Store.SaveSettings(ctx, s.Identity, rows); err != nil {
		return fmt.Errorf("save settings of %s: %w", s.Name, err)
	}
	s.desk.saved.Add(1)
	s.mu.Lock()
	var changed []string
	for name, value := range patch {
		changed = append(changed, name)
		delete(s.stored.dropped, name)
		if value == nil {
			delete(s.stored.values, name)
			delete(s.stored.types, name)
		} else {
			s.stored.values[name], s.stored.types[name] = value, form.schema.Field(name).Type
		}
	}
	listens := len(s.regs.changes) > 0
	s.mu.Unlock()
	s.room.Push(s.state())
	s.tellSettings(changed, listens, origin)
	return nil
}

func (s *Session) settingRow(f *chat.Field, value any) (*storage.Setting, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, &chat.SettingError{Field: f.Name, Why: err.Error()}
	}
	row := &storage.Setting{Value: text, Type: f.Type}
	if f.Type == chat.FieldSecret {
		row.Secret = true
		if row.Value, err = s.desk.Key.Seal(string(s.Identity), f.Name, text); err != nil {
			return nil, fmt.Errorf("seal setting %q of %s: %w", f.Name, s.Name, err)
		}
	}
	return row, nil
}

// tellSettings tells the plugin itself: its onSettingsChange and its
// settings:changed, which carries names only.
func (s *Session) tellSettings(changed []string, listens bool, origin Origin) {
	slices.Sort(changed)
	// A plugin that is too busy to be told, or gone, reads the pushed values.
	if listens {
		if err := s.Call(Call{Kind: bridge.Settings, Origin: origin}); err != nil {
			s.incident("onSettingsChange", bridge.Errorf("Error", "%s", err))
		}
	}
	if s.HearsEvent("settings:changed") {
		args := EventArgs("settings:changed", "host", jsonOf(map[string]any{"changed": changed}))
		if err := s.Call(Call{Kind: bridge.Event, Args: args, Origin: origin}); err != nil {
			s.incident("settings:changed", bridge.Errorf("Error", "%s", err))
		}
	}
}

// settingsJSON is the stored values, secrets in plain text: for the plugin only.
func (s *Session) settingsJSON() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return jsonOf(s.stored.values)
}

// Settings are the values that a form shows: defaults filled in, secrets left
// out. ok is false where the plugin registers none.
func (s *Session) Settings() (schema chat.Schema, values map[string]any, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.regs.settings == nil {
		return nil, nil, false
	}
	schema = s.regs.settings.schema
	values = schema.Resolve(s.stored.values)
	for _, f := range schema {
		if f.Type == chat.FieldSecret {
			delete(values, f.Name)
		}
	}
	return schema, values, true
}
