package process

import (
	"context"

	"parley.dev/parley/harness/packs"
)

func userSteps() []packs.Definition {
	return []packs.Definition{
		{Pattern: role + `runs? as user ['"]([^'"]+)['"]`, Summary: "starts a fresh process in its place that runs as that user, without further groups; skipped where that cannot be", Changes: true, Run: eachInstance(runAs)},
	}
}

func runAs(ctx context.Context, c packs.Call, instance int) error {
	return c.Cell.RunAs(ctx, c.Role, instance, c.Args[0])
}
