//! `make_scanner`: one JSON value out of a string, with the hooks of a `JSONDecoder`.

use std::cell::Cell;
use std::mem::offset_of;

use habu_macros::{pymethods, pytype};
use habu_runtime::exceptions::raise::raise_stop_iteration;
use habu_runtime::object::descriptor_tables::{READONLY, T_BOOL, T_OBJECT};
use habu_runtime::object::{Field, MemberDef, Object, PyType, Raised, Ref, Type, instantiate, protocol};
use habu_runtime::raise;
use habu_runtime::threads::thread::NativeCall;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use super::text::{decode_error, scan};

#[pytype(name = "_json.Scanner", doc = "JSON scanner object", gc, heap, unbound)]
/// What reads values.
pub struct Scanner {
    base: Object,
    strict: Cell<bool>,
    #[traverse]
    object_hook: Field,
    #[traverse]
    object_pairs_hook: Field,
    #[traverse]
    parse_float: Field,
    #[traverse]
    parse_int: Field,
    #[traverse]
    parse_constant: Field,
    /// The keys of the text that is being read.
    #[traverse]
    memo: Field<Dict>,
}

habu_runtime::assert_layout!(Scanner, size 72);

const fn member(name: &'static std::ffi::CStr, kind: std::ffi::c_int, offset: usize) -> MemberDef {
    MemberDef { name: name.as_ptr(), kind, offset: offset as isize, flags: READONLY, doc: name.as_ptr() }
}

static MEMBERS: &[MemberDef] = &[
    member(c"strict", T_BOOL, offset_of!(Scanner, strict)),
    member(c"object_hook", T_OBJECT, offset_of!(Scanner, object_hook)),
    member(c"object_pairs_hook", T_OBJECT, offset_of!(Scanner, object_pairs_hook)),
    member(c"parse_float", T_OBJECT, offset_of!(Scanner, parse_float)),
    member(c"parse_int", T_OBJECT, offset_of!(Scanner, parse_int)),
    member(c"parse_constant", T_OBJECT, offset_of!(Scanner, parse_constant)),
];

/// One reading: the text, the hooks, and the keys seen so far, so that equal keys are one object.
struct Reading<'a> {
    text: &'a Str,
    strict: bool,
    object_hook: Option<Ref>,
    object_pairs_hook: Option<Ref>,
    /// Nothing where it is `float` itself.
    parse_float: Option<Ref>,
    /// Nothing where it is `int` itself.
    parse_int: Option<Ref>,
    parse_constant: Option<Ref>,
    keys: Ref<Dict>,
}

/// No value begins at `at`.
#[cold]
fn nothing_at(at: usize) -> Raised {
    match Int::from_u64(at as u64) {
        Ok(at) => raise_stop_iteration(Some(at.into_object())),
        Err(raised) => raised,
    }
}

