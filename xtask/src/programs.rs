//! `bless` and `compare`: the programs in `tests/programs`, each with what CPython 3.11 prints
//! in `NAME.out` beside it: standard output, then a line `exit STATUS`.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::arguments::Arguments;

/// Records what the programs print under CPython.
pub(crate) fn bless(mut arguments: Arguments) -> Outcome {
    let python = arguments.option("--reference")?.unwrap_or_else(|| "python3.11".into());
    let mut changed = 0;
    for program in programs(&arguments.rest()?)? {
        let output = run(&python, &program, Duration::from_secs(100))?;
        let file = program.with_extension("out");
        if std::fs::read(&file).ok().as_ref() != Some(&output) {
            std::fs::write(&file, &output).map_err(|error| format!("{}: {error}", file.display()))?;
            println!("blessed {}", file.display());
            changed += 1;
        }
    }
    println!("{changed} changed");
    Ok(true)
}

/// Runs the programs under Habu and compares.
pub(crate) fn compare(mut arguments: Arguments) -> Outcome {
    let exe = match arguments.option("--exe")? {
        Some(exe) => exe,
        None => newest_build()?.to_string_lossy().into_owned(),
    };
    let timeout = Duration::from_secs(arguments.number("--timeout")?.unwrap_or(60).unsigned_abs());
    let programs = programs(&arguments.rest()?)?;
    let mut same = 0;
    for program in &programs {
        let expected = std::fs::read(program.with_extension("out"))
            .map_err(|_| format!("{} is not blessed: run `cargo xtask bless`", program.display()))?;
        let output = run(&exe, program, timeout)?;
        let name = program.file_stem().unwrap_or_default().to_string_lossy();
        if output == expected {
            same += 1;
            println!("same     {name}");
        } else {
            println!("differs  {name}: {}", first_difference(&expected, &output));
        }
    }
    println!("{same} of {} the same", programs.len());
    Ok(same == programs.len())
}

/// The first line that differs.
fn first_difference(expected: &[u8], output: &[u8]) -> String {
    let (expected, output) = (String::from_utf8_lossy(expected), String::from_utf8_lossy(output));
    let mut had = output.lines();
    for (index, want) in expected.lines().enumerate() {
        let have = had.next().unwrap_or("the end");
        if want != have {
            return format!("line {}: {want:?} is {have:?}", index + 1);
        }
    }
    format!("more output: {:?}", had.next().unwrap_or_default())
}

/// The programs of those names, or all.
fn programs(names: &[String]) -> Result<Vec<PathBuf>, String> {
    let folder = crate::tidy::root().join("tests/programs");
    if !names.is_empty() {
        return Ok(names.iter().map(|name| folder.join(name).with_extension("py")).collect());
    }
    let entries = folder.read_dir().map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut programs: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    programs.retain(|path| path.extension().is_some_and(|extension| extension == "py"));
    programs.sort();
    Ok(programs)
}

/// The build of Habu that was made last, of any profile.
fn newest_build() -> Result<PathBuf, String> {
    let target = crate::tidy::root().join("target");
    let builds = ["release", "fast", "debug"].map(|profile| target.join(profile).join("habu"));
    let modified = |path: &PathBuf| path.metadata().and_then(|data| data.modified()).ok();
    let newest = builds.into_iter().filter(|path| path.is_file()).max_by_key(modified);
    newest.ok_or_else(|| "Habu is not built; `cargo build`, or give --exe".into())
}

/// What a program prints, and how it ends, under some Python.
fn run(exe: &str, program: &Path, timeout: Duration) -> Result<Vec<u8>, String> {
    let mut process = Command::new(exe)
        .arg(program.file_name().unwrap_or_default())
        .current_dir(program.parent().unwrap_or(Path::new(".")))
        .env("PYTHONHASHSEED", "0")
        .env("PYTHONWARNINGS", "ignore")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("{exe}: {error}"))?;
    let stdout = process.stdout.take();
    let reader = std::thread::spawn(move || {
        let mut output = Vec::new();
        if let Some(mut stdout) = stdout {
            // What was read before an error is what there is to compare.
            let _ = stdout.read_to_end(&mut output);
        }
        output
    });
    let start = Instant::now();
    let end = loop {
        match process.try_wait().map_err(|error| format!("{exe}: {error}"))? {
            Some(status) => break status.code().map_or("exit by signal\n".into(), |code| format!("exit {code}\n")),
            None if start.elapsed() > timeout => {
                let _ = process.kill();
                let _ = process.wait();
                break format!("no answer in {} s\n", timeout.as_secs());
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let mut output = reader.join().unwrap_or_default();
    output.extend_from_slice(end.as_bytes());
    Ok(output)
}
