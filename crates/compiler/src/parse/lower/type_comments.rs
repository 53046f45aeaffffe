//! Type comments: which statement each belongs to.
//!
//! The parser does not see comments. The tokenizer lists them by the token that they precede; the statements that
//! may have one ask for it by position. One that nobody took is a syntax error, as it is for CPython.

use super::super::SyntaxError;
use super::super::tokens::{Kind, Tokens, TypeComment};
use super::Unit;
use crate::ast::Text;

/// The type comments that nobody has taken yet.
#[derive(Default)]
pub(in super::super) struct TypeComments {
    /// Indices into `Tokens::type_comments`, in order.
    waiting: Vec<usize>,
}

impl TypeComments {
    /// All but the `ignore`s.
    pub(in super::super) fn new(tokens: &Tokens) -> TypeComments {
        let all = tokens.type_comments.iter().enumerate();
        TypeComments { waiting: all.filter(|(_, comment)| !comment.is_ignore).map(|(index, _)| index).collect() }
    }

    /// The first one left.
    pub(in super::super) fn first(&self) -> Option<usize> {
        self.waiting.first().copied()
    }
}

impl Unit<'_> {
    /// Take the type comment that stands right before token number `index`, with its end.
    fn take_type_comment(&mut self, index: usize) -> Option<(Text, u32)> {
        let comments = &self.tokens.type_comments;
        let place = self
            .type_comments
            .waiting
            .iter()
            .position(|&waiting| comments.get(waiting).is_some_and(|comment| comment.index == index))?;
        let comment = comments.get(self.type_comments.waiting.remove(place))?;
        let text = self.text.get(comment.start as usize..comment.end as usize).unwrap_or_default();
        Some((text.into(), comment.end))
    }

    /// The error of a type comment that nobody took.
    pub(in super::super) fn misplaced_type_comment(&self, comment: &TypeComment) -> SyntaxError {
        let before = |count: usize| comment.index.checked_sub(count).and_then(|index| self.token(index));
        let text_before = |count: usize| before(count).map_or("", |token| self.token_text(token));
        let error = |message: &str| self.source().syntax_error(message, comment.start, comment.end);
        if text_before(1) == "," && text_before(2) == "*" {
            return error("bare * has associated type comment");
        }
        let is_indented = self.token(comment.index).is_some_and(|token| token.kind == Kind::Indent);
        let has_other = || self.tokens.type_comments.iter().any(|other| other.index + 1 == comment.index);
        match self.token(comment.index + 1) {
            Some(first) if is_indented && has_other() => {
                // CPython shows the indentation that follows, without an end.
                let message = "Cannot have two type comments on def";
                let mut error = self.source().syntax_error(message, first.start, first.end);
                error.offset -= 1;
                error.end_offset = -1;
                error
            }
            _ => error("invalid syntax"),
        }
    }

    /// Of an assignment that ends at `end`: before the newline.
    pub(super) fn assignment_type_comment(&mut self, end: u32) -> Option<(Text, u32)> {
        if self.type_comments.waiting.is_empty() {
            return None;
        }
        let next = self.token_at(end);
        self.token(next).filter(|token| token.kind == Kind::Newline)?;
        self.take_type_comment(next)
    }

    /// Of a `for` or `with`: on the line of its colon. `body_start` is where the block begins.
    pub(super) fn block_type_comment(&mut self, body_start: u32) -> Option<Text> {
        if self.type_comments.waiting.is_empty() {
            return None;
        }
        // A block on lines of its own: newline, indent, first token.
        let newline = self.token_at(body_start).checked_sub(2)?;
        let newline = match self.token(newline)?.kind {
            Kind::Newline => newline,
            _ => newline.checked_sub(0).filter(|_| false)?,
        };
        self.take_type_comment(newline).map(|(text, _)| text)
    }

    /// Of a function: on the line of its colon, or on the first line of its block.
    pub(super) fn function_type_comment(&mut self, body_start: u32) -> Option<Text> {
        if self.type_comments.waiting.is_empty() {
            return None;
        }
        if let Some(text) = self.block_type_comment(body_start) {
            return Some(text);
        }
        let first = self.token_at(body_start);
        let indent = first.checked_sub(1)?;
        if self.token(indent)?.kind == Kind::Indent {
            return self.take_type_comment(indent).map(|(text, _)| text);
        }
        // `def f(): # type: ...` cannot be: the comment would end the line.
        None
    }

    /// Of a parameter that ends at `end`: after its comma, or before the closing parenthesis.
    pub(super) fn parameter_type_comment(&mut self, end: u32) -> Option<Text> {
        if self.type_comments.waiting.is_empty() {
            return None;
        }
        let mut index = self.token_at(end);
        // Past the default value: to the comma or parenthesis on this level.
        let mut depth = 0_u32;
        loop {
            let token = self.token(index)?;
            match self.token_text(token) {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" if depth == 0 => break,
                ")" | "]" | "}" => depth -= 1,
                "," if depth == 0 => {
                    index += 1;
                    break;
                }
                ":" if depth == 0 => return None,
                _ => {}
            }
            index += 1;
        }
        self.take_type_comment(index).map(|(text, _)| text)
    }
}
