//! Lines typed at a terminal: edited, and kept in a history from session to session.
//!
//! The history is `~/.habu_history`, one line of text each; a session appends what was typed in it.

use std::io::Write;
use std::path::PathBuf;

use habu_modules::startup::interactive::{Line, Lines};
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{Config, Editor};

/// How many lines are kept in memory.
const KEPT: usize = 2000;

/// An editor of the terminal.
pub(crate) struct Terminal {
    editor: Editor<(), MemHistory>,
    file: Option<PathBuf>,
    typed: Vec<String>,
}

impl Terminal {
    /// Opens the terminal of the standard input; nothing if it cannot be edited.
    pub(crate) fn open() -> Option<Terminal> {
        let config = Config::builder().max_history_size(KEPT).ok()?.auto_add_history(false).build();
        let history = MemHistory::with_config(&config);
        let mut editor = Editor::with_history(config, history).ok()?;
        let file = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".habu_history"));
        let old = file.as_ref().and_then(|file| std::fs::read_to_string(file).ok()).unwrap_or_default();
        for line in old.lines() {
            let _ = editor.add_history_entry(line);
        }
        Some(Terminal { editor, file, typed: vec![] })
    }
}

impl Lines for Terminal {
    fn read(&mut self, prompt: &str) -> Line {
        match self.editor.readline(prompt) {
            Ok(line) => Line::Text(line.into_bytes()),
            Err(ReadlineError::Interrupted) => Line::Interrupted,
            Err(_) => Line::End,
        }
    }

    fn remember(&mut self, statement: &str) {
        for line in statement.lines().filter(|line| !line.trim().is_empty()) {
            let _ = self.editor.add_history_entry(line);
            self.typed.push(line.to_owned());
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let Some(file) = self.file.as_ref().filter(|_| !self.typed.is_empty()) else { return };
        // A history that cannot be written is not worth an error at the end of a session.
        if let Ok(mut file) = std::fs::OpenOptions::new().create(true).append(true).open(file) {
            let _ = file.write_all((self.typed.join("\n") + "\n").as_bytes());
        }
    }
}
