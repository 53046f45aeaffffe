//! `Raised` says that the thread's exception is set; `Status` is a C function's `int` that tells the same by -1.

use std::ffi::c_int;

/// The thread's exception is set.  Only what sets it makes one.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "an exception is set: return it, or clear it with Thread::take_exception"]
pub struct Raised(());

impl Raised {
    /// To be called only where the current thread's exception was just set.
    #[inline(always)]
    pub fn set() -> Raised {
        Raised(())
    }
}

impl From<habu_heap::OutOfMemory> for Raised {
    #[cold]
    fn from(_: habu_heap::OutOfMemory) -> Raised {
        crate::exceptions::memory_error()
    }
}

/// What a slot of C type `int` returns: -1 with the thread's exception set, else 0 or 1.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(pub c_int);

impl Status {
    /// Done, or false.
    pub const OK: Status = Status(0);
    /// The exception is set.
    pub const RAISED: Status = Status(-1);

    /// The status as a result.
    #[inline(always)]
    pub fn result(self) -> Result<(), Raised> {
        if self.0 < 0 { Err(Raised(())) } else { Ok(()) }
    }

    /// The status as a truth value.
    #[inline(always)]
    pub fn truth(self) -> Result<bool, Raised> {
        if self.0 < 0 { Err(Raised(())) } else { Ok(self.0 != 0) }
    }
}

impl From<Result<(), Raised>> for Status {
    #[inline(always)]
    fn from(result: Result<(), Raised>) -> Status {
        if result.is_ok() { Status::OK } else { Status::RAISED }
    }
}

impl From<Result<bool, Raised>> for Status {
    #[inline(always)]
    fn from(result: Result<bool, Raised>) -> Status {
        match result {
            Ok(truth) => Status(c_int::from(truth)),
            Err(Raised(())) => Status::RAISED,
        }
    }
}

/// A slot of C type `Py_ssize_t`: -1 with the thread's exception set.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeStatus(pub isize);

impl SizeStatus {
    /// The length.
    #[inline(always)]
    pub fn result(self) -> Result<usize, Raised> {
        usize::try_from(self.0).map_err(|_| Raised(()))
    }
}

impl From<Result<usize, Raised>> for SizeStatus {
    #[inline(always)]
    fn from(result: Result<usize, Raised>) -> SizeStatus {
        SizeStatus(result.map_or(-1, |size| size as isize))
    }
}

/// A slot of C type `Py_hash_t`: -1 with the thread's exception set; a hash of -1 is told as -2.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashStatus(pub isize);

impl HashStatus {
    /// The hash.
    #[inline(always)]
    pub fn result(self) -> Result<isize, Raised> {
        if self.0 == -1 { Err(Raised(())) } else { Ok(self.0) }
    }
}

impl From<Result<isize, Raised>> for HashStatus {
    #[inline(always)]
    fn from(result: Result<isize, Raised>) -> HashStatus {
        match result {
            Ok(-1) => HashStatus(-2),
            Ok(hash) => HashStatus(hash),
            Err(Raised(())) => HashStatus(-1),
        }
    }
}

// The C calling convention: a result is one word, null for an error.
const _: () = assert!(size_of::<Result<super::reference::Ref, Raised>>() == size_of::<usize>());
