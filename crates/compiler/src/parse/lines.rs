//! Lines and columns of byte offsets.

use super::error::{ErrorKind, Span, SpanEnd, SyntaxError};
use crate::ast::Location;

/// Where the lines of a text begin, and where the text itself stands in its source.
pub(super) struct Lines {
    /// The offset of each line's first byte.
    starts: Vec<u32>,
    /// The line number of the text's first line.
    first_line: u32,
    /// What is added to columns in the first line.
    first_column: u32,
}

impl Lines {
    /// The lines of `text`, which begins at this line (from 1) and column.
    pub(super) fn new(text: &str, first_line: u32, first_column: u32) -> Lines {
        let newlines = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
        let starts = std::iter::once(0).chain(newlines.map(|(index, _)| index as u32 + 1)).collect();
        Lines { starts, first_line, first_column }
    }

    /// Index of the line of `offset`, from 0.
    fn index(&self, offset: u32) -> usize {
        self.starts.partition_point(|&start| start <= offset).saturating_sub(1)
    }

    /// Line from 1 and column in bytes from 0.
    pub(super) fn position(&self, offset: u32) -> (u32, u32) {
        let index = self.index(offset);
        let column = offset - self.starts.get(index).copied().unwrap_or(0);
        let shift = if index == 0 { self.first_column } else { 0 };
        (self.first_line + index as u32, column + shift)
    }

    /// What is added to columns in the first line, if `offset` stands in a later one.
    pub(super) fn shift_after_first(&self, offset: u32) -> u32 {
        if self.index(offset) == 0 { 0 } else { self.first_column }
    }

    /// The place from `start` to before `end`.
    pub(super) fn location(&self, start: u32, end: u32) -> Location {
        let (line, column) = self.position(start);
        let (end_line, end_column) = self.position(end);
        Location { line, column, end_line, end_column }
    }

    /// The offset of the first byte of the line of `offset`.
    pub(super) fn line_start(&self, offset: u32) -> u32 {
        self.starts.get(self.index(offset)).copied().unwrap_or(0)
    }
}

/// A text with its lines, for errors that quote it.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    pub(super) lines: &'a Lines,
}

impl Source<'_> {
    /// Line and column in characters from 1, without the shift of an f-string's first line.
    pub(super) fn char_position(&self, offset: u32) -> (u32, i32) {
        let start = self.lines.line_start(offset);
        let before = self.text.get(start as usize..offset as usize).unwrap_or_default();
        (self.lines.position(offset).0, before.chars().count() as i32 + 1)
    }

    /// Where the last character of the text begins.
    pub(super) fn last_char(&self) -> u32 {
        self.text.char_indices().next_back().map_or(0, |(index, _)| index as u32)
    }

    /// The line of `offset` with its newline.
    pub(super) fn line_text(&self, offset: u32) -> &str {
        let rest = self.text.get(self.lines.line_start(offset) as usize..).unwrap_or_default();
        rest.split_inclusive('\n').next().unwrap_or_default()
    }

    /// An error from `span`.
    pub(super) fn error(&self, kind: ErrorKind, message: impl Into<String>, span: Span) -> SyntaxError {
        let (line, offset) = self.char_position(span.start);
        let (end_line, end_offset) = match span.end {
            SpanEnd::At(end) => self.char_position(end),
            SpanEnd::Same => (line, offset),
        };
        let text = Some(self.line_text(span.start).to_owned());
        SyntaxError { kind, message: message.into(), line, offset, end_line, end_offset, text }
    }

    /// A syntax error from `start` to before `end`.
    pub(super) fn syntax_error(&self, message: impl Into<String>, start: u32, end: u32) -> SyntaxError {
        self.error(ErrorKind::Syntax, message, Span { start, end: SpanEnd::At(end) })
    }
}
