//! The border to C: what arguments and results are there, stated once in a type each, and the macros that declare exported functions.
//!
//! A type of this file stands for a promise that the C API's documentation makes: a `Text` is a C string that lives through the call,
//! an `Out` may be written to. Their methods rely on that promise, so that the functions made of them need no unsafe code of their
//! own. Objects are `&Object` where C must not pass null, `Option<&Object>` where it may, `Ref` and `Option<Ref>` where the reference is
//! handed over.

use std::ffi::{CStr, c_char, c_int, c_long, c_void};

use habu_runtime::object::{Object, PyType, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::str::Str;
use habu_runtime::types::str::codecs::{self, errors::Errors, standard::Codec};

/// A new reference, or null with an exception set.
pub(crate) type New = Result<Ref, Raised>;

/// A borrowed reference, or null.
pub(crate) type Borrowed = *const Object;

/// No object.
pub(crate) const NULL: Borrowed = std::ptr::null();

/// An exported function, for the table that keeps it in the program.
pub(crate) struct Export(pub(crate) &'static str, pub(crate) *const ());

// SAFETY: the address of a function.
unsafe impl Sync for Export {}

/// Declares the functions of a header: `fn name(arguments) -> Type { .. }` gives the C result itself, with `=>` the body is one
/// of a function that returns `Result<_, Raised>`, which becomes the C result by [`Give`].
macro_rules! export {
    ($($(#[$meta:meta])* fn $name:ident($($arg:ident : $ty:ty),* $(,)?) $arrow:tt $ret:ty $body:block)*) => {
        $($crate::border::function!($arrow [$(#[$meta])*] $name [$($arg: $ty),*] $ret, $body);)*
        /// The functions of this file.
        pub(crate) static EXPORTS: &[$crate::border::Export] =
            &[$($crate::border::Export(stringify!($name), $name as *const ())),*];
    };
}

/// One function of [`export!`].
macro_rules! function {
    (-> [$(#[$meta:meta])*] $name:ident [$($arg:ident : $ty:ty),*] $ret:ty, $body:block) => {
        $(#[$meta])*
        #[doc = concat!("`", stringify!($name), "` of the C API.")]
        ///
        /// # Safety
        /// As its documentation in the C API says of its arguments; the interpreter's lock is held.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name($($arg: $ty),*) -> $ret $body
    };
    (=> [$(#[$meta:meta])*] $name:ident [$($arg:ident : $ty:ty),*] $ret:ty, $body:block) => {
        $(#[$meta])*
        #[doc = concat!("`", stringify!($name), "` of the C API.")]
        ///
        /// # Safety
        /// As its documentation in the C API says of its arguments; the interpreter's lock is held.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name($($arg: $ty),*) -> $ret {
            $crate::border::answer(move || $body)
        }
    };
}

/// Declares functions with a variable number of arguments: each makes a `va_list` of them and hands it to a function that takes one
/// as its last argument. `fixed` is the number of named arguments.
macro_rules! variadic {
    ($($name:ident fixed $fixed:tt => $inner:path;)*) => {
        $(
            #[doc = concat!("`", stringify!($name), "` of the C API.")]
            ///
            /// # Safety
            /// As its documentation in the C API says of its arguments; the interpreter's lock is held.
            #[unsafe(no_mangle)]
            #[unsafe(naked)]
            pub unsafe extern "C" fn $name() {
                // The registers that may hold arguments are stored where the list expects them (176 bytes at 32), the list's
                // four fields before them; the arguments on the stack start behind the return address.
                core::arch::naked_asm!(
                    "sub rsp, 216",
                    "mov [rsp + 32], rdi",
                    "mov [rsp + 40], rsi",
                    "mov [rsp + 48], rdx",
                    "mov [rsp + 56], rcx",
                    "mov [rsp + 64], r8",
                    "mov [rsp + 72], r9",
                    "test al, al",
                    "je 2f",
                    "movaps [rsp + 80], xmm0",
                    "movaps [rsp + 96], xmm1",
                    "movaps [rsp + 112], xmm2",
                    "movaps [rsp + 128], xmm3",
                    "movaps [rsp + 144], xmm4",
                    "movaps [rsp + 160], xmm5",
                    "movaps [rsp + 176], xmm6",
                    "movaps [rsp + 192], xmm7",
                    "2:",
                    $crate::border::variadic!(@offset $fixed),
                    "mov dword ptr [rsp + 4], 48",
                    "lea rax, [rsp + 224]",
                    "mov [rsp + 8], rax",
                    "lea rax, [rsp + 32]",
                    "mov [rsp + 16], rax",
                    $crate::border::variadic!(@register $fixed),
                    "call {inner}",
                    "add rsp, 216",
                    "ret",
                    inner = sym $inner,
                )
            }
        )*
        /// The functions of this file that take a variable number of arguments.
        pub(crate) static VARIADIC: &[$crate::border::Export] =
            &[$($crate::border::Export(stringify!($name), $name as *const ())),*];
    };
    (@offset 1) => { "mov dword ptr [rsp], 8" };
    (@offset 2) => { "mov dword ptr [rsp], 16" };
    (@offset 3) => { "mov dword ptr [rsp], 24" };
    (@offset 4) => { "mov dword ptr [rsp], 32" };
    (@offset 5) => { "mov dword ptr [rsp], 40" };
    (@register 1) => { "mov rsi, rsp" };
    (@register 2) => { "mov rdx, rsp" };
    (@register 3) => { "mov rcx, rsp" };
    (@register 4) => { "mov r8, rsp" };
    (@register 5) => { "mov r9, rsp" };
}

pub(crate) use {export, function, variadic};

/// Runs the body of a function, which may end at a `?`, and gives its result as C returns it.
#[inline(always)]
pub(crate) fn answer<T, R: Give<T>>(body: impl FnOnce() -> Result<T, Raised>) -> R {
    R::give(body())
}

/// A result as C returns it.
pub(crate) trait Give<T> {
    /// The result.
    fn give(result: Result<T, Raised>) -> Self;
}

impl<T: AsRef<Object>> Give<Ref<T>> for New {
    #[inline(always)]
    fn give(result: Result<Ref<T>, Raised>) -> New {
        result.map(Ref::into_object)
    }
}

impl<T: AsRef<Object>> Give<Option<Ref<T>>> for Option<Ref> {
    #[inline(always)]
    fn give(result: Result<Option<Ref<T>>, Raised>) -> Option<Ref> {
        result.ok().flatten().map(Ref::into_object)
    }
}

/// The reference that is given is borrowed: what gave it keeps another one.
impl<T: AsRef<Object>> Give<Option<Ref<T>>> for Borrowed {
    #[inline(always)]
    fn give(result: Result<Option<Ref<T>>, Raised>) -> Borrowed {
        result.ok().flatten().map_or(NULL, |object| borrow(&object))
    }
}

impl Give<()> for c_int {
    #[inline(always)]
    fn give(result: Result<(), Raised>) -> c_int {
        if result.is_ok() { 0 } else { -1 }
    }
}

impl Give<bool> for c_int {
    #[inline(always)]
    fn give(result: Result<bool, Raised>) -> c_int {
        result.map_or(-1, c_int::from)
    }
}

macro_rules! give_numbers {
    ($($number:ty)*) => { $(
        impl Give<$number> for $number {
            #[inline(always)]
            fn give(result: Result<$number, Raised>) -> $number {
                result.unwrap_or(-1i8 as $number)
            }
        }
    )* };
}
give_numbers!(c_int c_long u64 f64);

impl Give<usize> for usize {
    #[inline(always)]
    fn give(result: Result<usize, Raised>) -> usize {
        result.unwrap_or(usize::MAX)
    }
}

impl Give<usize> for isize {
    #[inline(always)]
    fn give(result: Result<usize, Raised>) -> isize {
        result.map_or(-1, |size| size as isize)
    }
}

impl Give<isize> for isize {
    #[inline(always)]
    fn give(result: Result<isize, Raised>) -> isize {
        result.unwrap_or(-1)
    }
}

impl<T> Give<*mut T> for *mut T {
    #[inline(always)]
    fn give(result: Result<*mut T, Raised>) -> *mut T {
        result.unwrap_or(std::ptr::null_mut())
    }
}

impl<T> Give<*const T> for *const T {
    #[inline(always)]
    fn give(result: Result<*const T, Raised>) -> *const T {
        result.unwrap_or(std::ptr::null())
    }
}

/// The address of an object that somebody else keeps alive.
#[inline(always)]
pub(crate) fn borrow<T: AsRef<Object>>(object: &T) -> Borrowed {
    object.as_ref()
}

/// Gives a reference away as a pointer that owns it.
#[inline(always)]
pub(crate) fn own(object: Option<Ref>) -> *mut Object {
    object.map_or(std::ptr::null_mut(), |object| object.into_pointer().as_ptr())
}

/// A new reference to what C passes, or nothing for null.
#[inline(always)]
pub(crate) fn take(object: Option<&Object>) -> Option<Ref> {
    object.map(Object::to_ref)
}

/// A C string that an argument points to, or null. It lives through the call.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Text(pub(crate) *const c_char);

impl Text {
    /// Whether it is null.
    pub(crate) fn is_null(self) -> bool {
        self.0.is_null()
    }

    /// The bytes without the NUL; null is empty.
    pub(crate) fn bytes<'a>(self) -> &'a [u8] {
        if self.is_null() {
            return b"";
        }
        // SAFETY: the promise of this type.
        unsafe { CStr::from_ptr(self.0) }.to_bytes()
    }

    /// The text; what is not UTF-8 is replaced.
    pub(crate) fn lossy<'a>(self) -> std::borrow::Cow<'a, str> {
        String::from_utf8_lossy(self.bytes())
    }

    /// The text as a string.
    pub(crate) fn to_str(self) -> Result<Ref<Str>, Raised> {
        utf8(self.bytes())
    }

    /// The text as an interned string.
    pub(crate) fn intern(self) -> Result<Ref<Str>, Raised> {
        match std::str::from_utf8(self.bytes()) {
            Ok(text) => Str::intern(text),
            Err(_) => self.to_str(),
        }
    }

    /// The text as a string, nothing for null.
    pub(crate) fn optional(self) -> Result<Option<Ref<Str>>, Raised> {
        if self.is_null() { Ok(None) } else { self.to_str().map(Some) }
    }
}

/// UTF-8 as a string.
#[inline]
pub(crate) fn utf8(bytes: &[u8]) -> Result<Ref<Str>, Raised> {
    if bytes.is_ascii() { Str::from_ascii(bytes) } else { utf8_any(bytes) }
}

#[inline(never)]
fn utf8_any(bytes: &[u8]) -> Result<Ref<Str>, Raised> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Str::new(text),
        Err(_) => Ok(Codec::Utf8.decode(bytes, &Errors::new(None), true)?.0),
    }
}

/// UTF-8 as a string, with what is wrong replaced (`errors="replace"`).
pub(crate) fn utf8_replace(bytes: &[u8]) -> Result<Ref<Str>, Raised> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Str::new(text),
        Err(_) => {
            let replace = Str::intern("replace")?;
            Ok(Codec::Utf8.decode(bytes, &Errors::new(Some(&replace)), true)?.0)
        }
    }
}

/// The UTF-8 form of a string, strict.
pub(crate) fn encode_utf8(text: &Str) -> Result<Ref<habu_runtime::types::bytes::Bytes>, Raised> {
    codecs::encode(text, None, None)
}

/// Memory that C lends: a pointer and a length. A negative length is an error of the caller and reads as empty.
pub(crate) fn memory<'a>(pointer: *const c_char, length: isize) -> &'a [u8] {
    if pointer.is_null() || length <= 0 {
        return &[];
    }
    // SAFETY: the caller of the C function promises that many bytes.
    unsafe { std::slice::from_raw_parts(pointer.cast(), length as usize) }
}

/// A place for a result, or null where the caller does not want it.
#[repr(transparent)]
pub struct Out<T>(pub(crate) *mut T);

impl<T> Clone for Out<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Out<T> {}

impl<T> Out<T> {
    /// Writes the result.
    #[inline(always)]
    pub(crate) fn set(self, value: T) {
        if !self.0.is_null() {
            // SAFETY: the promise of this type.
            unsafe { self.0.write(value) }
        }
    }

    /// Reads what stands there.
    #[inline(always)]
    pub(crate) fn get(self) -> Option<T>
    where
        T: Copy,
    {
        // SAFETY: the promise of this type.
        (!self.0.is_null()).then(|| unsafe { self.0.read() })
    }

    /// Whether it is null.
    pub(crate) fn is_null(self) -> bool {
        self.0.is_null()
    }
}

impl Out<*mut Object> {
    /// Writes a new reference, or null.
    #[inline(always)]
    pub(crate) fn give(self, value: Option<Ref>) {
        if self.is_null() {
            return;
        }
        self.set(own(value));
    }

    /// Takes over the reference that stands there, leaving null.
    pub(crate) fn take(self) -> Option<Ref> {
        let object = std::ptr::NonNull::new(self.get()?)?;
        self.set(std::ptr::null_mut());
        // SAFETY: the place owns its reference.
        Some(unsafe { Ref::from_owned(object) })
    }
}

/// The items that a pointer and a number say, as C passes arguments.
pub(crate) fn items(pointer: *const &Object, count: usize) -> &[&Object] {
    if pointer.is_null() || count == 0 {
        return &[];
    }
    // SAFETY: the caller of the C function promises that many objects.
    unsafe { std::slice::from_raw_parts(pointer, count) }
}

/// The object as a `T`; else the SystemError of a wrong internal call.
#[inline(always)]
pub(crate) fn expect<T: PyType>(object: &Object) -> Result<&T, Raised> {
    match object.downcast::<T>() {
        Some(object) => Ok(object),
        None => Err(bad_internal_call()),
    }
}

/// As `expect`, for an argument that may be null.
#[inline(always)]
pub(crate) fn expect_some<T: PyType>(object: Option<&Object>) -> Result<&T, Raised> {
    match object.and_then(Object::downcast::<T>) {
        Some(object) => Ok(object),
        None => Err(bad_internal_call()),
    }
}

/// `PyErr_BadInternalCall`
#[cold]
pub(crate) fn bad_internal_call() -> Raised {
    raise!(SystemError, "bad argument to internal function")
}

/// A null object where none is allowed; an exception that is set already stays.
#[cold]
pub(crate) fn null_error() -> Raised {
    if habu_runtime::threads::Thread::current().has_exception() {
        return Raised::set();
    }
    raise!(SystemError, "null argument to internal routine")
}

/// A list of variable arguments as x86-64 has it (`va_list`).
#[repr(C)]
pub struct VaList {
    gp_offset: u32,
    fp_offset: u32,
    overflow: *mut u8,
    saved: *mut u8,
}

impl VaList {
    /// The same arguments once more.
    #[inline(always)]
    pub(crate) fn copy(&self) -> VaList {
        VaList { ..*self }
    }

    /// The next argument of a register's size.
    #[inline(always)]
    fn word(&mut self) -> u64 {
        if self.gp_offset < 48 {
            // SAFETY: the offset says that a saved register is left.
            let value = unsafe { self.saved.add(self.gp_offset as usize).cast::<u64>().read() };
            self.gp_offset += 8;
            return value;
        }
        self.stacked()
    }

    fn stacked(&mut self) -> u64 {
        // SAFETY: the caller of the variable function passed as many arguments as its format asks for.
        unsafe {
            let value = self.overflow.cast::<u64>().read();
            self.overflow = self.overflow.add(8);
            value
        }
    }

    /// The next argument, an `int`.
    pub(crate) fn int(&mut self) -> c_int {
        self.word() as c_int
    }

    /// The next argument, a `long` or anything as large.
    pub(crate) fn long(&mut self) -> c_long {
        self.word() as c_long
    }

    /// The next argument, a `double`.
    pub(crate) fn double(&mut self) -> f64 {
        if self.fp_offset < 176 {
            // SAFETY: the offset says that a saved register is left.
            let value = unsafe { self.saved.add(self.fp_offset as usize).cast::<f64>().read() };
            self.fp_offset += 16;
            return value;
        }
        f64::from_bits(self.stacked())
    }

    /// The next argument, a pointer.
    pub(crate) fn pointer<T>(&mut self) -> *mut T {
        self.word() as usize as *mut T
    }

    /// The next argument, a C string.
    pub(crate) fn text(&mut self) -> Text {
        Text(self.pointer())
    }

    /// The next argument, a place for a result.
    pub(crate) fn out<T>(&mut self) -> Out<T> {
        Out(self.pointer())
    }

    /// The next argument, an object or null.
    pub(crate) fn object<'a>(&mut self) -> Option<&'a Object> {
        // SAFETY: the caller of the variable function promises an object.
        unsafe { self.pointer::<Object>().as_ref() }
    }
}

/// An untyped pointer.
pub(crate) type Pointer = *mut c_void;
