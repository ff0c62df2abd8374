package packaging

import (
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/bmatcuk/doublestar/v4"
)

// Bounds of a manifest, all of them also in manifest.schema.json where a
// schema can say them.
const (
	maxManifestBytes = 256 << 10
	maxManifestDepth = 63 // inside a package it stands one deeper
	maxVersionBytes  = 64
	maxRangeBytes    = 256
	maxActivation    = 64
)

// reservedNames are words that a registry has in the place of a name.
var reservedNames = []string{"search", "featured", "submit", "latest", "download"}

const wantedName = `a name or @publisher/name, each part 2 to 64 of a-z, 0-9 and "-", starting with a letter`

// wrongName says what a plugin's name should have been, or "" when it is one.
func wrongName(name string) string {
	rest, scoped := strings.CutPrefix(name, "@")
	parts := []string{rest}
	if scoped {
		parts = strings.SplitN(rest, "/", 2)
		if len(parts) != 2 {
			return wantedName
		}
	}
	for _, part := range parts {
		if !namePartPattern().MatchString(part) {
			return wantedName
		}
		if slices.Contains(reservedNames, part) {
			return fmt.Sprintf("another name: %q is reserved", part)
		}
	}
	return ""
}

func wrongVersion(version string) string {
	v, err := semver.StrictNewVersion(version)
	const most = 999_999_999_999_999 // what a JavaScript number still counts exactly
	if err != nil || len(version) > maxVersionBytes || v.Major() > most || v.Minor() > most || v.Patch() > most {
		return fmt.Sprintf(`a semantic version of at most %d letters, such as "1.0.0" or "1.0.0-beta.1"`, maxVersionBytes)
	}
	return ""
}

func wrongRange(r string) string {
	const wanted = `a range of versions, such as "^1.2.0", ">=1.0.0 <3.0.0" or "*"`
	if len(r) > maxRangeBytes || !rangePattern().MatchString(r) {
		return wanted
	}
	if _, err := semver.NewConstraint(r); err != nil {
		return wanted + " (" + printable(err.Error()) + ")"
	}
	return ""
}

// cleanPath drops the "./" that people write before a path of their folder.
func cleanPath(p string) string { return strings.TrimPrefix(p, "./") }

func wrongPath(p string) string {
	if err := ValidPath(cleanPath(p)); err != nil {
		return "the path of a file of the package, relative, with forward slashes (" + err.(*PackageError).Detail + ")"
	}
	return ""
}

func wrongMain(p string) string {
	if wrong := wrongPath(p); wrong != "" {
		return wrong
	}
	if !mainPattern().MatchString(p) {
		return "a file that ends in .js, .mjs, .ts, .tsx or .jsx"
	}
	return ""
}

func wrongGlob(glob string) string {
	const wanted = `a pattern of files below the folder, such as "README.md" or "assets/**"`
	clean := cleanPath(glob)
	if clean == "" || strings.HasPrefix(clean, "/") || strings.ContainsAny(clean, "\x00:\\") {
		return wanted
	}
	for part := range strings.SplitSeq(clean, "/") {
		if part == ".." || part == "." || part == "" {
			return wanted
		}
	}
	if !doublestar.ValidatePattern(clean) {
		return wanted + " (its brackets or braces do not close)"
	}
	return ""
}

func wrongHomepage(u string) string {
	if u != "" && !homepagePattern().MatchString(u) {
		return "an address that begins with https:// or http://"
	}
	return ""
}

func wrongHost(h string) string {
	if !hostPattern().MatchString(h) {
		return `a host in lower case without a scheme or path, such as "api.example.com", "*.example.com" or "localhost:8080"`
	}
	return ""
}
