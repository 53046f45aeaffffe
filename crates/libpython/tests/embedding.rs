//! A program in C that embeds Python, compiled against CPython 3.11's headers and linked with CPython's own static library or with Habu's
//! shared one, prints the same.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What the reference says of itself; nothing where there is none.
fn asked(expression: &str) -> Option<PathBuf> {
    let program = format!("import sysconfig; print({expression})");
    let output = Command::new("python3.11").args(["-c", &program]).output().ok()?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
}

fn compile(headers: &Path, program: &Path, libraries: &[&str]) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/capi/embed.c");
    let output = Command::new("cc")
        .args(["-O1", "-w", "-pthread", "-o"])
        .arg(program)
        .arg(source)
        .arg(format!("-I{}", headers.display()))
        .args(libraries)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The shared library that this build made, under the name that programs look for; its folder.
fn library() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("libpython");
    std::fs::create_dir_all(&folder).unwrap();
    let built = std::env::current_exe().unwrap().with_file_name("libpython3_11.so");
    assert!(built.is_file(), "{} is missing", built.display());
    let target = folder.join("libpython3.11.so.1.0");
    let _ = std::fs::remove_file(&target);
    std::os::unix::fs::symlink(built, &target).unwrap();
    let link = folder.join("libpython3.11.so");
    let _ = std::fs::remove_file(&link);
    std::os::unix::fs::symlink("libpython3.11.so.1.0", link).unwrap();
    folder
}

fn run(program: &Path, home: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output =
        Command::new(program).args(arguments).env("PYTHONHOME", home).env("PYTHONUNBUFFERED", "1").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), text)
}

#[test]
fn a_program_that_embeds_python_prints_the_same() {
    let (Some(headers), Some(home), Some(config)) = (
        asked("sysconfig.get_path('include')").filter(|folder| folder.join("Python.h").is_file()),
        asked("sysconfig.get_config_var('prefix')"),
        asked("sysconfig.get_config_var('LIBPL')"),
    ) else {
        eprintln!("no python3.11 with headers: nothing to compare with");
        return;
    };
    let theirs_library = config.join("libpython3.11.a");
    if !theirs_library.is_file() {
        eprintln!("the reference has no static library: nothing to compare with");
        return;
    }
    let folder = library();
    let (theirs, ours) = (folder.join("embed-theirs"), folder.join("embed-ours"));
    let archive = theirs_library.to_string_lossy().into_owned();
    compile(&headers, &theirs, &[&archive, "-Wl,-export-dynamic", "-ldl", "-lm", "-lutil", "-lz"]);
    let search = format!("-L{}", folder.display());
    let path = format!("-Wl,-rpath,{}", folder.display());
    compile(&headers, &ours, &[&search, &path, "-lpython3.11"]);
    for arguments in [
        &["plain"][..],
        &["config"],
        &["isolated"],
        &["main", "-c", "import sys; print(sys.argv, 1 / 3)", "a"],
        &["main", "-m", "this"],
        &["exit"],
    ] {
        assert_eq!(run(&ours, &home, arguments), run(&theirs, &home, arguments), "{arguments:?}");
    }
}
