//! `fileobject.h`, `fileutils.h`, `osmodule.h`, `pyhash.h`, `pytime.h`: files, system calls, hashes and time.

use std::ffi::{c_char, c_int, c_void};

use habu_modules::system::blocking::{outside, retry_or_raise};
use habu_runtime::exceptions::raise_last_os_error;
use habu_runtime::object::protocol;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::Int;
use habu_runtime::types::str::{Str, codecs};

use crate::border::*;

/// The descriptor that an object is or has by `fileno()`.
pub(crate) fn descriptor(object: &Object) -> Result<c_int, Raised> {
    let value = if object.isinstance::<Int>() {
        object.to_ref()
    } else {
        match protocol::lookup_attribute(object, &*Str::intern("fileno")?)? {
            None => {
                return Err(raise!(TypeError, "argument must be an int, or have a fileno() method."));
            }
            Some(method) => {
                let value = protocol::call0(&method)?;
                if !value.isinstance::<Int>() {
                    return Err(raise!(TypeError, "fileno() returned a non-integer"));
                }
                value
            }
        }
    };
    let number = expect::<Int>(&value)?.to_i64().and_then(|value| c_int::try_from(value).ok());
    let Some(number) = number else {
        return Err(raise!(OverflowError, "Python int too large to convert to C int"));
    };
    if number < 0 {
        return Err(raise!(ValueError, "file descriptor cannot be a negative integer ({number})"));
    }
    Ok(number)
}

/// Nanoseconds: the unit of `_PyTime_t`.
type Time = i64;

const SECOND: i64 = 1_000_000_000;

/// How what does not fit is rounded: 0 down, 1 up, 2 half to even, 3 away from zero.
fn round(value: f64, mode: c_int) -> f64 {
    match mode {
        0 => value.floor(),
        1 => value.ceil(),
        2 => value.round_ties_even(),
        _ if value >= 0.0 => value.ceil(),
        _ => value.floor(),
    }
}

/// What 64 bits with a sign hold.
const IN_RANGE: std::ops::Range<f64> = -9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0;

/// Divides with a rounding.
fn divide(value: i64, by: i64, mode: c_int) -> i64 {
    let (quotient, rest) = (value.div_euclid(by), value.rem_euclid(by));
    let up = match mode {
        0 => false,
        1 => rest != 0,
        2 => rest * 2 > by || (rest * 2 == by && quotient & 1 == 1),
        _ => rest != 0 && value >= 0,
    };
    quotient + i64::from(up)
}

/// Seconds and parts of them from a number.
fn split(object: &Object, unit: f64, mode: c_int) -> Result<(i64, i64), Raised> {
    if let Some(value) = object.downcast::<Float>() {
        let value = value.value();
        if value.is_nan() {
            return Err(raise!(ValueError, "Invalid value NaN (not a number)"));
        }
        // The part is rounded with its sign.
        let whole = value.trunc();
        let mut seconds = whole;
        let mut part = round((value - whole) * unit, mode);
        if part >= unit {
            part -= unit;
            seconds += 1.0;
        } else if part < 0.0 {
            part += unit;
            seconds -= 1.0;
        }
        if !IN_RANGE.contains(&seconds) {
            return Err(raise!(OverflowError, "timestamp out of range for platform time_t"));
        }
        return Ok((seconds as i64, part as i64));
    }
    Ok((whole_seconds(object)?, 0))
}

fn whole_seconds(object: &Object) -> Result<i64, Raised> {
    match protocol::number::index(object)?.to_i64() {
        Some(seconds) => Ok(seconds),
        None => Err(raise!(OverflowError, "timestamp out of range for platform time_t")),
    }
}

/// Nanoseconds from a number of seconds or of thousandths.
fn from_number(object: &Object, mode: c_int, unit: i64) -> Result<Time, Raised> {
    let too_large = || raise!(OverflowError, "timestamp too large to convert to C _PyTime_t");
    if let Some(value) = object.downcast::<Float>() {
        if value.value().is_nan() {
            return Err(raise!(ValueError, "Invalid value NaN (not a number)"));
        }
        let time = round(value.value() * unit as f64, mode);
        if !IN_RANGE.contains(&time) {
            return Err(too_large());
        }
        return Ok(time as i64);
    }
    let seconds = protocol::number::index(object)?.to_i64().ok_or_else(too_large)?;
    seconds.checked_mul(unit).ok_or_else(too_large)
}

