package jsruntime

// columns turns the engine's columns, which count bytes, into those of source
// maps and editors, which count UTF-16 units. It is nil for code in ASCII, where
// the two are the same.
type columns struct {
	code   string
	lines  []int // where each line begins
	excess []int // bytes less units before each stretch
}

// stretch is how many bytes are counted at most for one column: a bundle may be
// one line of a megabyte.
const stretch = 1024

func newColumns(code string) *columns {
	c := &columns{code: code, lines: []int{0}}
	ascii := true
	total := 0
	for at := 0; at < len(code); at++ {
		if at%stretch == 0 {
			c.excess = append(c.excess, total)
		}
		b := code[at]
		ascii = ascii && b < 0x80
		total += excessOf(b)
		if end := lineEnd(code, at); end > 0 {
			c.lines = append(c.lines, end)
		}
	}
	if ascii {
		return nil
	}
	return c
}

// lineEnd is where the next line begins, if a line ends with the byte at at;
// lines end as they do in the language.
func lineEnd(code string, at int) int {
	switch b := code[at]; {
	case b == '\n', b == '\r' && (at+1 == len(code) || code[at+1] != '\n'):
		return at + 1
	case (b == 0xA8 || b == 0xA9) && at >= 2 && code[at-1] == 0x80 && code[at-2] == 0xE2: // U+2028, U+2029
		return at + 1
	}
	return 0
}

// excessOf is what a byte adds: all but the first of a character's, less one
// for the second unit of those that have two.
func excessOf(b byte) int {
	switch {
	case b&0xC0 == 0x80:
		return 1
	case b >= 0xF0:
		return -1
	default:
		return 0
	}
}

// units is the column in units of one in bytes; line is from 1, both columns are
// from 0.
func (c *columns) units(line, column int) int {
	if c == nil || line < 1 || line > len(c.lines) {
		return column
	}
	start := c.lines[line-1]
	if column < 0 || column > len(c.code)-start {
		return column
	}
	return column - (c.before(start+column) - c.before(start))
}

// before is the excess of all bytes before at.
func (c *columns) before(at int) int {
	if at == len(c.code) && at%stretch == 0 && at > 0 {
		at--
		return c.before(at) + excessOf(c.code[at])
	}
	k := at / stretch
	total := c.excess[k]
	for _, b := range []byte(c.code[k*stretch : at]) {
		total += excessOf(b)
	}
	return total
}
