//! What patterns are applied to: text, or whatever lends bytes.

use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::buffer::ByteView;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::str::{Chars, Str};

/// A subject and its characters. It keeps the object alive, and its memory in place.
pub(super) struct Subject(Text);

enum Text {
    Str(Ref<Str>),
    Bytes(Ref<Bytes>),
    View(ByteView),
}

impl Subject {
    /// Takes hold of an object's characters.
    ///
    /// Raises TypeError for what has none.
    pub(super) fn new(object: &Object) -> Result<Subject, Raised> {
        if let Some(text) = object.downcast::<Str>() {
            return Ok(Subject(Text::Str(Ref::from_borrowed(text))));
        }
        if let Some(bytes) = object.downcast::<Bytes>() {
            return Ok(Subject(Text::Bytes(Ref::from_borrowed(bytes))));
        }
        match ByteView::new(object) {
            Ok(view) => Ok(Subject(Text::View(view))),
            Err(raised) => {
                // As in CPython, whatever the exporter raised is replaced.
                raised.clear();
                let kind = object.ty().full_name();
                Err(raise!(TypeError, "expected string or bytes-like object, got '{kind}'"))
            }
        }
    }

    /// Whether the characters are bytes.
    pub(super) fn is_bytes(&self) -> bool {
        !matches!(self.0, Text::Str(_))
    }

    /// Whether Python code cannot change the characters while they are borrowed.
    pub(super) fn is_constant(&self) -> bool {
        match &self.0 {
            Text::View(view) => view.is_readonly(),
            _ => true,
        }
    }

    /// The characters. Where they are not constant, no Python code may run while they are borrowed.
    pub(super) fn chars(&self) -> Chars<'_> {
        match &self.0 {
            Text::Str(text) => text.chars(),
            Text::Bytes(bytes) => Chars::One(bytes.as_slice()),
            Text::View(view) => Chars::One(view.as_slice()),
        }
    }

    /// The number of characters.
    pub(super) fn len(&self) -> usize {
        match &self.0 {
            Text::Str(text) => text.len(),
            Text::Bytes(bytes) => bytes.len(),
            Text::View(view) => view.len(),
        }
    }

    /// A part of the subject as `str` or `bytes`; both positions are held to its length.
    pub(super) fn slice(&self, start: usize, end: usize) -> Result<Ref, Raised> {
        let end = end.min(self.len());
        let start = start.min(end);
        match &self.0 {
            Text::Str(text) => Ok(text.substring(start, end)?.into_object()),
            Text::Bytes(bytes) if start == 0 && end == bytes.len() && bytes.is_exact::<Bytes>() => Ok(bytes.to_ref()),
            Text::Bytes(bytes) => part(bytes.as_slice(), start, end),
            Text::View(view) => part(view.as_slice(), start, end),
        }
    }
}

fn part(bytes: &[u8], start: usize, end: usize) -> Result<Ref, Raised> {
    Ok(Bytes::new(bytes.get(start..end).unwrap_or_default())?.into_object())
}
