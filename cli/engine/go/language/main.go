// A launcher for the Node language host of 2023 (sdk v3.68.0), the last one that a Go module serves.
//
// Engines since then hand a project's runtime options over in each request; that host only reads them from its command
// line, so on its own it would silently ignore `runtime.options` of Pulumi.yaml and type-check every program. This
// launcher reads the options where the engine does, and becomes the host with them as flags.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"gopkg.in/yaml.v3"
)

// The host is built beside this launcher under this name, and the launcher has the name the engine looks for.
const host = "pulumi-language-nodejs-host"

// The runtime options the host has flags for (its main.go); others mean nothing to it and would end it.
var flags = []string{"typescript", "tsconfig", "nodeargs"}

func main() {
	self, err := os.Executable()
	fail(err)
	args := []string{host}
	options := runtimeOptions()
	for _, name := range flags {
		if value, given := options[name]; given {
			args = append(args, fmt.Sprintf("-%s=%v", name, value))
		}
	}
	path := filepath.Join(filepath.Dir(self), host)
	fail(syscall.Exec(path, append(args, os.Args[1:]...), os.Environ()))
}

// runtimeOptions reads `runtime.options` of the project around the working directory, which is the program's: the engine
// starts a language host there. No project, or `runtime: nodejs` without options, gives none.
func runtimeOptions() map[string]any {
	directory, err := os.Getwd()
	fail(err)
	for {
		for _, name := range []string{"Pulumi.yaml", "Pulumi.yml"} {
			text, err := os.ReadFile(filepath.Join(directory, name))
			if err != nil {
				continue
			}
			var project struct{ Runtime yaml.Node }
			fail(yaml.Unmarshal(text, &project))
			var runtime struct{ Options map[string]any }
			if project.Runtime.Kind == yaml.MappingNode {
				fail(project.Runtime.Decode(&runtime))
			}
			return runtime.Options
		}
		parent := filepath.Dir(directory)
		if parent == directory {
			return nil
		}
		directory = parent
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-language-nodejs:", err)
		os.Exit(1)
	}
}
