package bridge

import "fmt"

// The names of errors that plugins branch on (error.name in JavaScript).
const (
	PermissionErrorName   = "PermissionError"
	NotSupportedErrorName = "NotSupportedError"
	QuotaErrorName        = "QuotaExceededError"
	ConflictErrorName     = "ConflictError"
	BusyErrorName         = "BusyError"
	TypeErrorName         = "TypeError"
	RangeErrorName        = "RangeError"
	LoopErrorName         = "LoopError"
	RejectedErrorName     = "RejectedError"
	TimeoutErrorName      = "TimeoutError"
)

// Error is an error as it crosses the border: text, never an object. In the
// guest it becomes an Error of that name.
type Error struct {
	Name    string
	Message string
	// Stack has one line a frame, "name (file:line:column)", innermost first,
	// in the plugin's own source lines; empty for an error of the host's half.
	Stack string
	// Fatal says that the generation ended with it.
	Fatal bool
}

func (e *Error) Error() string {
	if e.Name == "" || e.Name == "Error" {
		return e.Message
	}
	return e.Name + ": " + e.Message
}

// Errorf makes an Error of a name.
func Errorf(name, format string, args ...any) *Error {
	return &Error{Name: name, Message: fmt.Sprintf(format, args...)}
}

// Denied is the refusal of an act without its permission.
func Denied(resource, action string) *Error {
	return Errorf(PermissionErrorName, "Permission denied: %s:%s", resource, action)
}

// AppendError writes e as four values.
func (e *Encoder) AppendError(err *Error) {
	e.String(err.Name)
	e.String(err.Message)
	e.String(err.Stack)
	e.Bool(err.Fatal)
}

// Error reads what AppendError wrote.
func (d *Decoder) Error() *Error {
	return &Error{Name: d.String(), Message: d.String(), Stack: d.String(), Fatal: d.Bool()}
}
