//! `make_encoder`: Python objects as JSON text, with the options of a `JSONEncoder` that does not indent.

use std::cell::Cell;
use std::mem::offset_of;

use habu_macros::{pymethods, pytype};
use habu_runtime::object::descriptor_tables::{READONLY, T_BOOL, T_OBJECT};
use habu_runtime::object::{Field, MemberDef, Object, Raised, Ref, Room, Type, instantiate, protocol};
use habu_runtime::raise;
use habu_runtime::threads::thread::NativeCall;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::{Bool, Int};
use habu_runtime::types::list::List;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::str::builder::StrBuilder;
use habu_runtime::types::tuple::Tuple;

use super::{ASCII, PLAIN, text};
use crate::system::state;

/// How strings are written.
#[derive(Clone, Copy, PartialEq)]
enum Strings {
    /// By the encoder's own function.
    Called,
    /// As `encode_basestring_ascii` does.
    Ascii,
    /// As `encode_basestring` does.
    Plain,
}

#[pytype(
    name = "_json.Encoder",
    doc = "Encoder(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)",
    gc,
    heap,
    unbound
)]
/// What writes values.
pub struct Encoder {
    base: Object,
    #[traverse]
    markers: Field,
    #[traverse]
    default: Field,
    #[traverse]
    encoder: Field,
    #[traverse]
    indent: Field,
    #[traverse]
    key_separator: Field<Str>,
    #[traverse]
    item_separator: Field<Str>,
    sort_keys: Cell<bool>,
    skipkeys: Cell<bool>,
    allow_nan: bool,
    strings: Strings,
    room: Room<12>,
}

habu_runtime::assert_layout!(Encoder, size 80);

const fn member(name: &'static std::ffi::CStr, kind: std::ffi::c_int, offset: usize) -> MemberDef {
    MemberDef { name: name.as_ptr(), kind, offset: offset as isize, flags: READONLY, doc: name.as_ptr() }
}

static MEMBERS: &[MemberDef] = &[
    member(c"markers", T_OBJECT, offset_of!(Encoder, markers)),
    member(c"default", T_OBJECT, offset_of!(Encoder, default)),
    member(c"encoder", T_OBJECT, offset_of!(Encoder, encoder)),
    member(c"indent", T_OBJECT, offset_of!(Encoder, indent)),
    member(c"key_separator", T_OBJECT, offset_of!(Encoder, key_separator)),
    member(c"item_separator", T_OBJECT, offset_of!(Encoder, item_separator)),
    member(c"sort_keys", T_BOOL, offset_of!(Encoder, sort_keys)),
    member(c"skipkeys", T_BOOL, offset_of!(Encoder, skipkeys)),
];

/// The two arguments of a scanner's or an encoder's call, by position or name.
pub(super) fn two_arguments(
    function: &str,
    names: [&str; 2],
    args: &Tuple,
    kwargs: Option<&Dict>,
) -> Result<[Ref; 2], Raised> {
    let mut given = [args.get(0), args.get(1)];
    if args.len() > 2 {
        return Err(raise!(TypeError, "{function}() takes at most 2 arguments ({} given)", args.len()));
    }
    let mut at = 0;
    while let Some((key, value)) = kwargs.and_then(|kwargs| kwargs.next_item(&mut at)) {
        let place = key.downcast::<Str>().and_then(|key| names.iter().position(|name| key.equals(name)));
        match (place, key.downcast::<Str>()) {
            (Some(place), _) if given[place].is_none() => given[place] = Some(value),
            (Some(place), Some(key)) => {
                return Err(raise!(
                    TypeError,
                    "argument for {function}() given by name ('{key}') and position ({})",
                    place + 1
                ));
            }
            (None, Some(key)) => {
                return Err(raise!(TypeError, "'{key}' is an invalid keyword argument for {function}()"));
            }
            _ => return Err(raise!(TypeError, "keywords must be strings")),
        }
    }
    match given {
        [Some(first), Some(second)] => Ok([first, second]),
        [None, _] => Err(raise!(TypeError, "{function}() missing required argument '{}' (pos 1)", names[0])),
        _ => Err(raise!(TypeError, "{function}() missing required argument '{}' (pos 2)", names[1])),
    }
}

/// A container or object that is being written: noted so that one inside itself is found.
struct Marked(Option<(Ref<Dict>, Ref<Int>)>);

