package steps

import (
	"errors"
	"fmt"

	"parley.dev/parley/servant"
	"parley.dev/parley/servant/ring"
)

// failed fails a step because the ring refused what it did; the failure's type
// is the name that all languages share.
func failed(doing string, err error) error {
	var refused *ring.Error
	if errors.As(err, &refused) {
		return &servant.Failure{Type: refused.Kind.String(), Message: fmt.Sprintf("%s: %v", doing, err), Err: err}
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// expectError passes only if err is the ring's error of that name.
func expectError(doing, kind string, err error) error {
	if !isKind(kind) {
		return servant.Failf("the ring has no error named '%s'; see the errors of the ring's documentation", kind)
	}
	if err == nil {
		return servant.Mismatch(doing+": error", kind, "success")
	}
	var refused *ring.Error
	if !errors.As(err, &refused) {
		return servant.Mismatch(doing+": error", kind, err)
	}
	if refused.Kind.String() != kind {
		return servant.Mismatch(doing+": error", kind, fmt.Sprintf("%s (%v)", refused.Kind.String(), err))
	}
	return nil
}

func isKind(name string) bool {
	for kind := ring.InvalidName; kind <= ring.System; kind++ {
		if kind.String() == name {
			return true
		}
	}
	return false
}
