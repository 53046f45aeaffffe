//! Threads under stress: `tests/stress/threads.py` under the heap's auditor.
//!
//! It runs for 20 seconds, or for as many as `HABU_STRESS_SECONDS` says: up to two minutes in continuous integration, an hour or more on request. The
//! seed is random, or `HABU_STRESS_SEED`; a failure tells it.

use std::path::Path;
use std::process::Command;

#[test]
fn threads_lose_nothing() {
    let setting = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let seconds = setting("HABU_STRESS_SECONDS").unwrap_or_else(|| "20".to_owned());
    let mut command = Command::new(env!("CARGO_BIN_EXE_habu"));
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/stress/threads.py")).arg(seconds);
    command.args(setting("HABU_STRESS_SEED"));
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