fn clock(id: libc::clockid_t) -> Time {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the place is ours.
    unsafe { libc::clock_gettime(id, &mut time) };
    time.tv_sec * SECOND + time.tv_nsec
}

/// The code points of UTF-8; bytes that are none stand as surrogates (PEP 383).
fn decode_utf8(mut bytes: &[u8]) -> Vec<u32> {
    let mut codes = vec![];
    while !bytes.is_empty() {
        let (good, bad) = match std::str::from_utf8(bytes) {
            Ok(text) => (text.len(), 0),
            Err(error) => (error.valid_up_to(), 1),
        };
        let (text, rest) = bytes.split_at(good);
        codes.extend(std::str::from_utf8(text).unwrap_or("").chars().map(u32::from));
        codes.extend(rest.iter().take(bad).map(|byte| 0xDC00 + u32::from(*byte)));
        bytes = rest.get(bad..).unwrap_or(&[]);
    }
    codes
}

export! {
    fn PyFile_WriteObject(object: Option<&Object>, file: Option<&Object>, flags: c_int) => c_int {
        let (Some(object), Some(file)) = (object, file) else {
            return Err(raise!(TypeError, "writeobject with NULL file"));
        };
        let text = if flags & 1 != 0 { protocol::str(object)? } else { protocol::repr(object)? };
        protocol::call_method(file, &*Str::intern("write")?, &[&text]).map(drop)
    }
    fn PyFile_WriteString(text: Text, file: Option<&Object>) => c_int {
        let Some(file) = file else { return Err(raise!(SystemError, "null file for PyFile_WriteString")) };
        if habu_runtime::threads::Thread::current().has_exception() {
            return Err(Raised::set());
        }
        protocol::call_method(file, &*Str::intern("write")?, &[&*text.to_str()?]).map(drop)
    }
    fn PyFile_GetLine(file: &Object, count: c_int) => New {
        let readline = Str::intern("readline")?;
        if count > 0 {
            return protocol::call_method(file, &readline, &[&*Int::from_i64(i64::from(count))?]);
        }
        let line = protocol::call_method(file, &readline, &[])?;
        let Some(text) = line.downcast::<Str>().filter(|_| count < 0) else { return Ok(line) };
        match text.len() {
            0 => Err(raise!(EOFError, "EOF when reading a line")),
            length if text.chars().at(length - 1) == u32::from('\n') => Ok(text.substring(0, length - 1)?.into_object()),
            _ => Ok(line),
        }
    }
    fn PyFile_FromFd(fd: c_int, _name: Text, mode: Text, buffering: c_int, encoding: Text, errors: Text, newline: Text, close: c_int) => New {
        let io = habu_runtime::import::import_module("io")?;
        let optional = |text: Text| -> Result<Ref, Raised> {
            Ok(text.optional()?.map_or_else(habu_runtime::types::none, Ref::into_object))
        };
        let arguments: [Ref; 7] = [
            Int::from_i64(i64::from(fd))?.into_object(),
            optional(mode)?,
            Int::from_i64(i64::from(buffering))?.into_object(),
            optional(encoding)?,
            optional(errors)?,
            optional(newline)?,
            habu_runtime::types::boolean(close != 0),
        ];
        let borrowed: Vec<&Object> = arguments.iter().map(|argument| &**argument).collect();
        protocol::call_method(&io, &*Str::intern("open")?, &borrowed)
    }
    fn PyFile_OpenCodeObject(path: &Object) => New {
        let io = habu_runtime::import::import_module("_io")?;
        protocol::call_method(&io, &*Str::intern("open")?, &[path, &*Str::new("rb")?])
    }
    fn _Py_fopen_obj(path: &Object, mode: Text) -> *mut libc::FILE {
        if habu_runtime::audit!("open", path.to_ref(), &*mode.lossy(), 0).is_err() {
            return std::ptr::null_mut();
        }
        let Ok(path) = codecs::fs_encode(path) else { return std::ptr::null_mut() };
        let Ok(path) = std::ffi::CString::new(path.to_vec()) else { return std::ptr::null_mut() };
        // SAFETY: two C strings.
        let file = unsafe { libc::fopen(path.as_ptr(), mode.0) };
        if file.is_null() {
            let _ = raise_last_os_error(None);
        }
        file
    }
    fn _Py_open(path: Text, flags: c_int) => c_int {
        // SAFETY: a C string.
        match unsafe { libc::open(path.0, flags | libc::O_CLOEXEC) } {
            -1 => Err(raise_last_os_error(Some(&*codecs::fs_decode(path.bytes())?))),
            fd => Ok(fd),
        }
    }
    fn _Py_open_noraise(path: Text, flags: c_int) -> c_int {
        // SAFETY: a C string.
        unsafe { libc::open(path.0, flags | libc::O_CLOEXEC) }
    }
    fn _Py_dup(fd: c_int) => c_int {
        // SAFETY: a plain call.
        match unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) } {
            -1 => Err(raise_last_os_error(None)),
            fd => Ok(fd),
        }
    }
    fn _Py_fstat_noraise(fd: c_int, status: *mut libc::stat) -> c_int {
        // SAFETY: the caller gives a place.
        unsafe { libc::fstat(fd, status) }
    }
    fn _Py_fstat(fd: c_int, status: *mut libc::stat) => c_int {
        // SAFETY: the caller gives a place.
        if unsafe { libc::fstat(fd, status) } == -1 {
            return Err(raise_last_os_error(None));
        }
        Ok(())
    }
    fn _Py_read(fd: c_int, memory: *mut c_void, count: usize) => isize {
        // SAFETY: the caller gives room for that many bytes.
        let call = unsafe { outside(|| libc::read(fd, memory, count.min(isize::MAX as usize))) };
        retry_or_raise(call)
    }
    fn _Py_write(fd: c_int, memory: *const c_void, count: usize) => isize {
        // SAFETY: the caller gives that many bytes.
        let call = unsafe { outside(|| libc::write(fd, memory, count.min(isize::MAX as usize))) };
        retry_or_raise(call)
    }
    fn _Py_set_inheritable(fd: c_int, inheritable: c_int, _atomic: *mut c_int) => c_int {
        // SAFETY: plain calls.
        unsafe {
            let flags = libc::fcntl(fd, libc::F_GETFD);
            let wanted = if inheritable != 0 { flags & !libc::FD_CLOEXEC } else { flags | libc::FD_CLOEXEC };
            if flags == -1 || libc::fcntl(fd, libc::F_SETFD, wanted) == -1 {
                return Err(raise_last_os_error(None));
            }
        }
        Ok(())
    }
    // Both are called before there is an interpreter: they handle no objects.
    fn Py_DecodeLocale(text: Text, length: Out<usize>) -> *mut u32 {
        let codes = decode_utf8(text.bytes());
        // SAFETY: room for the characters and their end.
        unsafe {
            let out = libc::malloc((codes.len() + 1) * 4).cast::<u32>();
            if out.is_null() {
                length.set(usize::MAX);
                return out;
            }
            out.copy_from_nonoverlapping(codes.as_ptr(), codes.len());
            out.add(codes.len()).write(0);
            length.set(codes.len());
            out
        }
    }
    fn Py_EncodeLocale(text: *const u32, error: Out<usize>) -> *mut c_char {
        let mut bytes = vec![];
        // SAFETY: a wide string with an end.
        let codes = (0..).map(|index| unsafe { text.add(index).read() }).take_while(|code| *code != 0);
        for (index, code) in codes.enumerate() {
            match (char::from_u32(code), code) {
                (Some(character), _) => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
                (None, 0xDC80..=0xDCFF) => bytes.push((code - 0xDC00) as u8),
                _ => {
                    error.set(index);
                    return std::ptr::null_mut();
                }
            }
        }
        // Freed by PyMem_Free.
        let memory = crate::pymem::allocate(habu_heap::Domain::Mem, bytes.len() + 1);
        match memory {
            None => {
                error.set(usize::MAX);
                std::ptr::null_mut()
            }
            // SAFETY: there is room for the text and its end.
            Some(memory) => unsafe {
                memory.as_ptr().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
                memory.add(bytes.len()).write(0);
                memory.as_ptr().cast()
            },
        }
    }
    fn _Py_HashBytes(data: *const c_char, length: isize) -> isize { habu_runtime::hashing::hash_bytes(memory(data, length)) }
    fn _Py_HashPointer(pointer: *const c_void) -> isize { habu_runtime::hashing::hash_pointer(pointer as usize) }
    fn _Py_HashPointerRaw(pointer: *const c_void) -> isize { (pointer as usize).rotate_right(4) as isize }
    fn PyTraceMalloc_Track(domain: u32, address: usize, size: usize) -> c_int {
        crate::ceval::attached(|| habu_modules::tracemalloc::track(domain, address, size))
    }
    fn _PyTraceMalloc_GetTraceback(domain: u32, address: usize) => New { habu_modules::tracemalloc::traceback(domain, address) }
    fn PyTraceMalloc_Untrack(domain: u32, address: usize) -> c_int {
        crate::ceval::attached(|| habu_modules::tracemalloc::untrack(domain, address))
    }
    fn _PyTime_FromSeconds(seconds: c_int) -> Time { i64::from(seconds) * SECOND }
    fn _PyTime_FromNanoseconds(time: Time) -> Time { time }
    fn _PyTime_FromNanosecondsObject(time: Out<Time>, object: &Object) => c_int {
        match protocol::number::index(object)?.to_i64() {
            Some(value) => {
                time.set(value);
                Ok(())
            }
            None => Err(raise!(OverflowError, "timestamp too large to convert to C _PyTime_t")),
        }
    }
    fn _PyTime_FromSecondsObject(time: Out<Time>, object: &Object, mode: c_int) => c_int {
        time.set(from_number(object, mode, SECOND)?);
        Ok(())
    }
    fn _PyTime_FromMillisecondsObject(time: Out<Time>, object: &Object, mode: c_int) => c_int {
        time.set(from_number(object, mode, SECOND / 1000)?);
        Ok(())
    }
    fn _PyTime_AsSecondsDouble(time: Time) -> f64 { time as f64 / 1e9 }
    fn _PyTime_AsMilliseconds(time: Time, mode: c_int) -> Time { divide(time, 1_000_000, mode) }
    fn _PyTime_AsMicroseconds(time: Time, mode: c_int) -> Time { divide(time, 1000, mode) }
    fn _PyTime_AsNanosecondsObject(time: Time) => New { Int::from_i64(time) }
    fn _PyTime_AsTimeval(time: Time, out: Out<libc::timeval>, mode: c_int) => c_int {
        let micro = divide(time, 1000, mode);
        out.set(libc::timeval { tv_sec: micro.div_euclid(1_000_000), tv_usec: micro.rem_euclid(1_000_000) });
        Ok(())
    }
    fn _PyTime_AsTimeval_clamp(time: Time, out: Out<libc::timeval>, mode: c_int) -> () {
        let micro = divide(time, 1000, mode);
        out.set(libc::timeval { tv_sec: micro.div_euclid(1_000_000), tv_usec: micro.rem_euclid(1_000_000) });
    }
    fn _PyTime_AsTimespec(time: Time, out: Out<libc::timespec>) => c_int {
        out.set(libc::timespec { tv_sec: time.div_euclid(SECOND), tv_nsec: time.rem_euclid(SECOND) });
        Ok(())
    }
    fn _PyTime_AsTimespec_clamp(time: Time, out: Out<libc::timespec>) -> () {
        out.set(libc::timespec { tv_sec: time.div_euclid(SECOND), tv_nsec: time.rem_euclid(SECOND) });
    }
    fn _PyTime_ObjectToTime_t(object: &Object, out: Out<i64>, mode: c_int) => c_int {
        let seconds = match object.downcast::<Float>() {
            Some(value) if value.value().is_nan() => {
                return Err(raise!(ValueError, "Invalid value NaN (not a number)"));
            }
            Some(value) => {
                let seconds = round(value.value(), mode);
                if !IN_RANGE.contains(&seconds) {
                    return Err(raise!(OverflowError, "timestamp out of range for platform time_t"));
                }
                seconds as i64
            }
            None => whole_seconds(object)?,
        };
        out.set(seconds);
        Ok(())
    }
    fn _PyTime_ObjectToTimeval(object: &Object, seconds: Out<i64>, micro: Out<i64>, mode: c_int) => c_int {
        let (whole, part) = split(object, 1e6, mode)?;
        seconds.set(whole);
        micro.set(part);
        Ok(())
    }
    fn _PyTime_ObjectToTimespec(object: &Object, seconds: Out<i64>, nano: Out<i64>, mode: c_int) => c_int {
        let (whole, part) = split(object, 1e9, mode)?;
        seconds.set(whole);
        nano.set(part);
        Ok(())
    }
    fn _PyTime_AsTimevalTime_t(time: Time, seconds: Out<i64>, micro: Out<c_int>, mode: c_int) => c_int {
        let parts = divide(time, 1000, mode);
        seconds.set(parts.div_euclid(1_000_000));
        micro.set(parts.rem_euclid(1_000_000) as c_int);
        Ok(())
    }
    fn _PyTime_GetPerfCounter() -> Time { clock(libc::CLOCK_MONOTONIC) }
    fn _PyTime_GetMonotonicClock() -> Time { clock(libc::CLOCK_MONOTONIC) }
    fn _PyTime_GetSystemClock() -> Time { clock(libc::CLOCK_REALTIME) }
    fn _PyDeadline_Init(timeout: Time) -> Time { clock(libc::CLOCK_MONOTONIC).saturating_add(timeout) }
    fn _PyDeadline_Get(deadline: Time) -> Time { deadline.saturating_sub(clock(libc::CLOCK_MONOTONIC)) }
    fn _PyTime_localtime(time: i64, out: *mut libc::tm) => c_int {
        // SAFETY: the caller gives a place.
        if unsafe { libc::localtime_r(&time, out) }.is_null() {
            return Err(raise_last_os_error(None));
        }
        Ok(())
    }
    fn _PyTime_gmtime(time: i64, out: *mut libc::tm) => c_int {
        // SAFETY: the caller gives a place.
        if unsafe { libc::gmtime_r(&time, out) }.is_null() {
            return Err(raise_last_os_error(None));
        }
        Ok(())
    }
    fn Py_UniversalNewlineFgets(memory: *mut c_char, count: c_int, file: *mut libc::FILE, _object: Option<&Object>) -> *mut c_char {
        // SAFETY: the caller gives room, and an open file.
        unsafe { libc::fgets(memory, count, file) }
    }
}

