//! Compares what this compiler makes with what CPython 3.11 makes of the same sources: code objects field by field, and the
//! attributes of syntax errors. Without a `python3.11` that is 3.11 on PATH, there is nothing to compare with, and the tests
//! say so and pass.

use std::io::Write;
use std::process::{Command, Stdio};

use habu_bytecode::{Code, marshal};
use habu_compiler::{CompileError, ErrorKind, Mode, Options, compile};

/// Reads sources between `\x01` from standard input; writes, for each, `E` and the error or `C` and the marshalled code in
/// hexadecimal.
const ORACLE: &str = r#"
import sys, marshal, warnings
warnings.simplefilter('ignore')
optimize = int(sys.argv[1])
for source in sys.stdin.buffer.read().decode().split('\x01'):
    try:
        print('C', marshal.dumps(compile(source, '<test>', 'exec', 0, True, optimize)).hex())
    except SyntaxError as e:
        name = type(e).__name__
        print('E', name, e.lineno, e.offset, e.end_lineno or 0, e.end_offset or 0, e.msg)
    except Exception as e:
        print('E', type(e).__name__, 0, 0, 0, 0, e)
"#;

/// What CPython answers for each source.
fn ask(sources: &[&str], optimize: i8) -> Option<Vec<String>> {
    let version = Command::new("python3.11").arg("-V").output().ok()?;
    if !version.stdout.starts_with(b"Python 3.11.7") {
        eprintln!("skipped: python3.11 is not CPython 3.11.7");
        return None;
    }
    let mut command = Command::new("python3.11");
    let command = command.args(["-X", "utf8", "-c", ORACLE, &optimize.to_string()]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    let mut input = child.stdin.take()?;
    let text = sources.join("\x01");
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().ok()?;
    writer.join().ok()?.ok()?;
    Some(String::from_utf8(output.stdout).ok()?.lines().map(str::to_owned).collect())
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).expect("hexadecimal") as u8;
    text.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

/// The answer in this compiler's words.
fn answer(source: &str, options: &Options) -> Result<Code, String> {
    match compile(source.as_bytes(), "<test>", Mode::Exec, options) {
        Ok(output) => Ok(output.code),
        Err(CompileError::Syntax(error)) => {
            let name = match error.kind {
                ErrorKind::Syntax => "SyntaxError",
                ErrorKind::Indentation => "IndentationError",
                ErrorKind::Tab => "TabError",
                ErrorKind::Value => "ValueError",
                ErrorKind::Memory => "MemoryError",
                ErrorKind::Recursion => "RecursionError",
            };
            let (line, offset, message) = (error.line, error.offset, error.message);
            Err(format!("E {name} {line} {offset} {} {} {message}", error.end_line, error.end_offset))
        }
        Err(other) => Err(other.to_string()),
    }
}

fn compare(sources: &[&str], optimize: i8) {
    let Some(answers) = ask(sources, optimize) else { return };
    assert_eq!(answers.len(), sources.len());
    let options = Options { optimize, ..Options::default() };
    for (source, want) in sources.iter().zip(answers) {
        let have = answer(source, &options);
        match want.strip_prefix("C ") {
            None => assert_eq!(have.expect_err(source), want, "{source}"),
            Some(hex) => {
                let want = marshal::read_code(&unhex(hex)).expect("CPython's marshal");
                assert_eq!(have.as_ref(), Ok(&*want), "{source}");
            }
        }
    }
}

/// The programs of a file, which a line of dashes separates.
fn programs(text: &str) -> Vec<&str> {
    text.trim_end().split("\n----\n").collect()
}

#[test]
fn code_is_that_of_cpython() {
    for optimize in 0..=2 {
        compare(&programs(include_str!("snippets.txt")), optimize);
    }
}

#[test]
fn errors_are_those_of_cpython() {
    compare(&programs(include_str!("errors.txt")), 0);
}
