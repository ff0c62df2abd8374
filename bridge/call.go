package bridge

// Kind says what the host asks of a plugin.
type Kind byte

// The kinds of a Call, with the values of their Args.
const (
	// Initialize evaluates the bundle, makes the plugin and calls its
	// initialize. No args.
	Initialize Kind = iota + 1
	// Destroy calls the plugin's destroy. No args.
	Destroy
	// Message hands an accepted message to every onMessage handler and every
	// handler of the event "message": fromPlugin bool, then AppendMessage.
	Message
	// Intercept asks one interceptor (Handler): AppendMessage. The Result is
	// what AppendVerdict writes.
	Intercept
	// Event tells an event to its handlers: name, source, JSON data.
	Event
	// Command runs a command (Handler): JSON invocation.
	Command
	// Job runs a scheduled job (Handler): JSON run.
	Job
	// Click runs a menu item's onClick (Handler): JSON click.
	Click
	// Settings tells onSettingsChange that the plugin's settings changed. The
	// new values were pushed before. No args.
	Settings
)

var kindNames = [...]string{"", "initialize", "destroy", "message", "intercept", "event", "command", "job", "click", "settings"}

// String is the kind's name in logs and reports.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// Cause is the host's number for one call that it made to one plugin; every
// Request that follows from the call carries it. Zero is no cause.
type Cause uint64

// Call is what the host asks of a plugin.
type Call struct {
	Kind    Kind
	Handler uint32 // the guest's number of the registration, where one is meant
	Cause   Cause
	Args    Payload
}

// Result is how a Call or a Request ended.
type Result struct {
	Err  *Error
	Args Payload
}

// Request is what a plugin asks of the host.
type Request struct {
	Op    Op
	Cause Cause
	Args  Payload
}

// Op names what a Request asks for.
type Op string

// The ops, by capability. The file of the same name in bridge/guest writes
// their args, and the one in bridge/host reads them.
const (
	OpSend      Op = "messages.send"
	OpListen    Op = "messages.listen"
	OpIntercept Op = "messages.intercept"

	OpStorageGet     Op = "storage.get"
	OpStorageSet     Op = "storage.set"
	OpStorageDelete  Op = "storage.delete"
	OpStorageKeys    Op = "storage.keys"
	OpStorageEntries Op = "storage.entries"
	OpStorageSwap    Op = "storage.swap"
	OpStorageAdd     Op = "storage.increment"
	OpStorageClear   Op = "storage.clear"
	OpStorageUsage   Op = "storage.usage"

	OpEmit      Op = "events.emit"
	OpSubscribe Op = "events.on"

	OpSettingsRegister Op = "settings.register"
	OpSettingsSet      Op = "settings.set"
	OpSettingsListen   Op = "settings.listen"

	OpCommand  Op = "commands.register"
	OpSchedule Op = "schedule.register"

	OpComponent Op = "ui.component"
	OpMenuItem  Op = "ui.menu"

	// OpDispose takes a registration back: its id.
	OpDispose Op = "dispose"
	// OpLog writes a line to the host's log: level, text, source line.
	OpLog Op = "log"
	// OpReport tells of an error that no call carries: see AppendError.
	OpReport Op = "report"
)
