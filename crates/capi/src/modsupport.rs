//! `modsupport.h`: parsing arguments (`PyArg_Parse*`), unpacking them, and checks that Argument Clinic's functions use.

use std::borrow::Cow;
use std::ffi::{c_char, c_int};

use habu_runtime::exceptions::{exc, raise_with_arguments};
use habu_runtime::object::protocol::TextBuilder;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use crate::border::*;
use crate::getargs::{Arguments, Refused, Units, refuse, skip, skip_places, tuple};
use crate::getargs_plain;

pub(crate) use crate::build_value::build_arguments;

/// What a format says beside its units.
struct Format<'a> {
    units: &'a [u8],
    function: Option<Cow<'a, str>>,
    message: Option<Cow<'a, str>>,
    least: usize,
    most: usize,
    /// How many may be given by position.
    positional: usize,
}

impl<'a> Format<'a> {
    /// Splits a format: units, then `:name` or `;message`.
    fn read(text: &'a [u8]) -> Result<Format<'a>, Raised> {
        let end = text.iter().position(|byte| matches!(byte, b':' | b';')).unwrap_or(text.len());
        let tail = text.get(end + 1..).map(String::from_utf8_lossy);
        let is_name = text.get(end) == Some(&b':');
        let (mut least, mut positional, mut count) = (None, None, 0);
        let mut units = Units { rest: &text[..end], clean: true };
        while !units.rest.is_empty() {
            match units.peek() {
                b'|' => {
                    units.next();
                    if positional.is_some() {
                        return Err(raise!(SystemError, "Invalid format string ($ before |)"));
                    }
                    if least.replace(count).is_some() {
                        return Err(raise!(SystemError, "Invalid format string (| specified twice)"));
                    }
                }
                b'$' => {
                    units.next();
                    if positional.replace(count).is_some() {
                        return Err(raise!(SystemError, "Invalid format string ($ specified twice)"));
                    }
                }
                _ => {
                    // What no format has is told when its argument comes.
                    if skip(&mut units).is_err() {
                        units.next();
                    }
                    count += 1;
                }
            }
        }
        let (function, message) = if is_name { (tail, None) } else { (None, tail) };
        Ok(Format {
            units: &text[..end],
            function,
            message,
            least: least.unwrap_or(count),
            most: count,
            positional: positional.unwrap_or(count),
        })
    }

    /// The function's name with parentheses, or "function".
    fn shown(&self) -> Shown<'_> {
        Shown(self.function.as_deref())
    }

    fn refuse(&self, refused: Refused, index: usize) -> Raised {
        refuse(refused, self.function.as_deref(), self.message.as_deref(), index)
    }
}

/// A function's name with parentheses, or "function".
#[derive(Clone, Copy)]
struct Shown<'a>(Option<&'a str>);

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(name) => write!(f, "{name}()"),
            None => f.write_str("function"),
        }
    }
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// Converts arguments that are given by position.
fn parse(args: &[&Object], format: Text, list: &mut VaList, clean: bool) -> Result<(), Raised> {
    if getargs_plain::parse(args, format, std::ptr::null(), list) {
        return Ok(());
    }
    parse_any(args, format, list, clean)
}

/// As `parse`, with all that formats have.
#[cold]
fn parse_any(args: &[&Object], format: Text, list: &mut VaList, clean: bool) -> Result<(), Raised> {
    let format = Format::read(format.bytes())?;
    let count = args.len();
    if count < format.least || count > format.most {
        if let Some(message) = &format.message {
            return Err(raise!(TypeError, "{message}"));
        }
        let (word, expected) = match () {
            () if format.least == format.most => ("exactly", format.least),
            () if count < format.least => ("at least", format.least),
            () => ("at most", format.most),
        };
        let shown = format.shown();
        return Err(if format.most == 0 {
            raise!(TypeError, "{shown} takes no arguments")
        } else {
            raise!(TypeError, "{shown} takes {word} {expected} argument{} ({count} given)", plural(expected))
        });
    }
    let mut arguments = Arguments::new();
    let mut units = Units { rest: format.units, clean };
    for (index, argument) in args.iter().enumerate() {
        if units.peek() == b'|' {
            units.next();
        }
        arguments.item(argument, &mut units, list).map_err(|refused| format.refuse(refused, index + 1))?;
    }
    arguments.keep();
    Ok(())
}

