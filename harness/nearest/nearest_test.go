package nearest

import "testing"

func TestHint(t *testing.T) {
	platforms := []string{"go", "csharp", "python", "cpp"}
	for _, tc := range []struct{ word, want string }{
		{"cshrp", " (did you mean 'csharp'?)"},
		{"CSharp", " (did you mean 'csharp'?)"},
		{"pyhton", " (did you mean 'python'?)"},
		{"cp", " (did you mean 'cpp'?)"},
		{"g", " (did you mean 'go'?)"},
		{"x", ""},
		{"", ""},
		{"elixir", ""},
	} {
		if got := Hint(tc.word, platforms); got != tc.want {
			t.Errorf("Hint(%q) = %q, want %q", tc.word, got, tc.want)
		}
	}
}

func TestFold(t *testing.T) {
	if Fold("Basic Communi-cation_x") != "basiccommunicationx" {
		t.Error(Fold("Basic Communi-cation_x"))
	}
}
