//! What can be wrong with a source text, in the terms of CPython's exceptions.

/// Which exception a problem becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// `SyntaxError`.
    Syntax,
    /// `IndentationError`.
    Indentation,
    /// `TabError`.
    Tab,
    /// `ValueError`: only for null bytes in a string.
    Value,
    /// `MemoryError`: nested too deeply for the parser. It has no place.
    Memory,
    /// `RecursionError`: nested too deeply for the tree.
    Recursion,
}

/// An error with the attributes that the exception object gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The exception's type.
    pub kind: ErrorKind,
    /// `msg`.
    pub message: String,
    /// `lineno`, from 1.
    pub line: u32,
    /// `offset`: in characters from 1, or what CPython gives where it has no column (0).
    pub offset: i32,
    /// `end_lineno`.
    pub end_line: u32,
    /// `end_offset`: in characters from 1; 0 or -1 where CPython has no end.
    pub end_offset: i32,
    /// `text`: the line that `line` counts.
    pub text: Option<String>,
}

impl SyntaxError {
    /// An error that has no place in the text.
    pub fn without_place(kind: ErrorKind, message: impl Into<String>) -> SyntaxError {
        SyntaxError { kind, message: message.into(), line: 0, offset: 0, end_line: 0, end_offset: 0, text: None }
    }
}

/// Something that is accepted, but should be written otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Whether it is a `SyntaxWarning`, not a `DeprecationWarning`.
    pub is_syntax: bool,
    /// The warning's text.
    pub message: String,
    /// The line that it is about.
    pub line: u32,
    /// The error to raise if the warning filters make an error of it.
    pub error: SyntaxError,
}

/// The place of a tokenizer's error, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: SpanEnd,
}

/// Where an error ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SpanEnd {
    /// Before this byte.
    At(u32),
    /// `end_offset` is `offset`.
    Same,
}

impl Span {
    /// A place without extent.
    pub(super) fn point(at: u32) -> Span {
        Span { start: at, end: SpanEnd::Same }
    }
}
