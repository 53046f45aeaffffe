//! `pyerrors.h`: raising, fetching and restoring exceptions.

use std::ffi::{c_char, c_int, c_void};

use habu_modules::faulthandler::fatal;
use habu_runtime::exceptions::report;
use habu_runtime::exceptions::unicode_error::UnicodeErrorFields;
use habu_runtime::exceptions::{self, BaseException, exc, is_exception_class, matches, os_error};
use habu_runtime::object::{Field, Object, PyType, Raised, Ref, Type, protocol};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::threads::raised_triple::normalize;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::none;
use habu_runtime::types::str::{Str, codecs};
use habu_runtime::types::traceback::Traceback;
use habu_runtime::types::tuple::Tuple;

use crate::border::*;
use crate::format::format;

/// Raises a class with a value that may be its argument, its arguments or an instance; an instance is made only when it is needed.
pub(crate) fn set(kind: &Object, value: Option<Ref>) -> Raised {
    if !is_exception_class(kind) {
        return match protocol::repr(kind) {
            Ok(shown) => raise!(SystemError, "_PyErr_SetObject: exception {shown} is not a BaseException subclass"),
            Err(raised) => raised,
        };
    }
    let thread = Thread::current();
    if thread.handled_exception().is_some() {
        drop(thread.take_exception());
        let exception = normalize(kind, value);
        habu_runtime::eval::set_context(&exception);
        return thread.set_exception(exception);
    }
    thread.raised.put(Some(kind.to_ref()), value, None);
    Raised::set()
}

/// Raises a class with a text.
fn set_text(kind: &Object, text: Result<Ref<Str>, Raised>) -> Raised {
    match text {
        Ok(text) => set(kind, Some(text.into_object())),
        Err(raised) => raised,
    }
}

/// A class of exceptions that C names, or the one that is a Python object.
fn class(kind: &Object) -> &Type {
    kind.downcast::<Type>().unwrap_or_else(|| exc::SystemError())
}

/// Raises an OSError, or another class called in the same way, from `errno`.
fn from_errno(kind: &Object, filename: Option<&Object>, other: Option<&Object>) -> Raised {
    // SAFETY: errno is this thread's.
    let errno = unsafe { *libc::__errno_location() };
    if errno == libc::EINTR && crate::ceval::check_signals().is_err() {
        return Raised::set();
    }
    let arguments = || -> Result<Ref<Tuple>, Raised> {
        let number = Int::from_i64(i64::from(errno))?.into_object();
        let text = Str::new(&os_error::error_text(errno))?.into_object();
        match (filename, other) {
            (None, _) => Tuple::from_refs([number, text]),
            (Some(filename), None) => Tuple::from_refs([number, text, filename.to_ref()]),
            (Some(filename), Some(other)) => {
                let zero = Int::from_i64(0)?.into_object();
                Tuple::from_refs([number, text, filename.to_ref(), zero, other.to_ref()])
            }
        }
    };
    let made = arguments().and_then(|arguments| protocol::call_tuple(kind, &arguments, None));
    match made {
        Ok(exception) => exceptions::raise_object(exception),
        Err(raised) => raised,
    }
}

/// The fetched exception: type, value and traceback.
fn fetch() -> (Option<Ref>, Option<Ref>, Option<Ref>) {
    let thread = Thread::current();
    let (kind, value, traceback) = thread.raised.take_raw();
    let traceback = traceback.or_else(|| {
        let exception = value.as_deref().and_then(Object::downcast::<BaseException>)?;
        exception.traceback.get().map(Ref::into_object)
    });
    (kind, value, traceback)
}

/// Sets the three as C gives them.
fn restore(kind: Option<Ref>, value: Option<Ref>, traceback: Option<Ref>) {
    let traceback = traceback.filter(|traceback| traceback.isinstance::<Traceback>());
    if kind.is_some()
        && let Some(exception) = value.as_deref().and_then(Object::downcast::<BaseException>)
        && traceback.is_none()
    {
        exception.traceback.set(None);
    }
    Thread::current().raised.put(kind, value, traceback);
}

