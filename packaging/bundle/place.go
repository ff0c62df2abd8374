package bundle

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// An instance is one npm package at one place of the disk, by its folder with
// links followed. The plugin itself is the instance "".
type instance string

// A link is what a module of one package found under another's name.
type link struct {
	from instance
	name string
}

// instanceOf is the npm package that the file or folder at p belongs to, and
// p's path in it. A file of no package belongs to the plugin.
func instanceOf(p string) (instance, string) {
	const marker = "/node_modules/"
	i := strings.LastIndex(p, marker)
	if i < 0 {
		return "", p
	}
	at := i + len(marker)
	parts := 1
	if strings.HasPrefix(p[at:], "@") {
		parts = 2
	}
	end := at
	for range parts {
		slash := strings.IndexByte(p[end:], '/')
		if slash < 0 {
			return instance(p), ""
		}
		end += slash + 1
	}
	return instance(p[:end-1]), p[end:]
}

// maxPlaces and maxNesting bound the tree that place makes. A folder that was
// linked together (pnpm) may hold circles that no tree of folders can show.
const (
	maxPlaces  = 5000
	maxNesting = 12
)

// place lays npm packages out in a node_modules of the package's own, so that
// each finds under each name the very instance that it found on the disk:
// at the top where that is free, inside of the one that asks where it is not.
// Same links, same layout. The result holds the folders of each instance.
func place(links map[link]instance) (map[instance][]string, error) {
	names := map[instance][]string{}
	for l := range links {
		names[l.from] = append(names[l.from], l.name)
	}
	for _, list := range names {
		slices.Sort(list)
	}
	type spot struct {
		what instance
		at   string // "" for the plugin
	}
	placed := map[string]instance{} // by folder
	places := map[instance][]string{}
	queue := []spot{{"", ""}}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		for _, name := range names[s.what] {
			want := links[link{s.what, name}]
			found, have := lookUp(placed, s.at, name)
			if have && found == want {
				continue
			}
			at := path.Join("node_modules", name)
			if have {
				at = path.Join(s.at, "node_modules", name)
			}
			if len(placed) == maxPlaces || strings.Count(at, "node_modules/") > maxNesting {
				return nil, fmt.Errorf("the npm packages need each other in too many versions (at %s): run `npm dedupe`, or install with npm", quote(at))
			}
			placed[at] = want
			places[want] = append(places[want], at)
			queue = append(queue, spot{want, at})
		}
	}
	return places, nil
}

// lookUp is how Node finds name from a module in the folder at.
func lookUp(placed map[string]instance, at, name string) (instance, bool) {
	for dir := at; ; dir = path.Dir(dir) {
		if path.Base(dir) != "node_modules" {
			if found, ok := placed[path.Join(dir, "node_modules", name)]; ok {
				return found, true
			}
		}
		if dir == "" || dir == "." {
			return "", false
		}
	}
}