/// Converts one object (`PyArg_Parse`).
fn parse_one(object: Option<&Object>, format: Text, list: &mut VaList, clean: bool) -> Result<(), Raised> {
    let format = Format::read(format.bytes())?;
    let mut units = Units { rest: format.units, clean };
    let Some(object) = object.filter(|_| format.most == 1) else {
        return Err(raise!(SystemError, "old style getargs format uses new features"));
    };
    let mut arguments = Arguments::new();
    arguments.item(object, &mut units, list).map_err(|refused| format.refuse(refused, 0))?;
    arguments.keep();
    Ok(())
}

/// The named arguments of a call: a dictionary, or names with values in a row.
enum Named<'a> {
    Dict(&'a Dict),
    Row(&'a Tuple, &'a [&'a Object]),
    None,
}

impl Named<'_> {
    fn len(&self) -> usize {
        match self {
            Named::Dict(dict) => dict.len(),
            Named::Row(names, _) => names.len(),
            Named::None => 0,
        }
    }

    fn find(&self, name: &Str) -> Result<Option<Ref>, Raised> {
        match self {
            Named::Dict(dict) => dict.get(name),
            Named::Row(names, values) => {
                let at = names
                    .as_slice()
                    .iter()
                    .position(|given| given.downcast::<Str>().is_some_and(|given| given.same_text(name)));
                Ok(at.and_then(|at| values.get(at)).map(|value| value.to_ref()))
            }
            Named::None => Ok(None),
        }
    }

    /// The first name that is not among `known`.
    fn unexpected(&self, known: impl Fn(&Str) -> bool) -> Result<Option<Ref>, Raised> {
        let check = |name: &Object| match name.downcast::<Str>() {
            Some(text) => Ok((!known(text)).then(|| name.to_ref())),
            None => Err(raise!(TypeError, "keywords must be strings")),
        };
        match self {
            Named::Dict(dict) => {
                let mut at = 0;
                while let Some((name, _)) = dict.next_item(&mut at) {
                    if let Some(name) = check(&name)? {
                        return Ok(Some(name));
                    }
                }
            }
            Named::Row(names, _) => {
                for name in names.as_slice() {
                    if let Some(name) = check(name)? {
                        return Ok(Some(name));
                    }
                }
            }
            Named::None => {}
        }
        Ok(None)
    }
}

/// Refuses a name whose argument is given by position too.
fn refuse_twice(
    named: &Named<'_>,
    names: &[&[u8]],
    given: std::ops::Range<usize>,
    shown: Shown<'_>,
) -> Result<(), Raised> {
    for (index, name) in names.iter().enumerate().take(given.end).skip(given.start) {
        if named.find(&*utf8(name)?)?.is_some() {
            let (name, place) = (String::from_utf8_lossy(name), index + 1);
            return Err(raise!(TypeError, "argument for {shown} given by name ('{name}') and position ({place})"));
        }
    }
    Ok(())
}

/// What is wrong with names of which some are left over: one that no parameter has, or one that looks as if it were known, but its hash or its
/// comparison says otherwise.
#[cold]
fn unexpected_name(named: &Named<'_>, names: &[&[u8]], function: &str) -> Raised {
    let known = |given: &Str| names.iter().any(|name| given.equals(&String::from_utf8_lossy(name)));
    match named.unexpected(known) {
        Ok(Some(name)) => match invalid_name(&name, function) {
            Ok(message) => raise_with_arguments(exc::TypeError(), &[&message]),
            Err(raised) => raised,
        },
        Ok(None) => raise!(TypeError, "invalid keyword argument for {function}"),
        Err(raised) => raised,
    }
}

/// The message about a name, which may have characters that UTF-8 has not.
fn invalid_name(name: &Object, function: &str) -> Result<Ref<Str>, Raised> {
    let mut out = TextBuilder::new();
    out.push_ascii("'")?;
    out.push(&*protocol::str(name)?)?;
    out.push(&*Str::new(&format!("' is an invalid keyword argument for {function}"))?)?;
    out.finish()
}

/// The names of parameters: C strings up to a null; empty ones are for positions only.
fn keywords<'a>(list: *const Text) -> Vec<&'a [u8]> {
    let mut names = vec![];
    if list.is_null() {
        return names;
    }
    // SAFETY: the list ends with null.
    unsafe {
        let mut at = list;
        while !(*at).is_null() {
            names.push((*at).bytes());
            at = at.add(1);
        }
    }
    names
}

/// Converts arguments that are given by position or name.
fn parse_named(
    args: &[&Object],
    named: &Named<'_>,
    format: Text,
    names: *const Text,
    list: &mut VaList,
    clean: bool,
) -> Result<(), Raised> {
    if named.len() == 0 && getargs_plain::parse(args, format, names, list) {
        return Ok(());
    }
    parse_any_named(args, named, format, &keywords(names), list, clean)
}

/// As `parse_named`, with all that formats have.
fn parse_any_named(
    args: &[&Object],
    named: &Named<'_>,
    format: Text,
    names: &[&[u8]],
    list: &mut VaList,
    clean: bool,
) -> Result<(), Raised> {
    let format = Format::read(format.bytes())?;
    let (count, given) = (args.len(), named.len());
    let positional_only = names.iter().take_while(|name| name.is_empty()).count();
    let shown = format.shown();
    let function = || match &format.function {
        Some(name) => format!("{name}()"),
        None => "this function".to_owned(),
    };
    if count + given > names.len() {
        let kind = if count == 0 { "keyword " } else { "" };
        return Err(raise!(
            TypeError,
            "{shown} takes at most {} {kind}argument{} ({} given)",
            names.len(),
            plural(names.len()),
            count + given
        ));
    }
    if count > format.positional {
        if format.positional == 0 {
            return Err(raise!(TypeError, "{shown} takes no positional arguments"));
        }
        let word = if format.positional.min(format.least) < format.positional { "at most" } else { "exactly" };
        let most = format.positional;
        return Err(raise!(
            TypeError,
            "{shown} takes {word} {most} positional argument{} ({count} given)",
            plural(most)
        ));
    }
    if names.iter().skip(positional_only).any(|name| name.is_empty()) {
        return Err(raise!(SystemError, "Empty keyword parameter name"));
    }
    if positional_only > format.positional && format.positional < format.most {
        return Err(raise!(SystemError, "Empty parameter name after $"));
    }
    let mut arguments = Arguments::new();
    let mut units = Units { rest: format.units, clean };
    let mut left = given;
    for (index, name) in names.iter().enumerate() {
        while matches!(units.peek(), b'|' | b'$') {
            units.next();
        }
        if index >= format.most {
            return Err(raise!(
                SystemError,
                "more keyword list entries ({}) than format specifiers ({})",
                names.len(),
                format.most
            ));
        }
        if left == 0 && index >= count && index >= format.least {
            // Nothing is left to convert; what the format says beyond is not looked at.
            arguments.keep();
            return Ok(());
        }
        let mut current = args.get(index).map(|argument| argument.to_ref());
        if index >= count && left > 0 && index >= positional_only {
            current = named.find(&*utf8(name)?)?;
            left -= usize::from(current.is_some());
        }
        match current {
            Some(argument) => {
                arguments.item(&argument, &mut units, list).map_err(|refused| format.refuse(refused, index + 1))?;
            }
            None if index < format.least => {
                if index < positional_only {
                    let least = positional_only.min(format.least);
                    let word = if least < format.positional { "at least" } else { "exactly" };
                    return Err(raise!(
                        TypeError,
                        "{shown} takes {word} {least} positional argument{} ({count} given)",
                        plural(least)
                    ));
                }
                return Err(raise!(
                    TypeError,
                    "{shown} missing required argument '{}' (pos {})",
                    String::from_utf8_lossy(name),
                    index + 1
                ));
            }
            None => {
                let rest = units.rest;
                skip_places(&mut units, list).map_err(|refused| match refused {
                    Refused::Format(text) => raise!(SystemError, "{text}: '{}'", String::from_utf8_lossy(rest)),
                    other => format.refuse(other, index + 1),
                })?;
            }
        }
    }
    if !units.at_end() && !matches!(units.peek(), b'|' | b'$') {
        let rest = String::from_utf8_lossy(units.rest);
        return Err(raise!(
            SystemError,
            "more argument specifiers than keyword list entries (remaining format:'{rest}')"
        ));
    }
    if left > 0 {
        refuse_twice(named, names, positional_only..count, shown)?;
        return Err(unexpected_name(named, &names[positional_only..], &function()));
    }
    arguments.keep();
    Ok(())
}

/// The named arguments in a dictionary.
fn named(kwargs: Option<&Object>) -> Result<Named<'_>, Raised> {
    match kwargs {
        None => Ok(Named::None),
        Some(kwargs) => Ok(Named::Dict(expect::<Dict>(kwargs)?)),
    }
}

