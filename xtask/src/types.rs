//! `types`: records what `tests/types/walk.py` prints under CPython 3.11, the layouts of all its types.

use std::process::Command;

use crate::Outcome;
use crate::arguments::Arguments;

/// Writes `tests/types/cpython.txt`.
pub(crate) fn run(mut arguments: Arguments) -> Outcome {
    let python = arguments.option("--reference")?.unwrap_or_else(|| "python3.11".into());
    let folder = crate::tidy::root().join("tests/types");
    let output = Command::new(&python)
        .arg("-I")
        .arg(folder.join("walk.py"))
        .output()
        .map_err(|error| format!("{python}: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let file = folder.join("cpython.txt");
    std::fs::write(&file, &output.stdout).map_err(|error| format!("{}: {error}", file.display()))?;
    println!("{} lines in {}", output.stdout.iter().filter(|&&byte| byte == b'\n').count(), file.display());
    Ok(true)
}
