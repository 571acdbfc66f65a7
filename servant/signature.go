package servant

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// blockKind is the block argument that a step function takes last.
type blockKind int

const (
	noBlock blockKind = iota
	tableBlock
	docStringBlock
)

var (
	contextType   = reflect.TypeFor[context.Context]()
	errorType     = reflect.TypeFor[error]()
	durationType  = reflect.TypeFor[time.Duration]()
	tableType     = reflect.TypeFor[*Table]()
	docStringType = reflect.TypeFor[*DocString]()
)

const expectedForm = "expected func(context.Context, one argument per capture…, [*servant.Table | *servant.DocString]) error"

// compile checks pattern and function and prepares both for calls.
func (d *Definition) compile() error {
	matcher, err := regexp.Compile(`^(?:` + d.Pattern + `)$`)
	if err != nil {
		return fmt.Errorf("its pattern is no regular expression in RE2 syntax: %w", err)
	}
	d.matcher = matcher
	d.fn = reflect.ValueOf(d.Func)
	if d.fn.Kind() != reflect.Func || d.fn.IsNil() {
		return fmt.Errorf("it is bound to %T; %s", d.Func, expectedForm)
	}
	t := d.fn.Type()
	switch {
	case t.NumIn() == 0 || t.In(0) != contextType:
		return fmt.Errorf("the first parameter of %s is not a context.Context; %s", t, expectedForm)
	case t.NumOut() != 1 || t.Out(0) != errorType:
		return fmt.Errorf("%s does not return exactly one error; %s", t, expectedForm)
	case t.IsVariadic():
		return fmt.Errorf("%s is variadic; %s", t, expectedForm)
	}
	for i := 1; i < t.NumIn(); i++ {
		d.params = append(d.params, t.In(i))
	}
	if n := len(d.params); n > 0 {
		switch d.params[n-1] {
		case tableType:
			d.block = tableBlock
		case docStringType:
			d.block = docStringBlock
		}
		if d.block != noBlock {
			d.params = d.params[:n-1]
		}
	}
	for i, p := range d.params {
		if !convertible(p) {
			return fmt.Errorf("parameter %d of %s has type %s; use string, bool, an integer or float type, or time.Duration; %s",
				i+2, t, p, expectedForm)
		}
	}
	if captures := matcher.NumSubexp(); captures != len(d.params) {
		return fmt.Errorf("its pattern captures %s, %s takes %d; %s",
			count(captures, "argument"), t, len(d.params), expectedForm)
	}
	return nil
}

func convertible(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return true
	default:
		return false
	}
}

// bind converts what came with a step to the function's parameters. Its errors
// name the definition.
func (d *Definition) bind(ctx context.Context, arguments []string, table *Table, doc *DocString) ([]reflect.Value, error) {
	if len(arguments) != len(d.params) {
		return nil, fmt.Errorf("step definition %s takes %s, %d came",
			d, count(len(d.params), "argument"), len(arguments))
	}
	in := make([]reflect.Value, 0, len(d.params)+2)
	in = append(in, reflect.ValueOf(ctx))
	for i, text := range arguments {
		v, err := convert(text, d.params[i])
		if err != nil {
			return nil, fmt.Errorf("step definition %s: argument %d: %w", d, i+1, err)
		}
		in = append(in, v)
	}
	switch {
	case d.block == tableBlock && table != nil && doc == nil:
		in = append(in, reflect.ValueOf(table))
	case d.block == docStringBlock && doc != nil && table == nil:
		in = append(in, reflect.ValueOf(doc))
	case d.block == tableBlock:
		return nil, fmt.Errorf("step definition %s takes a data table; %s", d, blockThatCame(table, doc))
	case d.block == docStringBlock:
		return nil, fmt.Errorf("step definition %s takes a doc string; %s", d, blockThatCame(table, doc))
	case table != nil || doc != nil:
		return nil, fmt.Errorf("step definition %s takes neither a data table nor a doc string; %s", d, blockThatCame(table, doc))
	}
	return in, nil
}

func blockThatCame(table *Table, doc *DocString) string {
	switch {
	case table != nil && doc != nil:
		return "the step has both"
	case table != nil:
		return "the step has a data table"
	case doc != nil:
		return "the step has a doc string"
	}
	return "the step has none"
}

func convert(text string, t reflect.Type) (reflect.Value, error) {
	v := reflect.New(t).Elem()
	if t == durationType {
		d, err := time.ParseDuration(text)
		if err != nil {
			return v, fmt.Errorf("%q is no duration (such as 250ms or 1m30s)", text)
		}
		v.SetInt(int64(d))
		return v, nil
	}
	var err error
	switch t.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(strings.ToLower(text))
		v.SetBool(b)
	case reflect.Float32, reflect.Float64:
		var f float64
		f, err = strconv.ParseFloat(text, t.Bits())
		v.SetFloat(f)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		var n int64
		n, err = strconv.ParseInt(text, 10, t.Bits())
		v.SetInt(n)
	default:
		var n uint64
		n, err = strconv.ParseUint(text, 10, t.Bits())
		v.SetUint(n)
	}
	if errors.Is(err, strconv.ErrRange) {
		return v, fmt.Errorf("%q does not fit into %s", text, t)
	}
	if err != nil {
		return v, fmt.Errorf("%q is no %s", text, t)
	}
	return v, nil
}

// count says how many of a thing there are: "1 argument", "2 arguments".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
