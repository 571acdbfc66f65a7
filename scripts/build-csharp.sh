#!/usr/bin/env bash
# Builds the C# assemblies into build/csharp and their launchers into build/bin, each only when its sources or
# references changed. With a .NET SDK 8 or later it uses that, otherwise Mono. Several builds at once are safe.
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

has_dotnet_sdk() {
  command -v dotnet >/dev/null 2>&1 &&
    dotnet --list-sdks 2>/dev/null | awk -F. '$1 >= 8 { found = 1 } END { exit !found }'
}

# The C# files of those folders that exist.
files_of() {
  local folder folders=()
  for folder in "$@"; do
    if [ -d "$sources/$folder" ]; then folders+=("$sources/$folder"); fi
  done
  if [ ${#folders[@]} -gt 0 ]; then find "${folders[@]}" -name '*.cs' -type f | LC_ALL=C sort; fi
}

# is_current NAME PRODUCT INPUT...: whether PRODUCT was made from just these inputs. Otherwise it leaves in
# $current what to write to the stamp once it is made.
is_current() {
  local stamp=$stamps/$1 product=$2
  shift 2
  current=$toolchain$'\n'$(sha256sum -- "${BASH_SOURCE[0]}" "$@")
  [ -e "$product" ] && [ -e "$stamp" ] && [ "$current" = "$(<"$stamp")" ]
}

# build_mono ASSEMBLY TARGET FROM REFERENCE...: FROM is folders in one word, separated by blanks.
build_mono() {
  local assembly=$1 target=$2 from=$3 inputs
  shift 3
  # shellcheck disable=SC2086 # a list
  mapfile -t inputs < <(files_of $from)
  if [ ${#inputs[@]} -eq 0 ] || is_current "$assembly" "$out/$assembly" "$@" "${inputs[@]}"; then return; fi
  echo "csharp: building $assembly" >&2
  local words=(-nologo -unsafe -debug -optimize+ -warnaserror -langversion:7 "-target:$target" "-out:$out/.new/$assembly")
  if [ $# -gt 0 ]; then words+=("${@/#/-r:}"); fi
  # Also checks the documentation of what is public.
  if [ "$assembly" = Parley.Ring.dll ]; then words+=("-doc:$out/.new/Parley.Ring.xml"); fi
  # What a step is made to do while its author debugs it: throw at its top, keep a value to look at.
  if [ "$assembly" = parley-servant.exe ]; then words+=("-nowarn:0162,0168,0219"); fi
  rm -rf "$out/.new"
  mkdir "$out/.new"
  mcs "${words[@]}" "${inputs[@]}" >&2
  case $assembly in Parley.Servant.dll | parley-servant.exe) compile_ahead "$out/.new/$assembly" ;; esac
  # A process that runs the old assembly keeps it: it is replaced, not written over.
  mv "$out/.new/"* "$out/"
  rmdir "$out/.new"
  printf '%s\n' "$current" >"$stamps/$assembly"
}

# compile_ahead ASSEMBLY: native code beside the assembly, which Mono ignores as soon as the assembly is another one.
# It takes about 30 ms off the start of a servant. The ring is left to the JIT, whose code is the faster one. Needs
# binutils; without them everything works, and starts slower. --debug keeps the line numbers for stacks.
compile_ahead() {
  if command -v as >/dev/null && command -v ld >/dev/null; then
    MONO_PATH=$out MONO_DISABLE_SHARED_AREA=1 mono --debug --aot "$1" >/dev/null
  fi
}

# A copy of Newtonsoft.Json with native code; MONO_PATH puts it before the one in the GAC.
copy_newtonsoft() {
  if is_current Newtonsoft.Json.dll "$out/Newtonsoft.Json.dll" "$newtonsoft"; then return; fi
  echo "csharp: compiling Newtonsoft.Json.dll ahead of time" >&2
  rm -rf "$out/.new"
  mkdir "$out/.new"
  cp "$newtonsoft" "$out/.new/"
  compile_ahead "$out/.new/Newtonsoft.Json.dll"
  mv "$out/.new/"* "$out/"
  rmdir "$out/.new"
  printf '%s\n' "$current" >"$stamps/Newtonsoft.Json.dll"
}

# build_dotnet PROJECT FOLDERS
build_dotnet() {
  local project=$1 inputs
  # shellcheck disable=SC2086 # a list
  mapfile -t inputs < <(files_of $2)
  if is_current "$project" "$out/$project.dll" "$sources"/projects/* "${inputs[@]}"; then return; fi
  echo "csharp: building $project" >&2
  dotnet build "$sources/projects/$project.csproj" -nologo -v quiet -c Release >&2
  printf '%s\n' "$current" >"$stamps/$project"
}

quoted() {
  printf "'%s'" "${1//\'/\'\\\'\'}"
}

# launcher NAME HOST ASSEMBLY: build/bin/NAME runs the assembly, from wherever it is called.
launcher() {
  local path=$bin/$1 assembly=$out/$3 text
  if [ ! -e "$assembly" ]; then return; fi
  # Mono would keep a file in /dev/shm for each process, and a killed one would leave it there.
  text="#!/bin/sh
export MONO_DISABLE_SHARED_AREA=1 MONO_PATH=$(quoted "$out")
exec $2 $(quoted "$assembly") \"\$@\""
  if [ ! -e "$path" ] || [ "$text" != "$(<"$path")" ]; then
    printf '%s\n' "$text" >"$path.new"
    chmod +x "$path.new"
    mv "$path.new" "$path"
  fi
}

test_dotnet() {
  dotnet test "$sources/projects/Parley.Tests.csproj" -nologo -c Release ${only:+--filter "FullyQualifiedName~$only"}
}

# The runner writes files into the folder it is started in.
test_mono() {
  local folder status=0
  folder=$(mktemp -d)
  (cd "$folder" && nunit-console -nologo -nodots -noshadow -domain=None -labels ${only:+"-run=$only"} \
    "$out/Parley.Tests.dll") || status=1
  rm -rf "$folder"
  return $status
}

if has_dotnet_sdk; then
  toolchain=dotnet
elif $with_tests; then
  toolchain=mono
  "$root/scripts/setup-csharp.sh" --check test >&2 || exit 1
else
  toolchain=mono
  "$root/scripts/setup-csharp.sh" --check >&2 || exit 1
fi

mkdir -p "$stamps" "$bin"
exec 9>"$out/.lock"
flock 9

case $toolchain in
  dotnet)
    build_dotnet ring-probe "ring probe"
    launcher ring-probe-csharp dotnet ring-probe.dll
    if [ -d "$sources/servant" ]; then
      build_dotnet parley-servant "ring sdk steps servant"
      launcher parley-servant-csharp dotnet parley-servant.dll
    fi
    ;;
  mono)
    ring=$out/Parley.Ring.dll
    servant=()
    build_mono Parley.Ring.dll library ring
    build_mono ring-probe.exe exe probe "$ring"
    copy_newtonsoft
    build_mono Parley.Servant.dll library sdk "$ring" "$newtonsoft"
    if [ -e "$out/Parley.Servant.dll" ]; then servant+=("$out/Parley.Servant.dll"); fi
    build_mono parley-servant.exe exe "steps servant" "$ring" "${servant[@]}" "$newtonsoft"
    if [ -e "$out/parley-servant.exe" ]; then servant+=("$out/parley-servant.exe"); fi
    launcher ring-probe-csharp mono ring-probe.exe
    launcher parley-servant-csharp "mono --debug" parley-servant.exe
    if $with_tests; then
      build_mono Parley.Tests.WrongSteps.dll library tests-wrong "${servant[@]}"
      build_mono Parley.Tests.dll library tests "$ring" "${servant[@]}" "$newtonsoft" "$nunit"
    fi
    ;;
esac

if $with_tests; then
  # Tests take their time; another build need not wait for them.
  exec 9>&-
  test_$toolchain
fi
