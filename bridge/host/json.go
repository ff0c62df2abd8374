package host

import (
	"encoding/json"
	"fmt"
)

// jsonOf is JSON of a value of ours, which cannot fail.
func jsonOf(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("JSON of a %T: %v", value, err))
	}
	return string(text)
}
