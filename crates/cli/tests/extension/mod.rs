//! What the tests of extensions have in common.

use std::path::Path;
use std::process::Command;

/// What a program prints that gets the folder of an extension.
pub(crate) fn run(program: &str, script: &Path, folder: &Path) -> String {
    let output = Command::new(program).arg(script).arg(folder).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{program}: {}\n{text}{}", output.status, String::from_utf8_lossy(&output.stderr));
    text
}