/// The digits of hexadecimal numbers (`Py_hexdigits`).
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals)]
pub static Py_hexdigits: StaticText = StaticText(c"0123456789abcdef".as_ptr());

/// A variable that holds a C string.
#[repr(transparent)]
pub struct StaticText(pub(crate) *const c_char);

// SAFETY: the address of a static string.
unsafe impl Sync for StaticText {}

/// Lower-case letters of ASCII (`_Py_ctype_tolower`).
#[unsafe(no_mangle)]
pub static _Py_ctype_tolower: [u8; 256] = {
    let mut all = [0; 256];
    let mut code = 0;
    while code < 256 {
        all[code] = (code as u8).to_ascii_lowercase();
        code += 1;
    }
    all
};

/// Upper-case letters of ASCII (`_Py_ctype_toupper`).
#[unsafe(no_mangle)]
pub static _Py_ctype_toupper: [u8; 256] = {
    let mut all = [0; 256];
    let mut code = 0;
    while code < 256 {
        all[code] = (code as u8).to_ascii_uppercase();
        code += 1;
    }
    all
};

/// The kinds of characters of ASCII (`_Py_ctype_table`): 1 lower, 2 upper, 4 digit, 8 hexadecimal, 16 space.
#[unsafe(no_mangle)]
pub static _Py_ctype_table: [u32; 256] = {
    let mut all = [0; 256];
    let mut code = 0;
    while code < 128 {
        let byte = code as u8;
        all[code] = byte.is_ascii_lowercase() as u32
            | (byte.is_ascii_uppercase() as u32) << 1
            | (byte.is_ascii_digit() as u32) << 2
            | (byte.is_ascii_hexdigit() as u32) << 3
            | ((matches!(byte, 9..=13 | 32)) as u32) << 4;
        code += 1;
    }
    all
};

/// Which characters of ASCII are white space for strings (`_Py_ascii_whitespace`).
#[unsafe(no_mangle)]
pub static _Py_ascii_whitespace: [u8; 128] = {
    let mut all = [0; 128];
    let mut code = 0;
    while code < 128 {
        all[code] = matches!(code as u8, 9..=13 | 28..=32) as u8;
        code += 1;
    }
    all
};

/// The secrets of hashes (`_Py_HashSecret`): compiled modules take a salt from the last word; 0 lets them make their own.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals)]
pub static _Py_HashSecret: [std::sync::atomic::AtomicU64; 3] = [const { std::sync::atomic::AtomicU64::new(0) }; 3];