impl Marked {
    /// Ends the note where all went well; after an error it stays, as in CPython.
    fn done(self) -> Result<(), Raised> {
        match self.0 {
            Some((markers, key)) => markers.remove(&key).map(drop),
            None => Ok(()),
        }
    }
}

impl Encoder {
    fn mark(&self, object: &Object) -> Result<Marked, Raised> {
        let Some(markers) = self.markers.get().and_then(|markers| markers.downcast_into::<Dict>().ok()) else {
            return Ok(Marked(None));
        };
        let key = Int::from_u64(std::ptr::from_ref(object) as u64)?;
        if markers.contains(&key)? {
            return Err(raise!(ValueError, "Circular reference detected"));
        }
        markers.set(&key, object)?;
        Ok(Marked(Some((markers, key))))
    }

    fn write_string(&self, out: &mut StrBuilder, string: &Str) -> Result<(), Raised> {
        match (self.strings, self.encoder.get()) {
            (Strings::Ascii, _) => text::write(out, string, true),
            (Strings::Plain, _) => text::write(out, string, false),
            (Strings::Called, Some(encoder)) => {
                let encoded = protocol::call1(&encoder, string)?;
                match encoded.downcast::<Str>() {
                    Some(encoded) => out.push(encoded),
                    None => Err(raise!(TypeError, "encoder() must return a string, not {}", encoded.ty().full_name())),
                }
            }
            (Strings::Called, None) => Ok(()),
        }
    }

    /// A double as JSON, or as JavaScript where it is no number.
    fn float_text(&self, value: f64) -> Result<Ref<Str>, Raised> {
        if value.is_finite() {
            return habu_runtime::types::float::format::repr(value);
        }
        if !self.allow_nan {
            return Err(raise!(ValueError, "Out of range float values are not JSON compliant"));
        }
        Str::intern(match value {
            _ if value.is_nan() => "NaN",
            _ if value > 0.0 => "Infinity",
            _ => "-Infinity",
        })
    }

    fn write_value(&self, out: &mut StrBuilder, object: &Object) -> Result<(), Raised> {
        if is_none(object) {
            return out.push_ascii("null");
        }
        if let Some(truth) = object.downcast::<Bool>() {
            return out.push_ascii(if truth.value() { "true" } else { "false" });
        }
        if let Some(string) = object.downcast::<Str>() {
            return self.write_string(out, string);
        }
        if let Some(number) = object.downcast::<Int>() {
            return out.push(&*habu_runtime::types::int::text::repr(number)?);
        }
        if let Some(number) = object.downcast::<Float>() {
            return out.push(&*self.float_text(number.value())?);
        }
        let _depth = NativeCall::enter(" while encoding a JSON object")?;
        if object.isinstance::<List>() || object.isinstance::<Tuple>() {
            return self.write_list(out, object);
        }
        if let Some(dict) = object.downcast::<Dict>() {
            return self.write_dict(out, dict);
        }
        let marked = self.mark(object)?;
        let Some(default) = self.default.get() else { return Ok(()) };
        let replacement = protocol::call1(&default, object)?;
        self.write_value(out, &replacement)?;
        marked.done()
    }

    fn separator(field: &Field<Str>, out: &mut StrBuilder) -> Result<(), Raised> {
        field.get().map_or(Ok(()), |separator| out.push(&separator))
    }

    fn write_list(&self, out: &mut StrBuilder, list: &Object) -> Result<(), Raised> {
        // What is there now: writing an item may run code that changes the list.
        let item_at = |index: usize| match list.downcast::<List>() {
            Some(list) => list.get(index),
            None => list.downcast::<Tuple>().and_then(|tuple| tuple.get(index)),
        };
        let Some(mut item) = item_at(0) else { return out.push_ascii("[]") };
        let marked = self.mark(list)?;
        out.push_ascii("[")?;
        let mut index = 0;
        loop {
            self.write_value(out, &item)?;
            index += 1;
            match item_at(index) {
                Some(next) => item = next,
                None => break,
            }
            Encoder::separator(&self.item_separator, out)?;
        }
        marked.done()?;
        out.push_ascii("]")
    }

