// Package due says when a scheduled job is due.
//
// Vocabulary:
//
//   - Spec: what a plugin wrote: one of cron, at or every, and a time zone.
//   - Schedule: the same, checked; it answers "when next?".
//   - Wall time: what a clock on the wall of the time zone shows. It is held in
//     a time.Time in UTC whose date and time of day are those of the wall.
//   - Gap: wall times that a clock skips, as in spring. Overlap: wall times that
//     it shows twice, as in autumn.
//
// The table of time zones is linked in, so that no file of the host is needed.
//
// The package must never know what the job does, where it is stored or what
// time it is now: a Schedule is a function of the moment it is asked about.
package due
