#!/usr/bin/env bash
# Builds the C++ servant and its ring-probe in build/cpp and puts them into build/bin, each only when what it is made of
# changed. Several builds at once are safe. CXX names the compiler.
#
#   build-cpp.sh           parley-servant-cpp, ring-probe-cpp
#   build-cpp.sh test      the same, then the format, the tests under AddressSanitizer and
#                          UndefinedBehaviorSanitizer, and the linter
#   build-cpp.sh test sdk  only the tests whose name has these words, without format and linter
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
sources=$root/servant/cpp
out=$root/build/cpp
bin=$root/build/bin

with_tests=false
case "${1:-}" in
  "") ;;
  test) with_tests=true ;;
  *) echo "usage: build-cpp.sh [test [NAME]]" >&2; exit 2 ;;
esac
only=${2:-}

# quietly COMMAND...: shows what it says only when it fails.
quietly() {
  local said status=0
  said=$("$@" 2>&1) || status=$?
  [ $status -eq 0 ] || printf '%s\n' "$said" >&2
  return $status
}

# lock TREE: of several builds at once one works on a tree, and the others wait for it.
lock() {
  mkdir -p "$out"
  exec 9>"$out/.lock-$1"
  flock 9
}

# configure TREE WORDS-OF-CMAKE...: once; the build tool does it again when a CMakeLists.txt changes.
configure() {
  local tree=$out/$1 wanted
  shift
  wanted=$(printf '%s\n' "$root" "${CXX:-}" "$@")
  if [ -e "$tree/.configured" ] && [ "$wanted" = "$(<"$tree/.configured")" ]; then return; fi
  # A tree of another place or compiler cannot be used again.
  rm -rf "$tree"
  mkdir -p "$tree"
  local generator=()
  if command -v ninja >/dev/null 2>&1; then generator=(-G Ninja); fi
  quietly cmake -S "$sources" -B "$tree" "${generator[@]}" "$@"
  printf '%s\n' "$wanted" >"$tree/.configured"
}

# build TREE TARGET...
build() {
  local tree=$out/$1 words=() target
  shift
  for target in "$@"; do words+=(--target "$target"); done
  quietly cmake --build "$tree" "${words[@]}" --parallel "$(nproc)"
}

# install PRODUCT NAME: a process that runs the old file keeps it: it is replaced, not written over.
install() {
  if ! cmp -s "$1" "$bin/$2"; then
    cp "$1" "$bin/.$2.new"
    mv -f "$bin/.$2.new" "$bin/$2"
  fi
}

check_format() {
  find "$sources" -name '*.[ch]pp' -type f -print0 | xargs -0 clang-format --dry-run -Werror || {
    echo "cpp: format them with: find servant/cpp -name '*.[ch]pp' | xargs clang-format -i" >&2
    return 1
  }
}

# Lints what the build compiles at once, where that, a header or the rules changed since it was last found clean.
lint() {
  local headers unity key stamp stale=()
  # Its own tree, without precompiled headers: clang-tidy cannot read those of another compiler. Several sources at
  # once: it spends its time in the headers.
  configure lint -DCMAKE_BUILD_TYPE=None -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DCMAKE_UNITY_BUILD=ON
  quietly cmake "$out/lint"
  headers=$(find "$sources" -name '*.hpp' -not -path '*/tests/*' -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum -- "$sources/.clang-tidy")
  while read -r -d '' unity; do
    key=$(printf '%s\n' "$headers" | cat - "$unity" <(sed -n 's/^#include "\(.*\)"$/\1/p' "$unity" | xargs -d '\n' cat) | sha256sum)
    stamp=$unity.linted
    if [ ! -e "$stamp" ] || [ "$key" != "$(<"$stamp")" ]; then
      printf '%s\n' "$key" >"$stamp.new"
      stale+=("$unity")
    fi
  done < <(find "$out/lint" -path '*/Unity/unity_*.cxx' -type f -print0)
  if [ ${#stale[@]} -eq 0 ]; then return; fi
  echo "cpp: linting ${#stale[@]} groups of files" >&2
  # A file of the tree's own includes sources: that is what it is for.
  # shellcheck disable=SC2016 # for the inner shell
  printf '%s\0' "${stale[@]}" | xargs -0 -n 1 -P "$(nproc)" sh -c '
    said=$(clang-tidy --quiet -p "$1/lint" --config-file="$0/.clang-tidy" --checks=-bugprone-suspicious-include "$2" 2>&1) ||
      { printf "%s\n" "$said" >&2; exit 1; }
    mv "$2.linted.new" "$2.linted"' "$sources" "$out"
}

run_tests() {
  (cd "$out/sanitized" && quietly ctest --output-on-failure ${only:+-R "$only"}) || return 1
  echo "cpp: tests passed: $(cd "$out/sanitized" && ctest -N ${only:+-R "$only"} | sed -n 's/^ *Test *#[0-9]*: //p' | paste -sd' ')" >&2
}

needs=()
if $with_tests; then needs+=(test); fi
"$root/scripts/setup-cpp.sh" --check "${needs[@]}" >&2 || exit 1
mkdir -p "$bin"
lock optimized
configure optimized -DCMAKE_BUILD_TYPE=RelWithDebInfo
build optimized parley-servant-cpp ring-probe
install "$out/optimized/servant/parley-servant-cpp" parley-servant-cpp
install "$out/optimized/probe/ring-probe" ring-probe-cpp
if ! $with_tests; then exit 0; fi

status=0
if [ -z "$only" ]; then check_format || status=1; fi
lock sanitized
echo "cpp: building the tests, sanitized" >&2
# What the sanitizers put into the standard library's own code makes g++ see uninitialized variables there.
configure sanitized -DCMAKE_BUILD_TYPE=None "-DCMAKE_CXX_FLAGS=-O1 -g1 -Wno-maybe-uninitialized" \
  -DPARLEY_SANITIZE=address,undefined -DPARLEY_TESTS=ON -DCMAKE_UNITY_BUILD=ON
build sanitized all
# Tests take their time; another build need not wait for them.
exec 9>&-
run_tests || status=1
if [ -z "$only" ]; then
  lock lint
  lint || status=1
fi
exit $status