fn done(result: Result<(), Raised>) -> c_int {
    c_int::from(result.is_ok())
}

/// `_PyArg_ParseTuple_SizeT`; with `CLEAN` false `PyArg_ParseTuple`, whose callers did not define `PY_SSIZE_T_CLEAN`.
unsafe extern "C" fn parse_tuple<const CLEAN: bool>(args: Option<&Object>, format: Text, list: &mut VaList) -> c_int {
    done(tuple(args).and_then(|args| parse(args.as_borrowed_slice(), format, list, CLEAN)))
}

/// `PyArg_Parse`
unsafe extern "C" fn parse_object<const CLEAN: bool>(
    object: Option<&Object>,
    format: Text,
    list: &mut VaList,
) -> c_int {
    done(parse_one(object, format, list, CLEAN))
}

/// `PyArg_ParseTupleAndKeywords`
unsafe extern "C" fn parse_tuple_and_keywords<const CLEAN: bool>(
    args: Option<&Object>,
    kwargs: Option<&Object>,
    format: Text,
    names: *const Text,
    list: &mut VaList,
) -> c_int {
    let mut parse = || parse_named(tuple(args)?.as_borrowed_slice(), &named(kwargs)?, format, names, list, CLEAN);
    done(parse())
}

/// `_PyArg_ParseStack`
unsafe extern "C" fn parse_stack(args: *const &'static Object, count: isize, format: Text, list: &mut VaList) -> c_int {
    done(parse(items(args.cast(), count.max(0) as usize), format, list, true))
}