impl Reading<'_> {
    fn get(&self, at: usize) -> Option<char> {
        self.text.chars().get(at).map(|code| char::from_u32(code).unwrap_or('\u{fffd}'))
    }

    fn skip_space(&self, mut at: usize) -> usize {
        while matches!(self.get(at), Some(' ' | '\t' | '\n' | '\r')) {
            at += 1;
        }
        at
    }

    fn error(&self, message: &str, at: usize) -> Raised {
        decode_error(message, self.text, at as isize)
    }

    fn begins(&self, at: usize, word: &str) -> bool {
        word.chars().enumerate().all(|(index, character)| self.get(at + index) == Some(character))
    }

    fn constant(&self, word: &str, end: usize) -> Result<(Ref, usize), Raised> {
        match &self.parse_constant {
            Some(parse) => Ok((protocol::call1(parse, &*Str::intern(word)?)?, end)),
            None => Err(raise!(SystemError, "scanner without parse_constant")),
        }
    }

    /// The value at `at`, and the index behind it.
    fn value(&self, at: usize) -> Result<(Ref, usize), Raised> {
        match self.get(at) {
            None => Err(nothing_at(at)),
            Some('"') => {
                let (text, end) = scan(self.text, at + 1, self.strict)?;
                Ok((text.into_object(), end))
            }
            Some('{') => {
                let _depth = NativeCall::enter(" while decoding a JSON object from a unicode string")?;
                self.object(at + 1)
            }
            Some('[') => {
                let _depth = NativeCall::enter(" while decoding a JSON array from a unicode string")?;
                self.array(at + 1)
            }
            Some('n') if self.begins(at, "null") => Ok((habu_runtime::types::none(), at + 4)),
            Some('t') if self.begins(at, "true") => Ok((habu_runtime::types::boolean(true), at + 4)),
            Some('f') if self.begins(at, "false") => Ok((habu_runtime::types::boolean(false), at + 5)),
            Some('N') if self.begins(at, "NaN") => self.constant("NaN", at + 3),
            Some('I') if self.begins(at, "Infinity") => self.constant("Infinity", at + 8),
            Some('-') if self.begins(at, "-Infinity") => self.constant("-Infinity", at + 9),
            Some(_) => self.number(at),
        }
    }

    fn digits(&self, mut at: usize) -> usize {
        while self.get(at).is_some_and(|character| character.is_ascii_digit()) {
            at += 1;
        }
        at
    }

    fn number(&self, start: usize) -> Result<(Ref, usize), Raised> {
        let first = if self.get(start) == Some('-') { start + 1 } else { start };
        let mut end = match self.get(first) {
            Some('1'..='9') => self.digits(first),
            Some('0') => first + 1,
            _ => return Err(nothing_at(start)),
        };
        let mut is_float = false;
        if self.get(end) == Some('.') && self.digits(end + 1) > end + 1 {
            is_float = true;
            end = self.digits(end + 1);
        }
        if matches!(self.get(end), Some('e' | 'E')) {
            let sign = usize::from(matches!(self.get(end + 1), Some('+' | '-')));
            let digits = end + 1 + sign;
            if self.digits(digits) > digits {
                is_float = true;
                end = self.digits(digits);
            }
        }
        let hook = if is_float { &self.parse_float } else { &self.parse_int };
        let number = self.text.substring_new(start, end)?;
        let value = match hook {
            Some(hook) => protocol::call1(hook, &number)?,
            None => {
                let text = number.as_ascii().unwrap_or("");
                if is_float {
                    Float::new(habu_runtime::types::float::construct::parse_str(&number)?)?.into_object()
                } else {
                    match text.parse::<i64>() {
                        Ok(value) => Int::from_i64(value)?.into_object(),
                        Err(_) => habu_runtime::types::int::text::parse_str(&number, 10)?.into_object(),
                    }
                }
            }
        };
        Ok((value, end))
    }

    fn key(&self, at: usize) -> Result<(Ref, usize), Raised> {
        if self.get(at) != Some('"') {
            return Err(self.error("Expecting property name enclosed in double quotes", at));
        }
        let (key, end) = scan(self.text, at + 1, self.strict)?;
        Ok((self.keys.get_or_insert(&key, &key)?, end))
    }

    fn object(&self, begin: usize) -> Result<(Ref, usize), Raised> {
        let pairs = self.object_pairs_hook.as_ref().map(|_| List::new()).transpose()?;
        let dict = Dict::new()?;
        let mut at = self.skip_space(begin);
        if self.get(at) != Some('}') {
            loop {
                let (key, end) = self.key(at)?;
                at = self.skip_space(end);
                if self.get(at) != Some(':') {
                    return Err(self.error("Expecting ':' delimiter", at));
                }
                let (value, end) = self.value(self.skip_space(at + 1))?;
                match &pairs {
                    Some(pairs) => pairs.push(Tuple::from_refs([key, value])?.into_object())?,
                    None => dict.set(&key, &value)?,
                }
                at = self.skip_space(end);
                match self.get(at) {
                    Some('}') => break,
                    Some(',') => at = self.skip_space(at + 1),
                    _ => return Err(self.error("Expecting ',' delimiter", at)),
                }
            }
        }
        let value = match (&self.object_pairs_hook, &pairs, &self.object_hook) {
            (Some(hook), Some(pairs), _) => protocol::call1(hook, pairs)?,
            (_, _, Some(hook)) => protocol::call1(hook, &dict)?,
            _ => dict.into_object(),
        };
        Ok((value, at + 1))
    }

    fn array(&self, begin: usize) -> Result<(Ref, usize), Raised> {
        let list = List::new()?;
        let mut at = self.skip_space(begin);
        if self.get(at) != Some(']') {
            loop {
                let (value, end) = self.value(at)?;
                list.push(value)?;
                at = self.skip_space(end);
                match self.get(at) {
                    Some(']') => break,
                    Some(',') => at = self.skip_space(at + 1),
                    _ => return Err(self.error("Expecting ',' delimiter", at)),
                }
            }
        }
        Ok((list.into_object(), at + 1))
    }
}

/// A hook, unless it is None.
fn hook(field: &Field) -> Option<Ref> {
    field.get().filter(|hook| !is_none(hook))
}

/// A hook, unless it is the type `T` itself.
fn hook_unless<T: PyType>(field: &Field) -> Option<Ref> {
    field.get().filter(|hook| !hook.is(T::type_object()))
}

#[pymethods(members = MEMBERS)]
impl Scanner {
    #[slot(tp_new)]
    #[called("make_scanner")]
    #[varargs]
    #[signature(context)]
    fn new(cls: &Type, context: &Object) -> Result<Ref<Scanner>, Raised> {
        let attribute = |name: &str| protocol::attribute::get_attribute_str(context, name);
        let strict = protocol::truth(&*attribute("strict")?)?;
        let [object_hook, object_pairs_hook, parse_float, parse_int, parse_constant] =
            ["object_hook", "object_pairs_hook", "parse_float", "parse_int", "parse_constant"].map(attribute);
        instantiate(
            cls,
            Scanner {
                base: Object::of::<Scanner>(),
                strict: Cell::new(strict),
                object_hook: Field::new(object_hook?),
                object_pairs_hook: Field::new(object_pairs_hook?),
                parse_float: Field::new(parse_float?),
                parse_int: Field::new(parse_int?),
                parse_constant: Field::new(parse_constant?),
                memo: Field::new(Dict::new()?),
            },
        )
    }

    #[slot(tp_call)]
    fn call(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        let [text, index] = super::encoder::two_arguments("scan_once", ["string", "idx"], args, kwargs)?;
        let index = protocol::number::index_as_size(&index, Some(habu_runtime::exceptions::exc::OverflowError()))?;
        let text = super::string(&text)?;
        let Ok(index) = usize::try_from(index) else {
            return Err(raise!(ValueError, "idx cannot be negative"));
        };
        let keys = match self.memo.get() {
            Some(keys) => keys,
            None => Dict::new()?,
        };
        let reading = Reading {
            text,
            strict: self.strict.get(),
            object_hook: hook(&self.object_hook),
            object_pairs_hook: hook(&self.object_pairs_hook),
            parse_float: hook_unless::<Float>(&self.parse_float),
            parse_int: hook_unless::<Int>(&self.parse_int),
            parse_constant: self.parse_constant.get(),
            keys,
        };
        let read = reading.value(index);
        reading.keys.clear_items();
        let (value, end) = read?;
        Ok(Tuple::from_refs([value, Int::from_u64(end as u64)?.into_object()])?.into_object())
    }
}
