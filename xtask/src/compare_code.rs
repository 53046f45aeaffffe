//! `compare-code`: the oracle of the compiler. The same sources through CPython's compiler and
//! through Habu's, every field of every code object compared.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use habu_bytecode::{Code, dis, verify};

use crate::Outcome;
use crate::arguments::Arguments;
use crate::difference::{self, Count, Difference};
use crate::reference::Reference;

/// Compares all `.py` files under the given paths, or of CPython's library.
pub(crate) fn run(mut arguments: Arguments) -> Outcome {
    let optimize = arguments.number("--optimize")?.unwrap_or(0);
    let filter = arguments.option("--filter")?.unwrap_or_default();
    let first = arguments.switch("--first");
    let limit = arguments.number("--limit")?.unwrap_or(i64::MAX);
    // Two versions of CPython can be compared as well.
    let mut subject = match arguments.option("--against")? {
        Some(python) => Subject::Python(Reference::new(python, optimize)?),
        None => Subject::Habu,
    };
    let mut reference = reference(&mut arguments, optimize)?;
    let mut paths: Vec<PathBuf> = arguments.rest()?.into_iter().map(PathBuf::from).collect();
    if paths.is_empty() {
        paths.push(reference.library()?);
    }
    let mut files = Vec::new();
    for path in &paths {
        python_files(path, &mut files)?;
    }
    files.retain(|file| file.to_string_lossy().contains(&filter));

    // A panic of the compiler is a difference like others; its message is in the report.
    std::panic::set_hook(Box::new(|_| {}));
    let mut report = Report::default();
    for file in &files {
        let Some(difference) = compare_file(file, &mut reference, &mut subject, optimize, &mut report)? else {
            continue;
        };
        *report.fields.entry(difference.field).or_default() += 1;
        report.shown += 1;
        if report.shown <= limit {
            println!("{}: {}: {}: {}", file.display(), difference.qualname, difference.field, difference.detail);
        }
        if first {
            if let Some((want, have)) = difference.context {
                println!("CPython:\n{want}Habu:\n{have}");
            }
            break;
        }
    }
    report.print();
    Ok(report.same == report.files)
}

/// Shows what CPython compiles.
pub(crate) fn disassemble(mut arguments: Arguments) -> Outcome {
    let optimize = arguments.number("--optimize")?.unwrap_or(0);
    let mut reference = reference(&mut arguments, optimize)?;
    for path in arguments.rest()? {
        let source = std::fs::read(&path).map_err(|error| format!("{path}: {error}"))?;
        match reference.code(Path::new(&path), &source)? {
            Err(message) => println!("{path}: {message}"),
            Ok(code) => print!("{}", dis::disassemble(&code)),
        }
    }
    Ok(true)
}

fn reference(arguments: &mut Arguments, optimize: i64) -> Result<Reference, String> {
    Reference::new(arguments.option("--reference")?.unwrap_or_else(|| "python3.11".into()), optimize)
}

/// All `.py` files under a folder in order, or the file itself.
fn python_files(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let entries = path.read_dir().map_err(|error| format!("{}: {error}", path.display()))?;
    let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for entry in entries {
        let name = entry.file_name().unwrap_or_default();
        if entry.is_dir() && name != "__pycache__" && name != "site-packages" {
            python_files(&entry, files)?;
        } else if entry.extension().is_some_and(|extension| extension == "py") {
            files.push(entry);
        }
    }
    Ok(())
}

/// The compiler that is compared with the reference.
enum Subject {
    Habu,
    Python(Reference),
}

/// What was found in all files.
#[derive(Default)]
struct Report {
    files: usize,
    same: usize,
    rejected: usize,
    messages: usize,
    shown: i64,
    codes: Count,
    fields: BTreeMap<&'static str, usize>,
}

impl Report {
    fn print(&self) {
        let percent = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
        for (field, count) in &self.fields {
            println!("{count:6} files differ first in {field}");
        }
        println!(
            "{} of {} files the same ({:.2} %); {} of {} code objects ({:.2} %); {} files rejected by both, {} with the same message",
            self.same,
            self.files,
            percent(self.same, self.files),
            self.codes.same,
            self.codes.all,
            percent(self.codes.same, self.codes.all),
            self.rejected,
            self.messages,
        );
    }
}

fn compare_file(
    path: &Path,
    reference: &mut Reference,
    subject: &mut Subject,
    optimize: i64,
    report: &mut Report,
) -> Result<Option<Difference>, String> {
    let source = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let want = reference.code(path, &source)?;
    report.files += 1;
    let outcome = match subject {
        Subject::Python(python) => Ok(python.code(path, &source)?),
        Subject::Habu => catch_unwind(AssertUnwindSafe(|| compile(&source, path, optimize, reference))),
    };
    let whole_file = |field, detail| Ok(Some(Difference { field, qualname: "<module>".into(), detail, context: None }));
    let have = match outcome {
        Ok(have) => have,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("?");
            return whole_file("panic", text.to_owned());
        }
    };
    let difference = match (want, have) {
        (Err(want), Err(have)) => {
            report.rejected += 1;
            report.messages += usize::from(want == have);
            if want != have {
                println!("{}: CPython: {want}; Habu: {have}", path.display());
            }
            None
        }
        (Err(message), Ok(_)) => return whole_file("accepted", message),
        (Ok(_), Err(message)) => return whole_file("rejected", message),
        (Ok(want), Ok(have)) => match difference::compare(&want, &have, &mut report.codes) {
            None => verify::verify(&have).err().map(|error| Difference {
                field: "verifier",
                qualname: error.qualname.to_string(),
                detail: error.to_string(),
                context: None,
            }),
            difference => difference,
        },
    };
    report.same += usize::from(difference.is_none());
    Ok(difference)
}

/// Habu's compiler: a code object or a message in CPython's form.
fn compile(source: &[u8], path: &Path, optimize: i64, reference: &Reference) -> Result<std::sync::Arc<Code>, String> {
    let options = habu_compiler::Options { optimize: i8::try_from(optimize).unwrap_or(0), ..Default::default() };
    let mode = habu_compiler::Mode::Exec;
    // Codecs that are written in Python are CPython's here: it is the compiler that is compared.
    let text = habu_compiler::parse::decode(source, &mut |encoding, bytes| reference.decode(encoding, bytes));
    let outcome = text.map_err(habu_compiler::CompileError::Syntax);
    match outcome.and_then(|text| habu_compiler::compile_text(&text, (&*path.to_string_lossy()).into(), mode, &options))
    {
        Ok(output) => Ok(std::sync::Arc::new(output.code)),
        Err(habu_compiler::CompileError::Syntax(error)) => {
            let name = match error.kind {
                habu_compiler::ErrorKind::Syntax => "SyntaxError",
                habu_compiler::ErrorKind::Indentation => "IndentationError",
                habu_compiler::ErrorKind::Tab => "TabError",
                habu_compiler::ErrorKind::Value => "ValueError",
                habu_compiler::ErrorKind::Memory => "MemoryError",
                habu_compiler::ErrorKind::Recursion => "RecursionError",
            };
            Err(format!("{name}: {} (line {}, column {})", error.message, error.line, error.offset))
        }
        Err(other) => Err(other.to_string()),
    }
}