/// What Argument Clinic keeps of a function's parameters (`_PyArg_Parser`).
#[repr(C)]
pub struct Parser {
    format: Text,
    keywords: *const Text,
    function: Text,
    custom_message: Text,
    pos: c_int,
    min: c_int,
    max: c_int,
    kwtuple: *mut Object,
    next: *mut Parser,
}

/// `_PyArg_ParseStackAndKeywords`
unsafe extern "C" fn parse_stack_and_keywords(
    args: *const &'static Object,
    count: isize,
    names: Option<&Tuple>,
    parser: &Parser,
    list: &mut VaList,
) -> c_int {
    let count = count.max(0) as usize;
    let all: &[&Object] = items(args.cast(), count + names.map_or(0, Tuple::len));
    let named = match names {
        Some(names) => Named::Row(names, &all[count..]),
        None => Named::None,
    };
    done(parse_named(&all[..count], &named, parser.format, parser.keywords, list, true))
}

/// `_PyArg_ParseTupleAndKeywordsFast`
unsafe extern "C" fn parse_fast(
    args: Option<&Object>,
    kwargs: Option<&Object>,
    parser: &Parser,
    list: &mut VaList,
) -> c_int {
    let mut parse =
        || parse_named(tuple(args)?.as_borrowed_slice(), &named(kwargs)?, parser.format, parser.keywords, list, true);
    done(parse())
}

/// Stores arguments one by one (`PyArg_UnpackTuple`).
fn unpack(args: &[&Object], name: Text, least: isize, most: isize, list: &mut VaList) -> Result<(), Raised> {
    check_count(name, args.len() as isize, least, most)?;
    for argument in args {
        list.out::<Borrowed>().set(*argument);
    }
    Ok(())
}

