//go:build tools

// Package tools keeps OpenFGA among the module's requirements; nothing here imports it otherwise.
package tools

import _ "github.com/openfga/openfga/cmd/openfga"
