//! CPython's compiler, as a process that answers for one file after the other.
//!
//! Answers are kept under `target/reference-code`, by what they depend on: the interpreter, the
//! level of optimisation, the path (it is in the code object) and the source. So only
//! the first comparison of a library waits for CPython.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;

use habu_bytecode::{Code, marshal, pyc};
use habu_compiler::parse::CodecError;

/// Reads one path a line; answers with a letter, a length in four bytes and the data.
const SERVER: &str = r#"
import marshal, struct, sys, warnings
warnings.simplefilter("ignore")
out = sys.stdout.buffer
for line in sys.stdin.buffer:
    path = line.rstrip(b"\n").decode("utf-8", "surrogateescape")
    try:
        with open(path, "rb") as file:
            source = file.read()
        code = compile(source, path, "exec", dont_inherit=True, optimize=OPTIMIZE)
        answer = b"C", marshal.dumps(code)
    except BaseException as error:
        text = f"{type(error).__name__}: {getattr(error, 'msg', error)}"
        if isinstance(error, SyntaxError):
            text += f" (line {error.lineno}, column {error.offset})"
        answer = b"E", text.encode("utf-8", "surrogatepass")
    out.write(answer[0] + struct.pack("<I", len(answer[1])) + answer[1])
    out.flush()
"#;

/// The process, started when it is first needed, and the folder of earlier answers.
pub(crate) struct Reference {
    python: String,
    optimize: i64,
    version: String,
    kept: PathBuf,
    server: Option<Server>,
}

struct Server {
    process: Child,
    questions: ChildStdin,
    answers: ChildStdout,
}

impl Reference {
    /// Asks the interpreter for its version, so that its answers are kept apart from others'.
    pub(crate) fn new(python: String, optimize: i64) -> Result<Reference, String> {
        let version = ask(&python, "import sys; print(sys.version)")?;
        let kept = crate::tidy::root().join("target/reference-code");
        std::fs::create_dir_all(&kept).map_err(|error| format!("{}: {error}", kept.display()))?;
        Ok(Reference { python, optimize, version, kept, server: None })
    }

    /// Where the interpreter's library is.
    pub(crate) fn library(&self) -> Result<PathBuf, String> {
        ask(&self.python, "import sysconfig; print(sysconfig.get_path('stdlib'))").map(PathBuf::from)
    }

    /// What CPython makes of a file, whose content is `source`: a code object, or the type and message
    /// of an exception.
    pub(crate) fn code(&mut self, path: &Path, source: &[u8]) -> Result<Result<Arc<Code>, String>, String> {
        let mut key = format!("{}\0{}\0{}\0", self.version, self.optimize, path.display()).into_bytes();
        key.extend_from_slice(source);
        let name: String = pyc::source_hash(&key).iter().map(|byte| format!("{byte:02x}")).collect();
        let file = self.kept.join(name);
        let data = match std::fs::read(&file) {
            Ok(data) => data,
            Err(_) => {
                let data = self.question(path).map_err(|error| format!("{}: {error}", self.python))?;
                // An answer that cannot be kept is only asked for again.
                let _ = std::fs::write(&file, &data);
                data
            }
        };
        match data.split_first() {
            Some((b'C', code)) => {
                marshal::read_code(code).map(Ok).map_err(|error| format!("{}: {error}", path.display()))
            }
            Some((_, message)) => Ok(Err(String::from_utf8_lossy(message).into_owned())),
            None => Err(format!("{}: no answer", self.python)),
        }
    }

    /// Decodes bytes by a codec of the interpreter's library.
    pub(crate) fn decode(&self, encoding: &str, bytes: &[u8]) -> Result<String, CodecError> {
        const SCRIPT: &str =
            "import sys; t = sys.stdin.buffer.read().decode(sys.argv[1]); sys.stdout.buffer.write(t.encode())";
        let decode = || -> std::io::Result<std::process::Output> {
            let mut process = Command::new(&self.python)
                .args(["-I", "-S", "-c", SCRIPT, encoding])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()?;
            // The script reads all before it writes, so that neither waits for the other.
            if let Some(mut stdin) = process.stdin.take() {
                stdin.write_all(bytes)?;
            }
            process.wait_with_output()
        };
        let output = decode().map_err(|error| CodecError::Failed(error.to_string()))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let message = String::from_utf8_lossy(&output.stderr);
        match message.trim_end().lines().next_back().unwrap_or_default() {
            last if last.starts_with("LookupError") => Err(CodecError::Unknown),
            last => Err(CodecError::Failed(last.split_once(": ").map_or(last, |(_, reason)| reason).to_owned())),
        }
    }

    fn question(&mut self, path: &Path) -> std::io::Result<Vec<u8>> {
        let server = match &mut self.server {
            Some(server) => server,
            none => none.insert(Server::start(&self.python, self.optimize)?),
        };
        server.questions.write_all(path.as_os_str().as_encoded_bytes())?;
        server.questions.write_all(b"\n")?;
        server.questions.flush()?;
        let mut head = [0; 5];
        server.answers.read_exact(&mut head)?;
        let [letter, length @ ..] = head;
        let mut data = vec![letter; u32::from_le_bytes(length) as usize + 1];
        server.answers.read_exact(&mut data[1..])?;
        Ok(data)
    }
}

impl Server {
    fn start(python: &str, optimize: i64) -> std::io::Result<Server> {
        let script = SERVER.replace("OPTIMIZE", &optimize.to_string());
        let mut process = Command::new(python)
            .args(["-I", "-S", "-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        match (process.stdin.take(), process.stdout.take()) {
            (Some(questions), Some(answers)) => Ok(Server { process, questions, answers }),
            _ => Err(std::io::Error::other("no pipes")),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It would end by itself at the end of its input, but only after this.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a short script prints.
fn ask(python: &str, script: &str) -> Result<String, String> {
    let output =
        Command::new(python).args(["-I", "-S", "-c", script]).output().map_err(|error| format!("{python}: {error}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
