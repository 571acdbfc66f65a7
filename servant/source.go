package servant

import (
	"path"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
)

// source returns file:line of the caller skip frames above it, relative to the
// root of the main module. It is derived from the package's import path, so
// that it is the same with and without -trimpath and on any machine.
func source(skip int) string {
	var pcs [1]uintptr
	if runtime.Callers(skip+1, pcs[:]) == 0 {
		return "unknown"
	}
	frame, _ := runtime.CallersFrames(pcs[:]).Next()
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	file := sourceFile(frame.Function, filepath.ToSlash(frame.File), info.Main.Path, info.Path)
	return file + ":" + strconv.Itoa(frame.Line)
}

// sourceFile places file by the import path of function's package: module is
// the main module's path, mainPackage that of the program.
func sourceFile(function, file, module, mainPackage string) string {
	base := path.Base(file)
	dir := packagePath(function)
	if dir == "main" {
		dir = mainPackage
	}
	if strings.HasSuffix(base, "_test.go") {
		dir = strings.TrimSuffix(strings.TrimSuffix(dir, ".test"), "_test")
	}
	if dir == module {
		return base
	}
	if inside, ok := strings.CutPrefix(dir, module+"/"); ok && module != "" {
		dir = inside
	}
	return path.Join(dir, base)
}

// packagePath cuts the package's import path from a function's full name, such
// as example.org/m/steps.Register.func1.
func packagePath(function string) string {
	slash := strings.LastIndexByte(function, '/')
	if dot := strings.IndexByte(function[slash+1:], '.'); dot >= 0 {
		return function[:slash+1+dot]
	}
	return function
}
