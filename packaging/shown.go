package packaging

import (
	"strconv"
	"strings"

	"github.com/innkeeper-host/innkeeper/internal/visible"
)

// What a stranger wrote may stand in an error, a log or a terminal, so it is
// shortened, and what could change how the rest is shown (controls, bidi
// marks, bytes that are no UTF-8) is escaped.

// clip shows a text in quotes.
func clip(s string) string {
	const most = 80
	if len(s) <= most {
		return strconv.Quote(s)
	}
	return strconv.Quote(strings.ToValidUTF8(s[:most], "")) + "…"
}

// printable shows a text as it is, where it can be shown.
func printable(s string) string { return visible.Clip(s, 80) }

// clipKey shows a key inside a field path, in quotes only where it needs them.
func clipKey(key string) string {
	if quoted := clip(key); quoted != `"`+key+`"` {
		return quoted
	}
	return key
}
