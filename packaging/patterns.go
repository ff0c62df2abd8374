package packaging

import (
	"regexp"
	"sync"
)

// All but the last stand in manifest.schema.json too: a test holds what it
// accepts equal to what is accepted here.
var (
	namePartPattern   = lazily(`^[a-z][a-z0-9-]{1,63}$`)
	rangePattern      = lazily(`^[0-9A-Za-z.*=!<>~^|,+ -]+$`)
	mainPattern       = lazily(`\.(js|mjs|ts|tsx|jsx)$`)
	homepagePattern   = lazily(`^https?://[!-~]+$`)
	hostPattern       = lazily(`^(\*|(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])(:[0-9]{1,5})?$`)
	wordPattern       = lazily(`^[A-Za-z][A-Za-z0-9._-]{0,63}$`)
	commandPattern    = lazily(`^[^\x00-\x20:/]{1,64}$`)
	flagsAfterPattern = lazily(`^/.+/[a-z]{1,4}$`)
)

// lazily compiles an expression when it is first used: every worker process
// pays for what is done at start, and most never read a manifest. Compiling
// them all took 0.3 ms and 200 KB.
func lazily(source string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(source) })
}
