package packaging_test

import (
	"fmt"

	"github.com/innkeeper-host/innkeeper/packaging"
)

func ExampleParseManifest() {
	manifest, warnings, err := packaging.ParseManifest([]byte(`{
		"name": "karma", "version": "1.0.0", "mian": "index.ts",
		"permissions": [{"resource": "messages", "actions": ["read", "send"]}]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(warnings)
	for _, grant := range packaging.GrantsOf(manifest.Permissions).All() {
		fmt.Println(grant, "-", packaging.Describe(grant.Resource, grant.Action))
	}
	// Output:
	// [mian: unknown field, kept and not used; did you mean "main"?]
	// messages:read - Read the messages of the chat
	// messages:send - Send messages in the chat
}

func ExampleUnpack() {
	// The bare form of the seed; format 1 adds integrity and a signature.
	plugin, err := packaging.Unpack([]byte(`{
		"manifest": {"name": "@ann/karma", "version": "1.0.0"},
		"files": {"index.js": "export default { initialize() {} }"}
	}`), packaging.DefaultLimits)
	if err != nil {
		fmt.Println(err)
		return
	}
	sealed, err := plugin.Encode()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n%s", packaging.FileName(plugin.Manifest), sealed)
	// Output:
	// ann__karma-1.0.0.plugin.json
	// {"files":{"index.js":"export default { initialize() {} }"},"format":1,"integrity":"sha256-Fc5frgI6d5bgRSuSn88CskLHDfpW3Xsi+lTI7v7AXS8=","manifest":{"name":"@ann/karma","version":"1.0.0"}}
}