    /// A key as a string; nothing for one to skip.
    fn key_text(&self, key: &Object) -> Result<Option<Ref<Str>>, Raised> {
        if let Some(string) = key.downcast::<Str>() {
            return Ok(Some(Ref::from_borrowed(string)));
        }
        if let Some(number) = key.downcast::<Float>() {
            return self.float_text(number.value()).map(Some);
        }
        if is_none(key) {
            return Str::intern("null").map(Some);
        }
        if let Some(truth) = key.downcast::<Bool>() {
            return Str::intern(if truth.value() { "true" } else { "false" }).map(Some);
        }
        if let Some(number) = key.downcast::<Int>() {
            return habu_runtime::types::int::text::repr(number).map(Some);
        }
        if self.skipkeys.get() {
            return Ok(None);
        }
        let name = key.ty().full_name();
        Err(raise!(TypeError, "keys must be str, int, float, bool or None, not {name}"))
    }

    fn write_dict(&self, out: &mut StrBuilder, dict: &Dict) -> Result<(), Raised> {
        if dict.len() == 0 {
            return out.push_ascii("{}");
        }
        let marked = self.mark(dict)?;
        out.push_ascii("{")?;
        let items = protocol::mapping::items(dict)?;
        if self.sort_keys.get() {
            protocol::call_method(&items, &*Str::intern("sort")?, &[])?;
        }
        let (mut first, mut at) = (true, 0);
        while let Some(item) = items.get(at) {
            at += 1;
            let pair = item.downcast::<Tuple>().map(Tuple::as_slice);
            let Some([key, value]) = pair else {
                return Err(raise!(ValueError, "items must return 2-tuples"));
            };
            let Some(key) = self.key_text(key)? else { continue };
            if !std::mem::replace(&mut first, false) {
                Encoder::separator(&self.item_separator, out)?;
            }
            self.write_string(out, &key)?;
            Encoder::separator(&self.key_separator, out)?;
            self.write_value(out, value)?;
        }
        marked.done()?;
        out.push_ascii("}")
    }
}

#[pymethods(members = MEMBERS)]
impl Encoder {
    #[slot(tp_new)]
    #[called("make_encoder")]
    #[varargs]
    #[signature(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)]
    #[allow(clippy::too_many_arguments)]
    fn new(
        cls: &Type,
        markers: &Object,
        default: &Object,
        encoder: &Object,
        indent: &Object,
        key_separator: &Object,
        item_separator: &Object,
        sort_keys: bool,
        skipkeys: bool,
        allow_nan: bool,
    ) -> Result<Ref<Encoder>, Raised> {
        let separator = |position: usize, object: &Object| match object.downcast::<Str>() {
            Some(text) => Ok(Ref::from_borrowed(text)),
            None => Err(raise!(
                TypeError,
                "make_encoder() argument {position} must be str, not {}",
                object.ty().full_name()
            )),
        };
        let (key_separator, item_separator) = (separator(5, key_separator)?, separator(6, item_separator)?);
        if !is_none(markers) && !markers.isinstance::<Dict>() {
            return Err(raise!(
                TypeError,
                "make_encoder() argument 1 must be dict or None, not {}",
                markers.ty().full_name()
            ));
        }
        let is_kept = |name: &str| Ok::<_, Raised>(state::get(name)?.is_some_and(|kept| kept.is(encoder)));
        let strings = match (is_kept(ASCII)?, is_kept(PLAIN)?) {
            (true, _) => Strings::Ascii,
            (_, true) => Strings::Plain,
            _ => Strings::Called,
        };
        instantiate(
            cls,
            Encoder {
                base: Object::of::<Encoder>(),
                markers: Field::new(markers.to_ref()),
                default: Field::new(default.to_ref()),
                encoder: Field::new(encoder.to_ref()),
                indent: Field::new(indent.to_ref()),
                key_separator: Field::new(key_separator),
                item_separator: Field::new(item_separator),
                sort_keys: Cell::new(sort_keys),
                skipkeys: Cell::new(skipkeys),
                allow_nan,
                strings,
                room: Room::new(),
            },
        )
    }

    #[slot(tp_call)]
    fn call(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        let [object, _level] = two_arguments("_iterencode", ["obj", "_current_indent_level"], args, kwargs)?;
        let mut out = StrBuilder::new();
        self.write_value(&mut out, &object)?;
        let list = List::new()?;
        list.push(out.finish()?.into_object())?;
        Ok(list.into_object())
    }
}
