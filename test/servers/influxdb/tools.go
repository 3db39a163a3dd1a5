//go:build tools

// Package tools names the commands that the tests build, so that go.mod and go.sum pin all they need.
package tools

import (
	_ "github.com/influxdata/influxdb/v2/cmd/influxd"
	_ "github.com/influxdata/pkg-config"
)
