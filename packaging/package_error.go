package packaging

import "fmt"

// Rule is the rule of the package format that a package breaks.
type Rule string

// The rules, each with what breaks it.
const (
	RuleJSON          Rule = "json"           // no JSON, a key twice, invalid UTF-8, something after the end
	RuleDepth         Rule = "depth"          // nested too deep
	RuleSize          Rule = "size"           // too many files, or too large
	RuleMissing       Rule = "missing"        // manifest or files is missing
	RuleType          Rule = "type"           // a member of the wrong type
	RuleMember        Rule = "member"         // a member that the format does not have
	RuleFormat        Rule = "format"         // a format that is not known
	RuleManifest      Rule = "manifest"       // Err is a *ManifestError
	RulePath          Rule = "path"           // a path that cannot be a file of a package
	RuleDuplicatePath Rule = "duplicate-path" // a path that repeats another but for case or Unicode form
	RuleBase64        Rule = "base64"         // not base64, or not its canonical form
	RuleEntry         Rule = "entry"          // the entry is not among the files
	RuleIntegrity     Rule = "integrity"      // the integrity value is not that of the content
	RuleCanonical     Rule = "canonical"      // other bytes of the same content
)

// PackageError refuses a package. Two of its messages are fixed: "Invalid
// package: missing manifest" and "Invalid package: missing files".
type PackageError struct {
	Rule   Rule
	Where  string // member of the package, such as `files` or `manifest`; "" is the whole
	Path   string // the file in question, as the package names it; "" where it is about none
	Detail string // what is wrong, and what to do where there is something to do
	Err    error  // the cause, where there is one
}

func (e *PackageError) Error() string {
	place := e.Where
	if e.Path != "" {
		if place != "" {
			place += " "
		}
		place += clip(e.Path)
	}
	if place != "" {
		place += ": "
	}
	return "Invalid package: " + place + e.Detail
}

func (e *PackageError) Unwrap() error { return e.Err }

func missingMember(name string) error {
	return &PackageError{Rule: RuleMissing, Detail: "missing " + name}
}

func wrongType(where, path, found, wanted string) error {
	return &PackageError{Rule: RuleType, Where: where, Path: path, Detail: fmt.Sprintf("found %s, wanted %s", found, wanted)}
}
