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
