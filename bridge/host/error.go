package host

import (
	"errors"

	"github.com/innkeeper-host/innkeeper/bridge"
	"github.com/innkeeper-host/innkeeper/chat"
	"github.com/innkeeper-host/innkeeper/storage"
)

// fail is a Result with an error.
func fail(err *bridge.Error) bridge.Result { return bridge.Result{Err: err} }

// malformed is the answer to args that are not what the op takes.
func malformed(err error) bridge.Result {
	return fail(bridge.Errorf(bridge.TypeErrorName, "%s", err))
}

// crossing is an error of the host's as the plugin sees it: limits by their
// name, a chat server's refusal by its text.
func crossing(err error) *bridge.Error {
	var ours *bridge.Error
	var quota *storage.QuotaError
	var key *storage.KeyError
	var number *storage.NumberError
	var setting *chat.SettingError
	switch {
	case errors.As(err, &ours):
		return ours
	case errors.As(err, &quota):
		return bridge.Errorf(bridge.QuotaErrorName, "%s", err)
	case errors.As(err, &key), errors.As(err, &number), errors.As(err, &setting):
		return bridge.Errorf(bridge.TypeErrorName, "%s", err)
	case errors.Is(err, storage.ErrConflict):
		return bridge.Errorf(bridge.ConflictErrorName, "%s", err)
	default:
		return bridge.Errorf("Error", "%s", err)
	}
}
