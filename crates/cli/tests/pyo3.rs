//! An extension made with PyO3 for the stable ABI (`abi3-py311`), built from the published crate, prints the same under CPython and under Habu.

mod extension;

use std::path::{Path, PathBuf};
use std::process::Command;

use extension::run;

/// Builds the extension in a target folder of its own and gives the folder with the module; nothing where its crates cannot be had.
fn build(sources: &Path) -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pyo3");
    let output = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--manifest-path"])
        .arg(sources.join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", &target)
        .env("PYO3_NO_PYTHON", "1")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        assert!(!text.contains("could not compile"), "{text}");
        eprintln!("the crate pyo3 cannot be had here: {text}");
        return None;
    }
    let folder = target.join("module");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(target.join("debug/libpyo3_exercise.so"), folder.join("pyo3_exercise.abi3.so")).unwrap();
    Some(folder)
}

#[test]
fn an_extension_made_with_pyo3_prints_the_same_under_both() {
    if Command::new("python3.11").arg("-c").arg("").status().is_err() {
        eprintln!("no python3.11: nothing to compare with");
        return;
    }
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/pyo3");
    let Some(folder) = build(&sources) else { return };
    let script = sources.join("exercise.py");
    assert_eq!(run(env!("CARGO_BIN_EXE_habu"), &script, &folder), run("python3.11", &script, &folder));
}
