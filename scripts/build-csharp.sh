#!/usr/bin/env bash
# Builds the C# assemblies into build/csharp and their launchers into build/bin, each only when its sources or
# references changed. With a .NET SDK 8 or later it uses that, otherwise Mono.
#
#   build-csharp.sh           Parley.Ring, Parley.Servant, parley-servant, ring-probe
#   build-csharp.sh test      the same, then builds and runs the tests; ends with their counts
#   build-csharp.sh test Parley.Tests.Ring.WrapTests
#                             only the tests of a namespace or class
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
sources=$root/servant/csharp
out=$root/build/csharp
bin=$root/build/bin
stamps=$out/.stamps
newtonsoft=/usr/lib/cli/Newtonsoft.Json-5.0/Newtonsoft.Json.dll
nunit=/usr/lib/cli/nunit.framework-2.6.3/nunit.framework.dll

with_tests=false
case "${1:-}" in
  "") ;;
  test) with_tests=true ;;
  *) echo "usage: build-csharp.sh [test [NAMESPACE-OR-CLASS]]" >&2; exit 2 ;;
esac
only=${2:-}

dotnet_sdk() {
  command -v dotnet >/dev/null 2>&1 && dotnet --list-sdks 2>/dev/null | awk -F. '$1 >= 8 { found = 1 } END { exit !found }'
}

if dotnet_sdk; then
  toolchain=dotnet
else
  toolchain=mono
  check=(--check)
  if $with_tests; then check+=(test); fi
  if ! message=$("$root/scripts/setup-csharp.sh" "${check[@]}"); then
    echo "$message" >&2
    exit 1
  fi
fi

mkdir -p "$stamps" "$bin"
exec 9>"$out/.lock"
flock 9

# The C# files of folders, without those that do not exist.
files_of() {
  local folder
  for folder in "$@"; do
    if [ -d "$sources/$folder" ]; then
      find "$sources/$folder" -name '*.cs' -type f | LC_ALL=C sort
    fi
  done
}

# stamp ASSEMBLY INPUT...: prints what its content depends on.
stamp() {
  shift
  echo "toolchain $toolchain"
  sha256sum -- "${BASH_SOURCE[0]}" "$@"
}

# compile_mono ASSEMBLY TARGET "REFERENCES" SOURCE...
compile_mono() {
  local assembly=$1 target=$2 references=$3 reference
  shift 3
  local words=(-nologo -unsafe -optimize+ -warnaserror -langversion:7 "-target:$target" "-out:$out/.new/$assembly")
  for reference in $references; do words+=("-r:$reference"); done
  if [ "$assembly" = Parley.Ring.dll ]; then words+=("-doc:$out/.new/Parley.Ring.xml"); fi
  rm -rf "$out/.new"
  mkdir "$out/.new"
  (cd "$sources" && mcs "${words[@]}" "$@") >&2
  # A process that runs the old assembly keeps it: it is replaced, not written over.
  mv "$out/.new/"* "$out/"
  rmdir "$out/.new"
}

compile_dotnet() {
  dotnet build "$sources/projects/${1%.*}.csproj" -nologo -v quiet -c Release -clp:NoSummary >&2
}

# build ASSEMBLY TARGET "REFERENCES" FOLDER...
build() {
  local assembly=$1 target=$2 references=$3 now
  shift 3
  local inputs=()
  mapfile -t inputs < <(files_of "$@")
  if [ ${#inputs[@]} -eq 0 ]; then return; fi
  local projects=()
  if [ $toolchain = dotnet ]; then
    projects=("$sources/projects/Directory.Build.props" "$sources/projects/${assembly%.*}.csproj")
    references=$(for reference in $references; do case $reference in "$out"/*) echo "${reference%.exe}" ;; esac; done)
    references=$(for reference in $references; do [ -e "$reference" ] && echo "$reference" || echo "$reference.dll"; done)
  fi
  # shellcheck disable=SC2086 # the list of references is meant to be split
  now=$(stamp "$assembly" "${projects[@]}" $references "${inputs[@]}")
  local product=$out/$assembly
  if [ $toolchain = dotnet ]; then product=$out/${assembly%.*}.dll; fi
  if [ -e "$product" ] && [ "$now" = "$(cat "$stamps/$assembly" 2>/dev/null)" ]; then return; fi
  echo "csharp: building $assembly" >&2
  if [ $toolchain = dotnet ]; then
    compile_dotnet "$assembly"
  else
    compile_mono "$assembly" "$target" "$references" "${inputs[@]}"
  fi
  # shellcheck disable=SC2086
  stamp "$assembly" "${projects[@]}" $references "${inputs[@]}" >"$stamps/$assembly"
}

# launcher NAME ASSEMBLY: build/bin/NAME runs the assembly, wherever it is called from.
launcher() {
  local path=$out/$2 host=mono text
  if [ $toolchain = dotnet ]; then path=$out/${2%.exe}.dll host=dotnet; fi
  if [ ! -e "$path" ]; then return; fi
  text="#!/bin/sh
exec $host '${path//\'/\'\\\'\'}' \"\$@\""
  if [ "$text" != "$(cat "$bin/$1" 2>/dev/null)" ]; then
    printf '%s\n' "$text" >"$bin/.$1.new"
    chmod +x "$bin/.$1.new"
    mv "$bin/.$1.new" "$bin/$1"
  fi
}

if_exists() {
  local file
  for file in "$@"; do
    if [ -e "$file" ]; then echo "$file"; fi
  done
}

build Parley.Ring.dll library "" ring
build ring-probe.exe exe "$out/Parley.Ring.dll" probe
build Parley.Servant.dll library "$out/Parley.Ring.dll $newtonsoft" sdk
if [ -e "$sources/servant" ]; then
  build parley-servant.exe exe "$out/Parley.Ring.dll $out/Parley.Servant.dll $newtonsoft" steps servant
fi
launcher ring-probe-csharp ring-probe.exe
launcher parley-servant-csharp parley-servant.exe

if ! $with_tests; then exit 0; fi

if [ $toolchain = mono ]; then
  build Parley.Tests.dll library \
    "$(if_exists "$out/Parley.Ring.dll" "$out/Parley.Servant.dll" "$out/parley-servant.exe" "$newtonsoft" "$nunit" | xargs)" tests
fi
# Tests take their time; another build need not wait for them.
flock -u 9
exec 9>&-

if [ $toolchain = dotnet ]; then
  exec dotnet test "$sources/projects/Parley.Tests.csproj" -nologo -c Release ${only:+--filter "FullyQualifiedName~$only"}
fi
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
status=0
(cd "$results" && nunit-console -nologo -nodots -noshadow -domain=None -labels "-xml=$results/result.xml" ${only:+"-run=$only"} "$out/Parley.Tests.dll") || status=1
exit $status