/// The fields that the three Unicode errors share.
fn unicode(exception: &Object) -> Result<&UnicodeErrorFields, Raised> {
    let kinds = [exc::UnicodeEncodeError(), exc::UnicodeDecodeError(), exc::UnicodeTranslateError()];
    if !kinds.iter().any(|kind| exception.ty().is_subtype(kind)) {
        return Err(raise!(TypeError, "expecting a UnicodeError object, got {}", exception.ty().full_name()));
    }
    // SAFETY: the three types have this layout.
    Ok(unsafe { &*std::ptr::from_ref(exception).cast() })
}

fn unicode_field(field: &Field, name: &str) -> Result<Ref, Raised> {
    field.get().ok_or_else(|| raise!(TypeError, "{name} attribute not set"))
}

/// The length of what a Unicode error is about.
fn unicode_length(fields: &UnicodeErrorFields) -> Result<isize, Raised> {
    let object = unicode_field(&fields.object, "object")?;
    protocol::length(&object).map(|length| length as isize)
}

/// Sets `__cause__` and `__context__` of a new exception to the one that was set.
fn from_cause(kind: &Object, text: Result<Ref<Str>, Raised>) -> Raised {
    let cause = Thread::current().take_exception();
    let text = match text {
        Ok(text) => text.into_object(),
        Err(raised) => return raised,
    };
    let exception = normalize(kind, Some(text));
    if let Some(cause) = cause {
        exception.context.set(Some(cause.clone()));
        exception.set_cause(Some(cause));
    }
    Thread::current().set_exception(exception)
}

/// Prints the exception that is set, if one is.
fn show() -> bool {
    let is_set = Thread::is_attached() && Thread::current().has_exception();
    if is_set {
        print(false);
    }
    is_set
}

/// Prints what is set, keeping `sys.last_type` and its like.
pub(crate) fn print(set_last: bool) {
    let thread = Thread::current();
    let Some(exception) = thread.take_exception() else { return };
    if exception.is_a(exc::SystemExit()) {
        let code = habu_modules::startup::finish::exit_code_of(thread.set_exception(exception));
        std::process::exit(code);
    }
    if set_last && let Some(sys) = thread.interpreter().sys_dict.get() {
        let traceback = exception.traceback.get().map_or_else(none, Ref::into_object);
        for (name, value) in [
            ("last_type", exception.type_ref().into_object()),
            ("last_value", exception.to_ref()),
            ("last_traceback", traceback),
        ] {
            if let Err(raised) = sys.set_str(name, &value) {
                raised.clear();
            }
        }
    }
    report::print_exception(&exception);
}

/// A new class of exceptions.
fn new_exception(name: Text, doc: Text, base: Option<&Object>, dict: Option<&Object>) -> New {
    let full = name.lossy();
    let Some((module, short)) = full.rsplit_once('.') else {
        return Err(raise!(SystemError, "PyErr_NewException: name must be module.class"));
    };
    let names = match dict {
        None => Dict::new()?,
        Some(dict) => expect::<Dict>(dict)?.copy()?,
    };
    if names.get_str("__module__")?.is_none() {
        names.set_str("__module__", &*Str::new(module)?)?;
    }
    if !doc.is_null() {
        names.set_str("__doc__", &*doc.to_str()?)?;
    }
    let bases = match base {
        None => Tuple::from_borrowed(&[exc::Exception()])?,
        Some(base) => match base.downcast::<Tuple>() {
            Some(bases) => Ref::from_borrowed(bases),
            None => Tuple::from_borrowed(&[base])?,
        },
    };
    protocol::call(Type::type_object(), &[&*Str::new(short)?, &bases, &names])
}

/// The exception that is being handled, as the three that older interfaces have.
fn handled() -> (Option<Ref>, Option<Ref>, Option<Ref>) {
    match Thread::current().handled_exception() {
        None => (None, None, None),
        Some(exception) => {
            let traceback = exception.traceback.get().map(Ref::into_object);
            (Some(exception.type_ref().into_object()), Some(exception.to_ref()), traceback)
        }
    }
}

