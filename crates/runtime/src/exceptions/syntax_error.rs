//! SyntaxError: where in which file, and the line's text.

use habu_macros::{pymethods, pytype};

use super::members::{members, object};
use crate::exceptions::BaseException;
use crate::exceptions::hierarchy::EXCEPTION_TYPE;
use crate::object::{Field, MemberDef, Raised, Ref, protocol};
use crate::raise;
use crate::types::dict::Dict;
use crate::types::int::Int;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// Invalid syntax.
#[pytype(name = "SyntaxError", gc, basetype, base = EXCEPTION_TYPE, flag = BASE_EXC_SUBCLASS)]
pub struct SyntaxError {
    /// What every exception has.
    #[traverse(last)]
    pub base: BaseException,
    /// The message.
    #[traverse]
    pub msg: Field,
    /// The file.
    #[traverse]
    pub filename: Field,
    /// The line, from 1.
    #[traverse]
    pub lineno: Field,
    /// The column, from 1.
    #[traverse]
    pub offset: Field,
    /// The line's text.
    #[traverse]
    pub text: Field,
    /// The line of the end.
    #[traverse]
    pub end_lineno: Field,
    /// The column of the end.
    #[traverse]
    pub end_offset: Field,
    /// Unused.
    #[traverse]
    pub print_file_and_line: Field,
}

crate::assert_layout!(SyntaxError, size 136, msg @ 72, text @ 104, print_file_and_line @ 128);
crate::ends_in_order!(SyntaxError: msg, filename, lineno, offset, end_lineno, end_offset, text, print_file_and_line);

static MEMBERS: &[MemberDef] = members![
    object(c"msg", std::mem::offset_of!(SyntaxError, msg), c"exception msg"),
    object(c"filename", std::mem::offset_of!(SyntaxError, filename), c"exception filename"),
    object(c"lineno", std::mem::offset_of!(SyntaxError, lineno), c"exception lineno"),
    object(c"offset", std::mem::offset_of!(SyntaxError, offset), c"exception offset"),
    object(c"text", std::mem::offset_of!(SyntaxError, text), c"exception text"),
    object(c"end_lineno", std::mem::offset_of!(SyntaxError, end_lineno), c"exception end lineno"),
    object(c"end_offset", std::mem::offset_of!(SyntaxError, end_offset), c"exception end offset"),
    object(
        c"print_file_and_line",
        std::mem::offset_of!(SyntaxError, print_file_and_line),
        c"exception print_file_and_line"
    ),
];

impl SyntaxError {
    /// Takes the second argument in: file, line, column, text, and perhaps the end.
    fn set_details(&self, details: &Tuple) -> Result<(), Raised> {
        let count = details.len();
        if count < 4 {
            return Err(raise!(TypeError, "function takes at least 4 arguments ({count} given)"));
        }
        if count > 6 {
            return Err(raise!(TypeError, "function takes at most 6 arguments ({count} given)"));
        }
        self.filename.set(details.get(0));
        self.lineno.set(details.get(1));
        self.offset.set(details.get(2));
        self.text.set(details.get(3));
        self.end_lineno.set(details.get(4));
        self.end_offset.set(details.get(5));
        if count == 5 {
            return Err(raise!(TypeError, "end_offset must be provided when end_lineno is provided"));
        }
        Ok(())
    }
}

#[pymethods(members = MEMBERS)]
impl SyntaxError {
    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        self.base.init(args, kwargs)?;
        if let Some(msg) = args.get(0) {
            self.msg.set(Some(msg));
        }
        match args.as_slice() {
            [_, details] => self.set_details(&*protocol::to_tuple(details)?),
            _ => Ok(()),
        }
    }

    #[slot(tp_str)]
    fn str(&self) -> Result<Ref<Str>, Raised> {
        let line =
            self.lineno.get().and_then(|line| line.downcast_exact::<Int>().map(|line| line.to_i64().unwrap_or(-1)));
        let file = self.filename.get().and_then(|file| file.downcast_into::<Str>().ok());
        let message = protocol::str(&self.msg.get().unwrap_or_else(crate::types::none))?;
        if line.is_none() && file.is_none() {
            return Ok(message);
        }
        let mut text = protocol::TextBuilder::new();
        text.push(&message)?;
        text.push_ascii(" (")?;
        if let Some(file) = &file {
            let chars = file.chars();
            let start = chars.iter().rposition(|character| character == u32::from('/')).map_or(0, |at| at + 1);
            for character in chars.iter().skip(start) {
                text.push(&*Str::from_char(character)?)?;
            }
        }
        if let Some(line) = line {
            text.push_ascii(&format!("{}line {line}", if file.is_some() { ", " } else { "" }))?;
        }
        text.push_ascii(")")?;
        text.finish()
    }
}
