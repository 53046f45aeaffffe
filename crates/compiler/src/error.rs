//! What a compiler can refuse, and what it warns of.

use std::fmt;

use crate::ast;
use crate::flowgraph::{GraphError, Location};
use crate::parse::{self, ErrorKind, SyntaxError};

/// Why there is no code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompileError {
    /// The program is wrong, or too deep. The error's kind says which exception that is.
    Syntax(SyntaxError),
    /// `OverflowError`: the code is larger than its tables can say.
    TooLarge,
    /// `SystemError`: the compiler broke one of its own rules, or was given a tree that breaks those of trees.
    Internal(&'static str),
}

/// The category of a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// `DeprecationWarning`.
    Deprecation,
    /// `SyntaxWarning`.
    Syntax,
}

/// Something that is accepted, but is probably a mistake or will not be accepted for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The category.
    pub category: Category,
    /// CPython's message.
    pub message: String,
    /// The line that it is about.
    pub line: u32,
    /// The error to raise if the warning filters make an error of it.
    pub error: SyntaxError,
}

/// What a pass of the compiler finds wrong.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// The program breaks a rule which the grammar does not state.
    Syntax(String, Location),
    /// The tree is deeper than allowed.
    Recursion,
    /// The code is larger than its tables can say.
    TooLarge,
    /// The compiler broke one of its own rules, or was given a tree that breaks those of trees.
    Internal(&'static str),
}

impl Fault {
    /// A syntax error at a place.
    pub(crate) fn syntax(message: impl Into<String>, location: impl Into<Location>) -> Fault {
        Fault::Syntax(message.into(), location.into())
    }
}

impl From<Fault> for CompileError {
    fn from(fault: Fault) -> CompileError {
        match fault {
            Fault::Syntax(message, location) => CompileError::Syntax(syntax_error(message, location)),
            Fault::Recursion => CompileError::Syntax(SyntaxError::without_place(
                ErrorKind::Recursion,
                "maximum recursion depth exceeded during compilation",
            )),
            Fault::TooLarge => CompileError::TooLarge,
            Fault::Internal(what) => CompileError::Internal(what),
        }
    }
}

/// The error object's attributes. Columns stay in bytes, as CPython leaves them in the errors of its compiler; the line's text is the
/// caller's to find, from the file.
pub(crate) fn syntax_error(message: String, location: Location) -> SyntaxError {
    SyntaxError {
        kind: ErrorKind::Syntax,
        message,
        line: u32::try_from(location.line).unwrap_or(0),
        offset: location.column.saturating_add(1),
        end_line: u32::try_from(location.end_line).unwrap_or(0),
        end_offset: location.end_column.saturating_add(1),
        text: None,
    }
}

impl From<parse::Warning> for Warning {
    fn from(warning: parse::Warning) -> Warning {
        let parse::Warning { is_syntax, message, line, error } = warning;
        let category = if is_syntax { Category::Syntax } else { Category::Deprecation };
        Warning { category, message, line, error }
    }
}

impl From<GraphError> for Fault {
    fn from(error: GraphError) -> Fault {
        match error {
            GraphError::Malformed(what) => Fault::Internal(what),
            GraphError::TooLarge => Fault::TooLarge,
        }
    }
}

impl From<ast::Location> for Location {
    fn from(at: ast::Location) -> Location {
        // Line 0 is what the folder gives to nodes that no source stands for.
        if at.line == 0 {
            return Location::NONE;
        }
        let number = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
        Location {
            line: number(at.line),
            end_line: number(at.end_line),
            column: number(at.column),
            end_column: number(at.end_column),
        }
    }
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CompileError::Syntax(error) => {
                write!(f, "{:?}: {} ({}:{})", error.kind, error.message, error.line, error.offset)
            }
            CompileError::TooLarge => f.write_str("OverflowError: code is too large"),
            CompileError::Internal(what) => write!(f, "SystemError: {what}"),
        }
    }
}

impl std::error::Error for CompileError {}