fn check_count(name: Text, count: isize, least: isize, most: isize) -> Result<(), Raised> {
    let shown =
        if name.is_null() { "unpacked tuple should have ".to_owned() } else { format!("{} expected ", name.lossy()) };
    let tail = |bound: isize| {
        let plural = plural(bound as usize);
        if name.is_null() {
            format!("{bound} element{plural}, but has {count}")
        } else {
            format!("{bound} argument{plural}, got {count}")
        }
    };
    if count < least {
        let word = if least == most { "" } else { "at least " };
        return Err(raise!(TypeError, "{shown}{word}{}", tail(least)));
    }
    if count > most {
        let word = if least == most { "" } else { "at most " };
        return Err(raise!(TypeError, "{shown}{word}{}", tail(most)));
    }
    Ok(())
}

/// `PyArg_UnpackTuple`
unsafe extern "C" fn unpack_tuple(
    args: Option<&Object>,
    name: Text,
    least: isize,
    most: isize,
    list: &mut VaList,
) -> c_int {
    let Some(args) = args.and_then(Object::downcast::<Tuple>) else {
        let _ = raise!(SystemError, "PyArg_UnpackTuple() argument list is not a tuple");
        return 0;
    };
    done(unpack(args.as_borrowed_slice(), name, least, most, list))
}

/// `_PyArg_UnpackStack`
unsafe extern "C" fn unpack_stack(
    args: *const &'static Object,
    count: isize,
    name: Text,
    least: isize,
    most: isize,
    list: &mut VaList,
) -> c_int {
    done(unpack(items(args.cast(), count.max(0) as usize), name, least, most, list))
}

/// Puts arguments into the order of parameters (`_PyArg_UnpackKeywords`).
fn unpack_keywords(
    args: &[&Object],
    named: &Named<'_>,
    parser: &Parser,
    bounds: [usize; 3],
    out: *mut Borrowed,
) -> Result<(), Raised> {
    let [least_positional, most_positional, least_named] = bounds;
    let names = keywords(parser.keywords);
    let positional_only = names.iter().take_while(|name| name.is_empty()).count();
    let function = match parser.function.is_null() {
        false => Some(parser.function.lossy()),
        true => Format::read(parser.format.bytes()).ok().and_then(|format| format.function),
    };
    let shown = Shown(function.as_deref());
    let (count, mut left) = (args.len(), named.len());
    if count + left > names.len() {
        let kind = if count == 0 { "keyword " } else { "" };
        return Err(raise!(
            TypeError,
            "{shown} takes {} {} {kind}argument{} ({} given)",
            if names.is_empty() { "no" } else { "at most" },
            names.len(),
            plural(names.len()),
            count + left
        ));
    }
    if count > most_positional {
        if most_positional == 0 {
            return Err(raise!(TypeError, "{shown} takes no positional arguments"));
        }
        let word = if least_positional < most_positional { "at most" } else { "exactly" };
        return Err(raise!(
            TypeError,
            "{shown} takes {word} {most_positional} positional argument{} ({count} given)",
            plural(most_positional)
        ));
    }
    let least_only = positional_only.min(least_positional);
    if count < least_only {
        let word = if least_only < most_positional { "at least" } else { "exactly" };
        return Err(raise!(
            TypeError,
            "{shown} takes {word} {least_only} positional argument{} ({count} given)",
            plural(least_only)
        ));
    }
    let required = if least_named > 0 { most_positional + least_named } else { least_positional };
    for (index, name) in names.iter().enumerate() {
        let mut current = args.get(index).map_or(NULL, |argument| std::ptr::from_ref::<Object>(argument));
        if index >= count && index >= positional_only {
            if left > 0
                && let Some(value) = named.find(&*utf8(name)?)?
            {
                current = borrow(&value);
                left -= 1;
            }
            if current.is_null() && (index < least_positional || (most_positional <= index && index < required)) {
                return Err(raise!(
                    TypeError,
                    "{shown} missing required argument '{}' (pos {})",
                    String::from_utf8_lossy(name),
                    index + 1
                ));
            }
        }
        // SAFETY: the caller gives room for all parameters.
        unsafe { out.add(index).write(current) };
    }
    if left > 0 {
        refuse_twice(named, &names, positional_only..count, shown)?;
        let shown = function.map_or_else(|| "this function".to_owned(), |name| format!("{name}()"));
        return Err(unexpected_name(named, &names[positional_only..], &shown));
    }
    Ok(())
}

