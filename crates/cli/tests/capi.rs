//! The C API, from the outside: an extension in C, compiled by the system's compiler against CPython 3.11's headers, prints the same
//! under CPython and under Habu.

mod extension;

use std::path::{Path, PathBuf};
use std::process::Command;

use extension::run;

/// The folder of CPython's headers, as the reference tells it; nothing where there is no reference with headers.
fn headers() -> Option<PathBuf> {
    let asked = Command::new("python3.11")
        .args(["-c", "import sysconfig; print(sysconfig.get_path('include'))"])
        .output()
        .ok()?;
    let folder = PathBuf::from(String::from_utf8(asked.stdout).ok()?.trim());
    folder.join("Python.h").is_file().then_some(folder)
}

/// Compiles an extension and gives its folder.
fn build(name: &str, sources: &Path, headers: &Path) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("capi");
    std::fs::create_dir_all(&folder).unwrap();
    let output = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(folder.join(format!("{name}.cpython-311-x86_64-linux-gnu.so")))
        .arg(sources.join(name).with_extension("c"))
        .arg(format!("-I{}", headers.display()))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    folder
}

/// Compares what an extension of this name prints through its script.
fn compare(name: &str) {
    let Some(headers) = headers() else {
        eprintln!("no python3.11 with headers: nothing to compare with");
        return;
    };
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/capi");
    let folder = build(name, &sources, &headers);
    let script = sources.join(name).with_extension("py");
    assert_eq!(run(env!("CARGO_BIN_EXE_habu"), &script, &folder), run("python3.11", &script, &folder));
}

#[test]
fn an_extension_prints_the_same_under_both() {
    compare("exercise");
}

#[test]
fn allocators_and_formats_of_c_print_the_same_under_both() {
    compare("domains");
}

#[test]
fn rare_interfaces_print_the_same_under_both() {
    compare("hooks");
}

#[test]
fn faults_of_extensions_print_the_same_under_both() {
    compare("faulty");
}

/// CPython's process dies of these.
#[test]
fn references_that_an_extension_did_not_count_are_told_in_debug_mode() {
    let Some(headers) = headers() else { return };
    let folder = build("faulty", &Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/capi"), &headers);
    let program = "import sys; sys.path.insert(0, sys.argv[1]); import faulty
for call in [lambda: faulty.dead(), lambda: faulty.borrowed(object())] * 2:
    try:
        call()
    except SystemError as error:
        print(error)
";
    let output = Command::new(env!("CARGO_BIN_EXE_habu"))
        .args(["-c", program])
        .arg(folder)
        .env("PYTHONMALLOC", "debug")
        .output()
        .unwrap();
    let expected = "\
<built-in function dead> returned an object that is dead
<built-in function borrowed> returned an argument without a reference of its own
";
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected.repeat(2));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn an_extension_that_makes_dates_prints_the_same_under_both() {
    compare("dates");
}
