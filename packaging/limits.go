package packaging

// Limits bounds a package that is read. A field that is zero means the value
// that DefaultLimits has there.
type Limits struct {
	Files      int   // how many files
	FileBytes  int64 // bytes of one file, decoded
	TotalBytes int64 // bytes of all files together, decoded
	Depth      int   // how deep its JSON may nest; the package itself is 1
}

// DefaultLimits is what a package may be where an embedder says nothing else.
var DefaultLimits = Limits{Files: 2000, FileBytes: 5 << 20, TotalBytes: 20 << 20, Depth: 64}

func (l Limits) withDefaults() Limits {
	if l.Files <= 0 {
		l.Files = DefaultLimits.Files
	}
	if l.FileBytes <= 0 {
		l.FileBytes = DefaultLimits.FileBytes
	}
	if l.TotalBytes <= 0 {
		l.TotalBytes = DefaultLimits.TotalBytes
	}
	if l.Depth <= 0 {
		l.Depth = DefaultLimits.Depth
	}
	return l
}

// EncodedBytes is the most bytes that the JSON of a package within these
// limits can have in its canonical form: who fetches one stops there, and
// Unpack refuses more before it looks at anything.
func (l Limits) EncodedBytes() int64 {
	l = l.withDefaults()
	const (
		worstText = 2  // a text of nothing but escapes such as \n; base64 is smaller
		worstPath = 6  // a path of nothing but \u0001
		aFile     = 32 // quotes, braces, "base64"
		theRest   = 2 * maxManifestBytes
	)
	// A manifest may grow when its escapes are written the canonical way, the
	// signature is no larger than a manifest may be.
	return worstText*l.TotalBytes + int64(l.Files)*(worstPath*maxPathBytes+aFile) + theRest
}