export! {
    fn PyArg_VaParse(args: Option<&Object>, format: Text, list: &mut VaList) -> c_int {
        done(tuple(args).and_then(|args| parse(args.as_borrowed_slice(), format, list, false)))
    }
    fn _PyArg_VaParse_SizeT(args: Option<&Object>, format: Text, list: &mut VaList) -> c_int {
        done(tuple(args).and_then(|args| parse(args.as_borrowed_slice(), format, list, true)))
    }
    fn PyArg_VaParseTupleAndKeywords(args: Option<&Object>, kwargs: Option<&Object>, format: Text, names: *const Text, list: &mut VaList) -> c_int {
        // SAFETY: as for this function.
        unsafe { parse_tuple_and_keywords::<false>(args, kwargs, format, names, list) }
    }
    fn _PyArg_VaParseTupleAndKeywords_SizeT(args: Option<&Object>, kwargs: Option<&Object>, format: Text, names: *const Text, list: &mut VaList) -> c_int {
        // SAFETY: as for this function.
        unsafe { parse_tuple_and_keywords::<true>(args, kwargs, format, names, list) }
    }
    fn PyArg_ValidateKeywordArguments(kwargs: &Object) => c_int {
        let kwargs = expect::<Dict>(kwargs)?;
        let mut at = 0;
        while let Some((name, _)) = kwargs.next_item(&mut at) {
            if !name.isinstance::<Str>() {
                let _ = raise!(TypeError, "keywords must be strings");
                return Ok(false);
            }
        }
        Ok(true)
    }
    fn _PyArg_UnpackKeywords(args: *const &'static Object, count: isize, kwargs: Option<&Object>, names: Option<&Tuple>, parser: &Parser, least_positional: c_int, most_positional: c_int, least_named: c_int, out: *mut Borrowed) => *const Borrowed {
        let count = count.max(0) as usize;
        let all: &[&Object] = items(args.cast(), count + names.map_or(0, Tuple::len));
        let named = match names {
            Some(names) => Named::Row(names, &all[count..]),
            None => named(kwargs)?,
        };
        let bounds = [least_positional, most_positional, least_named].map(|bound| bound.max(0) as usize);
        unpack_keywords(&all[..count], &named, parser, bounds, out)?;
        Ok(out.cast_const())
    }
    fn _PyArg_UnpackKeywordsWithVararg(args: *const &'static Object, count: isize, kwargs: Option<&Object>, names: Option<&Tuple>, parser: &Parser, least_positional: c_int, most_positional: c_int, least_named: c_int, vararg: c_int, out: *mut Borrowed) => *const Borrowed {
        let count = count.max(0) as usize;
        let all: &[&Object] = items(args.cast(), count + names.map_or(0, Tuple::len));
        let named = match names {
            Some(names) => Named::Row(names, &all[count..]),
            None => named(kwargs)?,
        };
        let bounds = [least_positional, most_positional, least_named].map(|bound| bound.max(0) as usize);
        let vararg = vararg.max(0) as usize;
        let (first, rest) = all[..count].split_at(vararg.min(count));
        let places = keywords(parser.keywords).len();
        let mut found = vec![NULL; places];
        unpack_keywords(first, &named, parser, bounds, found.as_mut_ptr())?;
        let rest = Tuple::from_borrowed(rest)?.into_object();
        for (index, value) in found.into_iter().enumerate() {
            // SAFETY: the caller gives room for all parameters and the tuple.
            unsafe { out.add(index + usize::from(index >= vararg)).write(value) };
        }
        // SAFETY: as above; the caller takes the reference over.
        unsafe { out.add(vararg).write(own(Some(rest))) };
        Ok(out.cast_const())
    }
    fn _PyArg_CheckPositional(name: Text, count: isize, least: isize, most: isize) -> c_int {
        done(check_count(name, count, least, most))
    }
    fn _PyArg_NoKeywords(name: Text, kwargs: Option<&Object>) => c_int {
        match kwargs.and_then(Object::downcast::<Dict>) {
            Some(kwargs) if kwargs.len() > 0 => {
                let _ = raise!(TypeError, "{}() takes no keyword arguments", name.lossy());
                Ok(false)
            }
            _ => Ok(true),
        }
    }
    fn _PyArg_NoKwnames(name: Text, names: Option<&Tuple>) -> c_int {
        if names.is_some_and(|names| names.len() > 0) {
            let _ = raise!(TypeError, "{}() takes no keyword arguments", name.lossy());
            return 0;
        }
        1
    }
    fn _PyArg_NoPositional(name: Text, args: Option<&Object>) -> c_int {
        match args.and_then(Object::downcast::<Tuple>) {
            Some(args) if args.len() > 0 => {
                let _ = raise!(TypeError, "{}() takes no positional arguments", name.lossy());
                0
            }
            _ => 1,
        }
    }
    fn _PyArg_BadArgument(function: Text, shown: Text, expected: Text, argument: &Object) -> () {
        let got = if argument.is(&habu_runtime::types::none()) { "None" } else { argument.ty().full_name() };
        let _ = raise!(
            TypeError, "{}() {} must be {}, not {got}", function.lossy(), shown.lossy(), expected.lossy()
        );
    }
    fn PyOS_mystricmp(left: Text, right: Text) -> c_int {
        left.bytes().to_ascii_lowercase().cmp(&right.bytes().to_ascii_lowercase()) as c_int
    }
    fn PyOS_mystrnicmp(left: Text, right: Text, most: isize) -> c_int {
        let cut = |text: Text| text.bytes().iter().take(most.max(0) as usize).map(u8::to_ascii_lowercase).collect::<Vec<_>>();
        cut(left).cmp(&cut(right)) as c_int
    }
    fn PyOS_vsnprintf(out: *mut c_char, size: usize, format: Text, list: &mut VaList) -> c_int {
        // SAFETY: the caller gives room and arguments that fit the format.
        unsafe { snprintf(out, size, format, list) }
    }
}