/// Makes an exception the one that is being handled.
fn set_handled(exception: Option<&Object>) {
    let exception = exception.and_then(Object::downcast::<BaseException>).map(Ref::from_borrowed);
    Thread::current().handled_item().exception.set(exception);
}

fn warn(category: Option<&Object>, text: Result<Ref<Str>, Raised>, level: isize) -> Result<(), Raised> {
    let text = text?;
    let kind = category.and_then(Object::downcast::<Type>).unwrap_or_else(|| exc::RuntimeWarning());
    exceptions::warn(kind, format_args!("{text}"), level as i64)
}

export! {
    fn PyErr_SetNone(kind: &Object) -> () { let _ = set(kind, None); }
    fn PyErr_SetObject(kind: &Object, value: Option<&Object>) -> () { let _ = set(kind, take(value)); }
    fn PyErr_SetString(kind: &Object, text: Text) -> () { let _ = set_text(kind, utf8_replace(text.bytes())); }
    fn _PyErr_SetString(_thread: *const c_void, kind: &Object, text: Text) -> () {
        let _ = set_text(kind, utf8_replace(text.bytes()));
    }
    fn _PyErr_SetObject(_thread: *const c_void, kind: &Object, value: Option<&Object>) -> () { let _ = set(kind, take(value)); }
    fn _PyErr_SetKeyError(key: &Object) -> () { let _ = exceptions::raise_key_error(key); }
    fn PyErr_Occurred() -> Borrowed { Thread::current().raised.kind_pointer() }
    fn _PyErr_Occurred(thread: &Thread) -> Borrowed { thread.raised.kind_pointer() }
    fn PyErr_Clear() -> () { drop(Thread::current().raised.take_raw()); }
    fn _PyErr_Clear(thread: &Thread) -> () { drop(thread.raised.take_raw()); }
    fn PyErr_Fetch(kind: Out<*mut Object>, value: Out<*mut Object>, traceback: Out<*mut Object>) -> () {
        let (found_kind, found_value, found_traceback) = fetch();
        kind.give(found_kind);
        value.give(found_value);
        traceback.give(found_traceback);
    }
    fn _PyErr_Fetch(_thread: *const c_void, kind: Out<*mut Object>, value: Out<*mut Object>, traceback: Out<*mut Object>) -> () {
        // SAFETY: as for this function.
        unsafe { PyErr_Fetch(kind, value, traceback) }
    }
    fn PyErr_Restore(kind: Option<Ref>, value: Option<Ref>, traceback: Option<Ref>) -> () { restore(kind, value, traceback); }
    fn _PyErr_Restore(_thread: *const c_void, kind: Option<Ref>, value: Option<Ref>, traceback: Option<Ref>) -> () {
        restore(kind, value, traceback);
    }
    fn PyErr_NormalizeException(kind: Out<*mut Object>, value: Out<*mut Object>, _traceback: Out<*mut Object>) -> () {
        let Some(found_kind) = kind.take() else { return };
        let exception = normalize(&found_kind, value.take());
        kind.give(Some(exception.type_ref().into_object()));
        value.give(Some(exception.into_object()));
    }
    fn PyErr_GivenExceptionMatches(given: Option<&Object>, kind: Option<&Object>) -> c_int {
        match (given, kind) {
            (Some(given), Some(kind)) => c_int::from(matches(given, kind)),
            _ => 0,
        }
    }
    fn PyErr_ExceptionMatches(kind: &Object) -> c_int {
        let given = Thread::current().raised.kind();
        c_int::from(given.is_some_and(|given| matches(&given, kind)))
    }
    fn _PyErr_ExceptionMatches(_thread: *const c_void, kind: &Object) -> c_int {
        // SAFETY: as for this function.
        unsafe { PyErr_ExceptionMatches(kind) }
    }
    fn PyErr_GetExcInfo(kind: Out<*mut Object>, value: Out<*mut Object>, traceback: Out<*mut Object>) -> () {
        let (found_kind, found_value, found_traceback) = handled();
        kind.give(found_kind);
        value.give(found_value);
        traceback.give(found_traceback);
    }
    fn PyErr_SetExcInfo(kind: Option<Ref>, value: Option<Ref>, traceback: Option<Ref>) -> () {
        set_handled(value.as_deref());
        drop((kind, value, traceback));
    }
    fn PyErr_GetHandledException() -> Option<Ref> { handled().1 }
    fn PyErr_SetHandledException(exception: Option<&Object>) -> () { set_handled(exception); }
    fn PyErr_NoMemory() -> Borrowed {
        let _ = exceptions::memory_error();
        NULL
    }
    fn PyErr_BadArgument() -> c_int {
        let _ = raise!(TypeError, "bad argument type for built-in operation");
        0
    }
    fn PyErr_BadInternalCall() -> () { let _ = bad_internal_call(); }
    fn _PyErr_BadInternalCall(file: Text, line: c_int) -> () {
        let _ = raise!(SystemError, "{}:{line}: bad argument to internal function", file.lossy());
    }
    fn PyErr_SetFromErrno(kind: &Object) -> Borrowed {
        let _ = from_errno(kind, None, None);
        NULL
    }
    fn PyErr_SetFromErrnoWithFilename(kind: &Object, filename: Text) -> Borrowed {
        // SAFETY: errno is this thread's; decoding must not change it.
        let errno = unsafe { *libc::__errno_location() };
        let name = if filename.is_null() { Ok(None) } else { codecs::fs_decode(filename.bytes()).map(Some) };
        // SAFETY: as above.
        unsafe { *libc::__errno_location() = errno };
        if let Ok(name) = name {
            let _ = from_errno(kind, name.as_deref().map(|name| &**name), None);
        }
        NULL
    }
    fn PyErr_SetFromErrnoWithFilenameObject(kind: &Object, filename: Option<&Object>) -> Borrowed {
        let _ = from_errno(kind, filename, None);
        NULL
    }
    fn PyErr_SetFromErrnoWithFilenameObjects(kind: &Object, filename: Option<&Object>, other: Option<&Object>) -> Borrowed {
        let _ = from_errno(kind, filename, other);
        NULL
    }
    fn PyErr_FormatV(kind: &Object, text: Text, list: &mut VaList) -> Borrowed {
        drop(Thread::current().raised.take_raw());
        let _ = set_text(kind, format(text, list));
        NULL
    }
    fn PyErr_SetImportError(text: &Object, name: Option<&Object>, path: Option<&Object>) -> Borrowed {
        let shown = protocol::str(text).map(|text| text.to_string_lossy()).unwrap_or_default();
        let _ = exceptions::raise_import_error(exc::ImportError(), name, path, format_args!("{shown}"));
        NULL
    }
    fn PyErr_SetImportErrorSubclass(kind: &Object, text: &Object, name: Option<&Object>, path: Option<&Object>) -> Borrowed {
        let none = none();
        let keywords = [("name", name.unwrap_or(&none)), ("path", path.unwrap_or(&none))];
        if let Ok(exception) = protocol::call_with_keywords(kind, &[text], &keywords) {
            let _ = exceptions::raise_object(exception);
        }
        NULL
    }
    fn PyErr_NewException(name: Text, base: Option<&Object>, dict: Option<&Object>) -> New {
        new_exception(name, Text(std::ptr::null()), base, dict)
    }
    fn PyErr_NewExceptionWithDoc(name: Text, doc: Text, base: Option<&Object>, dict: Option<&Object>) -> New {
        new_exception(name, doc, base, dict)
    }
    fn PyErr_WriteUnraisable(object: Option<&Object>) -> () {
        if Thread::current().has_exception() {
            exceptions::unraisable(Raised::set(), object);
        }
    }
    fn _PyErr_WriteUnraisableMsg(text: Text, object: Option<&Object>) -> () {
        if Thread::current().has_exception() {
            let exception = Raised::set().take();
            let message = (!text.is_null()).then(|| format!("Exception ignored {}", text.lossy()));
            report::write_unraisable_with(&exception, message.as_deref(), object);
        }
    }
    fn PyErr_Print() -> () { print(true); }
    fn PyErr_PrintEx(set_last: c_int) -> () { print(set_last != 0); }
    fn PyErr_Display(_kind: Option<&Object>, value: Option<&Object>, traceback: Option<&Object>) -> () {
        let Some(value) = value else { return };
        let Some(exception) = value.downcast::<BaseException>() else { return report::print_no_exception(value) };
        if let Some(traceback) = traceback.and_then(Object::downcast::<Traceback>)
            && exception.traceback.is_empty()
        {
            exception.traceback.set(Some(Ref::from_borrowed(traceback)));
        }
        report::print_exception(exception);
    }
    fn PyErr_CheckSignals() => c_int { crate::ceval::check_signals() }
    fn PyErr_SetInterrupt() -> () { habu_modules::signal::pending::trip(libc::SIGINT); }
    fn PyErr_SetInterruptEx(signal: c_int) -> c_int {
        if !(1..65).contains(&signal) {
            return -1;
        }
        habu_modules::signal::pending::trip(signal);
        0
    }
    fn _PyErr_ChainExceptions(kind: Option<Ref>, value: Option<Ref>, traceback: Option<Ref>) -> () {
        let Some(kind) = kind else { return };
        let thread = Thread::current();
        match thread.take_exception() {
            None => restore(Some(kind), value, traceback),
            Some(newer) => {
                let older = normalize(&kind, value);
                if let Some(traceback) = traceback.and_then(|traceback| traceback.downcast_into::<Traceback>().ok()) {
                    older.traceback.set(Some(traceback));
                }
                habu_runtime::exceptions::chain::set_context(&newer, &older);
                let _ = thread.set_exception(newer);
            }
        }
    }
    fn PyException_SetTraceback(exception: &Object, traceback: &Object) => c_int {
        protocol::set_attribute(exception, &*Str::intern("__traceback__")?, Some(traceback))
    }
    fn PyException_GetTraceback(exception: &BaseException) -> Option<Ref> { exception.traceback.get().map(Ref::into_object) }
    fn PyException_GetCause(exception: &BaseException) -> Option<Ref> { exception.cause.get().map(Ref::into_object) }
    fn PyException_SetCause(exception: &BaseException, cause: Option<Ref>) -> () {
        exception.set_cause(cause.and_then(|cause| cause.downcast_into().ok()));
    }
    fn PyException_GetContext(exception: &BaseException) -> Option<Ref> { exception.context.get().map(Ref::into_object) }
    fn PyException_SetContext(exception: &BaseException, context: Option<Ref>) -> () {
        exception.context.set(context.and_then(|context| context.downcast_into().ok()));
    }
    fn PyExceptionClass_Name(kind: &Object) -> Text { Text(class(kind).tp_name.get()) }
    fn PyUnicodeDecodeError_Create(encoding: Text, data: *const c_char, length: isize, start: isize, end: isize, reason: Text) => New {
        let arguments = Tuple::from_refs([
            encoding.to_str()?.into_object(),
            habu_runtime::types::bytes::Bytes::new(memory(data, length))?.into_object(),
            Int::from_i64(start as i64)?.into_object(),
            Int::from_i64(end as i64)?.into_object(),
            reason.to_str()?.into_object(),
        ])?;
        protocol::call_tuple(exc::UnicodeDecodeError(), &arguments, None)
    }
    fn PyUnicodeEncodeError_GetEncoding(exception: &Object) => New { unicode_field(&unicode(exception)?.encoding, "encoding") }
    fn PyUnicodeDecodeError_GetEncoding(exception: &Object) => New { unicode_field(&unicode(exception)?.encoding, "encoding") }
    fn PyUnicodeEncodeError_GetObject(exception: &Object) => New { unicode_field(&unicode(exception)?.object, "object") }
    fn PyUnicodeDecodeError_GetObject(exception: &Object) => New { unicode_field(&unicode(exception)?.object, "object") }
    fn PyUnicodeTranslateError_GetObject(exception: &Object) => New { unicode_field(&unicode(exception)?.object, "object") }
    fn PyUnicodeEncodeError_GetReason(exception: &Object) => New { unicode_field(&unicode(exception)?.reason, "reason") }
    fn PyUnicodeDecodeError_GetReason(exception: &Object) => New { unicode_field(&unicode(exception)?.reason, "reason") }
    fn PyUnicodeTranslateError_GetReason(exception: &Object) => New { unicode_field(&unicode(exception)?.reason, "reason") }
    fn PyUnicodeEncodeError_GetStart(exception: &Object, result: Out<isize>) => c_int { get_start(exception, result) }
    fn PyUnicodeDecodeError_GetStart(exception: &Object, result: Out<isize>) => c_int { get_start(exception, result) }
    fn PyUnicodeTranslateError_GetStart(exception: &Object, result: Out<isize>) => c_int { get_start(exception, result) }
    fn PyUnicodeEncodeError_GetEnd(exception: &Object, result: Out<isize>) => c_int { get_end(exception, result) }
    fn PyUnicodeDecodeError_GetEnd(exception: &Object, result: Out<isize>) => c_int { get_end(exception, result) }
    fn PyUnicodeTranslateError_GetEnd(exception: &Object, result: Out<isize>) => c_int { get_end(exception, result) }
    fn PyUnicodeEncodeError_SetStart(exception: &Object, start: isize) => c_int {
        unicode(exception)?.start.set(start);
        Ok(())
    }
    fn PyUnicodeDecodeError_SetStart(exception: &Object, start: isize) => c_int {
        unicode(exception)?.start.set(start);
        Ok(())
    }
    fn PyUnicodeTranslateError_SetStart(exception: &Object, start: isize) => c_int {
        unicode(exception)?.start.set(start);
        Ok(())
    }
    fn PyUnicodeEncodeError_SetEnd(exception: &Object, end: isize) => c_int {
        unicode(exception)?.end.set(end);
        Ok(())
    }
    fn PyUnicodeDecodeError_SetEnd(exception: &Object, end: isize) => c_int {
        unicode(exception)?.end.set(end);
        Ok(())
    }
    fn PyUnicodeTranslateError_SetEnd(exception: &Object, end: isize) => c_int {
        unicode(exception)?.end.set(end);
        Ok(())
    }
    fn PyUnicodeEncodeError_SetReason(exception: &Object, reason: Text) => c_int { set_reason(exception, reason) }
    fn PyUnicodeDecodeError_SetReason(exception: &Object, reason: Text) => c_int { set_reason(exception, reason) }
    fn PyUnicodeTranslateError_SetReason(exception: &Object, reason: Text) => c_int { set_reason(exception, reason) }
    fn PyErr_WarnEx(category: Option<&Object>, text: Text, level: isize) => c_int { warn(category, text.to_str(), level) }
    fn PyErr_Warn(category: Option<&Object>, text: Text) => c_int { warn(category, text.to_str(), 1) }
    fn PyErr_WarnExplicit(category: &Object, text: Text, filename: Text, line: c_int, module: Text, registry: Option<&Object>) => c_int {
        let none = none();
        let module = match module.optional()? {
            Some(module) => module.into_object(),
            None => none.clone(),
        };
        warn_explicit(category, &*text.to_str()?, &*filename.to_str()?, line, &module, registry.unwrap_or(&none))
    }
    fn PyErr_WarnExplicitObject(category: &Object, text: &Object, filename: &Object, line: c_int, module: Option<&Object>, registry: Option<&Object>) => c_int {
        let none = none();
        warn_explicit(category, text, filename, line, module.unwrap_or(&none), registry.unwrap_or(&none))
    }
    fn _Py_FatalErrorFunc(function: Text, text: Text) -> () { fatal(&format!("{}: {}", function.lossy(), text.lossy()), show) }
    fn Py_FatalError(text: Text) -> () { fatal(&text.lossy(), show) }
    fn _PyErr_GetTopmostException(thread: &Thread) -> *const c_void { thread.exc_info.get().cast() }
    fn _PyErr_StackItemToExcInfoTuple(item: &habu_runtime::eval::HandledExceptions) => New {
        let exception = item.exception.get();
        let traceback = exception.as_ref().and_then(|exception| exception.traceback.get());
        Tuple::from_refs([
            exception.as_ref().map_or_else(none, |exception| exception.type_ref().into_object()),
            exception.map_or_else(none, Ref::into_object),
            traceback.map_or_else(none, Ref::into_object),
        ])
    }
}

