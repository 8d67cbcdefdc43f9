//go:build tools

// Package tools keeps Pebble among the module's requirements; nothing here imports it otherwise.
package tools

import _ "github.com/canonical/pebble/cmd/pebble"