unsafe extern "C" {
    fn vsnprintf(out: *mut c_char, size: usize, format: *const c_char, list: *mut VaList) -> c_int;
}

/// `PyOS_snprintf`
unsafe extern "C" fn snprintf(out: *mut c_char, size: usize, format: Text, list: &mut VaList) -> c_int {
    if size == 0 || size > c_int::MAX as usize - 512 {
        return -666;
    }
    // SAFETY: as for this function.
    unsafe {
        let count = vsnprintf(out, size, format.0, list);
        out.add(size - 1).write(0);
        count
    }
}

variadic! {
    PyArg_ParseTuple fixed 2 => parse_tuple::<false>;
    _PyArg_ParseTuple_SizeT fixed 2 => parse_tuple::<true>;
    PyArg_Parse fixed 2 => parse_object::<false>;
    _PyArg_Parse_SizeT fixed 2 => parse_object::<true>;
    PyArg_ParseTupleAndKeywords fixed 4 => parse_tuple_and_keywords::<false>;
    _PyArg_ParseTupleAndKeywords_SizeT fixed 4 => parse_tuple_and_keywords::<true>;
    _PyArg_ParseStack fixed 3 => parse_stack;
    _PyArg_ParseStack_SizeT fixed 3 => parse_stack;
    _PyArg_ParseStackAndKeywords fixed 4 => parse_stack_and_keywords;
    _PyArg_ParseStackAndKeywords_SizeT fixed 4 => parse_stack_and_keywords;
    _PyArg_ParseTupleAndKeywordsFast fixed 3 => parse_fast;
    _PyArg_ParseTupleAndKeywordsFast_SizeT fixed 3 => parse_fast;
    PyArg_UnpackTuple fixed 4 => unpack_tuple;
    _PyArg_UnpackStack fixed 5 => unpack_stack;
    PyOS_snprintf fixed 3 => snprintf;
}
