package atomicfile

// syncFolder does nothing: Windows has no sync of a folder, and NTFS keeps
// renames in its journal.
func syncFolder(string) error { return nil }
