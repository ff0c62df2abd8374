package bridge

import (
	"fmt"

	"github.com/innkeeper-host/innkeeper/internal/due"
)

// JobInit is what a plugin says of a scheduled job.
type JobInit struct {
	Cron     string `json:"cron,omitempty"`
	At       string `json:"at,omitempty"`
	Every    string `json:"every,omitempty"`
	TimeZone string `json:"timeZone,omitempty"`
	Missed   string `json:"missed,omitempty"` // "run" or "skip", the default
}

// Schedule says when the job is due. The error names the member that is wrong,
// what was found and what was wanted.
func (j JobInit) Schedule() (*due.Schedule, error) {
	if j.Missed != "" && j.Missed != "run" && j.Missed != "skip" {
		return nil, fmt.Errorf("missed: found %q, wanted run or skip", j.Missed)
	}
	return due.Parse(due.Spec{Cron: j.Cron, At: j.At, Every: j.Every, TimeZone: j.TimeZone})
}