fn get_start(exception: &Object, result: Out<isize>) -> Result<(), Raised> {
    let fields = unicode(exception)?;
    let length = unicode_length(fields)?;
    result.set(fields.start.get().min(length - 1).max(0));
    Ok(())
}

fn get_end(exception: &Object, result: Out<isize>) -> Result<(), Raised> {
    let fields = unicode(exception)?;
    let length = unicode_length(fields)?;
    result.set(fields.end.get().max(1).min(length));
    Ok(())
}

fn set_reason(exception: &Object, reason: Text) -> Result<(), Raised> {
    unicode(exception)?.reason.set(Some(reason.to_str()?.into_object()));
    Ok(())
}

fn warn_explicit(
    category: &Object,
    text: &Object,
    filename: &Object,
    line: c_int,
    module: &Object,
    registry: &Object,
) -> Result<(), Raised> {
    let warnings = habu_runtime::import::import_module("_warnings")?;
    let function = protocol::get_attribute_str(&warnings, "warn_explicit")?;
    let line = Int::from_i64(i64::from(line))?;
    protocol::call(&function, &[text, category, filename, &line, module, registry]).map(drop)
}

/// `PyErr_Format`
unsafe extern "C" fn err_format(kind: &Object, text: Text, list: &mut VaList) -> Borrowed {
    drop(Thread::current().raised.take_raw());
    let _ = set_text(kind, format(text, list));
    NULL
}

/// `_PyErr_Format`
unsafe extern "C" fn err_format_thread(
    _thread: *const Thread,
    kind: &Object,
    text: Text,
    list: &mut VaList,
) -> Borrowed {
    let _ = set_text(kind, format(text, list));
    NULL
}

/// `_PyErr_FormatFromCause`
unsafe extern "C" fn err_format_from_cause(kind: &Object, text: Text, list: &mut VaList) -> Borrowed {
    let _ = from_cause(kind, format(text, list));
    NULL
}

/// `PyErr_WarnFormat`
unsafe extern "C" fn warn_format(category: Option<&Object>, level: isize, text: Text, list: &mut VaList) -> c_int {
    if warn(category, format(text, list), level).is_ok() { 0 } else { -1 }
}

/// `PyErr_ResourceWarning`
unsafe extern "C" fn resource_warning(source: Option<&Object>, level: isize, text: Text, list: &mut VaList) -> c_int {
    let mut warn = || -> Result<(), Raised> {
        let text = format(text, list)?;
        let warnings = habu_runtime::import::import_module("_warnings")?;
        let function = protocol::get_attribute_str(&warnings, "warn")?;
        let level = Int::from_i64(level as i64)?;
        let none = none();
        protocol::call(&function, &[&text, exc::ResourceWarning(), &level, source.unwrap_or(&none)]).map(drop)
    };
    if warn().is_ok() { 0 } else { -1 }
}

variadic! {
    PyErr_Format fixed 2 => err_format;
    _PyErr_Format fixed 3 => err_format_thread;
    _PyErr_FormatFromCause fixed 2 => err_format_from_cause;
    PyErr_WarnFormat fixed 3 => warn_format;
    PyErr_ResourceWarning fixed 3 => resource_warning;
}
