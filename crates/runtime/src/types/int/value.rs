//! The integer object as Rust uses it, and `bool`, which has its layout.
//!
//! The digits stand behind the header, least significant first; the header's size is their number, negative for a negative
//! integer, 0 for zero. Integers from -5 to 256 are static.

use std::cell::Cell;
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, Ordering};

use habu_heap::Domain;
use habu_macros::pytype;

use crate::exceptions::memory_error;
use crate::object::static_cell::ProcessStatic;
use crate::object::typeobject::flags;
use crate::object::{Object, PyType, Raised, Ref, Type, VarObject, allocate};

/// int([x]) -> integer
/// int(x, base=10) -> integer
///
/// Convert a number or string to an integer, or return 0 if no arguments
/// are given.  If x is a number, return x.__int__().  For floating point
/// numbers, this truncates towards zero.
///
/// If x is not a number or if base is given, then x must be a string,
/// bytes, or bytearray instance representing an integer literal in the
/// given base.  The literal can be preceded by '+' or '-' and be surrounded
/// by whitespace.  The base defaults to 10.  Valid bases are 0 and 2-36.
/// Base 0 means to interpret the base from the string as an integer literal.
/// >>> int('0b100', base=0)
/// 4
#[pytype(name = "int", generic_get, c_name = "PyLong_Type", basetype, subclass_flag = LONG_SUBCLASS, flag = MATCH_SELF, itemsize = 4)]
pub struct Int {
    /// The header; its size is the number of digits with the sign.
    pub base: VarObject,
    digits: [u32; 0],
}

crate::assert_layout!(Int, size 24, digits @ 24);

/// bool(x) -> bool
///
/// Returns True when the argument x is true, False otherwise.
/// The builtins True and False are the only two instances of the class bool.
/// The class bool cannot be subclassed.
#[pytype(name = "bool", c_name = "PyBool_Type", base = crate::types::int::INT_TYPE, itemsize = 4)]
pub struct Bool {
    /// The integer.
    pub base: VarObject,
    digit: u32,
}

crate::assert_layout!(Bool, size 32, digit @ 24);

/// The bits of a digit.
pub const DIGIT_BITS: u32 = 30;
/// The largest digit.
pub const DIGIT_MASK: u32 = (1 << DIGIT_BITS) - 1;

/// The bytes before the digits.
const HEADER: usize = 24;
/// The digits of the largest integer in a pool of the heap.
const IN_POOL: usize = (habu_heap::SMALL_MAX - HEADER) / 4;

/// The bytes of an integer of `count` digits. There is always room for two: the block is no larger, and CPython asks for as much where
/// it makes an integer of one, which `tracemalloc` shows.
#[inline(always)]
const fn block_size(count: usize) -> usize {
    HEADER + 4 * if count < 2 { 2 } else { count }
}

/// Writes zeros to `count` digits: few of them by two stores that overlap, since a call costs more.
///
/// # Safety
/// There is room for them.
#[inline(always)]
unsafe fn zero(start: NonNull<u32>, count: usize) {
    #[inline(always)]
    unsafe fn ends<const N: usize>(start: NonNull<u32>, count: usize) {
        // SAFETY: the caller has `N` digits at least from each of the two places.
        unsafe {
            start.cast::<[u32; N]>().write_unaligned([0; N]);
            start.add(count - N).cast::<[u32; N]>().write_unaligned([0; N]);
        }
    }
    // SAFETY: as the caller says; each arm has at least as many digits as its stores.
    unsafe {
        match count {
            0 => (),
            1 => start.write(0),
            2..=3 => ends::<2>(start, count),
            4..=8 => ends::<4>(start, count),
            9..=16 => ends::<8>(start, count),
            _ => start.write_bytes(0, count),
        }
    }
}

/// An integer of one digit.
#[repr(C)]
struct SmallInt {
    base: VarObject,
    digit: u32,
}

const SMALLEST: i64 = -5;
const LARGEST: i64 = 256;

/// What compiled extensions read of the process's state (`_PyRuntime`), at the offsets that CPython 3.11 has it: the thread that
/// runs, and the small integers.
#[repr(C)]
struct ProcessState {
    before: [usize; 0x240 / 8],
    /// The thread that holds the lock (`gilstate.tstate_current`).
    thread: AtomicPtr<c_void>,
    between: [usize; (0x2a8 - 0x248) / 8],
    small: [ProcessStatic<SmallInt>; 262],
}

const _: () = assert!(std::mem::offset_of!(ProcessState, thread) == 0x240);
const _: () = assert!(std::mem::offset_of!(ProcessState, small) == 0x2a8);

#[unsafe(export_name = "_PyRuntime")]
static PROCESS: ProcessState = ProcessState {
    before: [0; 0x240 / 8],
    thread: AtomicPtr::new(std::ptr::null_mut()),
    between: [0; (0x2a8 - 0x248) / 8],
    small: SMALL_VALUES,
};

/// Tells extensions which thread holds the lock.
pub fn set_running_thread(thread: *const c_void) {
    PROCESS.thread.store(thread.cast_mut(), Ordering::Relaxed);
}

#[allow(clippy::declare_interior_mutable_const)]
const SMALL_VALUES: [ProcessStatic<SmallInt>; 262] = {
    let mut all = [const { ProcessStatic(SmallInt { base: VarObject::shared_header(&raw const INT_TYPE.ty, 1), digit: 0 }) };
        262];
    let mut index = 0;
    while index < 262 {
        let value = index as i64 + SMALLEST;
        all[index].0.digit = if value < 0 { -value as u32 } else { value as u32 };
        all[index].0.base.size = Cell::new(if value < 0 {
            -1
        } else if value == 0 {
            0
        } else {
            1
        });
        index += 1;
    }
    all
};

#[unsafe(export_name = "_Py_FalseStruct")]
static FALSE: ProcessStatic<Bool> = ProcessStatic(Bool {
    base: VarObject { base: Object::header(&raw const BOOL_TYPE.ty), size: Cell::new(0) },
    digit: 0,
});
#[unsafe(export_name = "_Py_TrueStruct")]
static TRUE: ProcessStatic<Bool> = ProcessStatic(Bool {
    base: VarObject { base: Object::header(&raw const BOOL_TYPE.ty), size: Cell::new(1) },
    digit: 1,
});

/// True or False, static.
#[inline(always)]
pub fn boolean_static(value: bool) -> &'static Bool {
    if value { &TRUE.0 } else { &FALSE.0 }
}

impl Int {
    /// The static integer, when `value` is one of them.
    #[inline(always)]
    pub fn small(value: i64) -> Option<&'static Int> {
        let index = value.wrapping_sub(SMALLEST) as u64;
        if index > (LARGEST - SMALLEST) as u64 {
            return None;
        }
        // SAFETY: SmallInt has the layout of an integer of one digit.
        Some(unsafe { &*(&raw const PROCESS.small[index as usize]).cast::<Int>() })
    }

    /// An integer.
    #[inline(always)]
    pub fn from_i64(value: i64) -> Result<Ref<Int>, Raised> {
        if let Some(small) = Int::small(value) {
            return Ok(Ref::from_borrowed(small));
        }
        let magnitude = value.unsigned_abs();
        if magnitude <= u64::from(DIGIT_MASK) {
            if let Some(block) = habu_heap::alloc_ready(block_size(1)) {
                // SAFETY: the block is new and has room for a header and a digit.
                return Ok(unsafe { Int::place(block, magnitude as u32, None, if value < 0 { -1 } else { 1 }) });
            }
        } else if magnitude >> DIGIT_BITS <= u64::from(DIGIT_MASK)
            && let Some(block) = habu_heap::alloc_ready(block_size(2))
        {
            let (low, high) = (magnitude as u32 & DIGIT_MASK, (magnitude >> DIGIT_BITS) as u32);
            // SAFETY: the block is new and has room for a header and two digits.
            return Ok(unsafe { Int::place(block, low, Some(high), if value < 0 { -2 } else { 2 }) });
        }
        Int::from_magnitude(u128::from(magnitude), value < 0)
    }

    /// Makes a new block an integer of one or two digits.
    ///
    /// # Safety
    /// The block is the caller's, and has room for the header and the digits; `size` says how many there are.
    #[inline(always)]
    unsafe fn place(block: NonNull<u8>, low: u32, high: Option<u32>, size: isize) -> Ref<Int> {
        let object = block.cast::<Int>();
        // SAFETY: by the contract.
        unsafe {
            object.write(Int { base: VarObject::header(&raw const INT_TYPE.ty, size), digits: [] });
            let digits = object.cast::<u8>().add(HEADER).cast::<u32>();
            digits.write(low);
            if let Some(high) = high {
                digits.add(1).write(high);
            }
            Ref::from_owned(object)
        }
    }

    /// An integer.
    #[inline]
    pub fn from_u64(value: u64) -> Result<Ref<Int>, Raised> {
        match i64::try_from(value) {
            Ok(value) => Int::from_i64(value),
            Err(_) => Int::from_magnitude(u128::from(value), false),
        }
    }

    /// An integer.
    #[inline]
    pub fn from_i128(value: i128) -> Result<Ref<Int>, Raised> {
        Int::from_u128(value.unsigned_abs(), value < 0)
    }

    /// The integer of this magnitude and sign.
    #[inline]
    pub fn from_u128(magnitude: u128, negative: bool) -> Result<Ref<Int>, Raised> {
        match i64::try_from(magnitude) {
            Ok(value) => Int::from_i64(if negative { -value } else { value }),
            Err(_) => Int::from_magnitude(magnitude, negative),
        }
    }

    /// An integer that is none of the static ones.
    #[inline(never)]
    fn from_magnitude(value: u128, negative: bool) -> Result<Ref<Int>, Raised> {
        let count = (128 - value.leading_zeros()).div_ceil(DIGIT_BITS) as usize;
        let object = Int::allocate(count)?;
        // SAFETY: the block has room for `count` digits, and for two at least, behind the header, which `allocate` wrote.
        unsafe {
            let to = object.cast::<u8>().add(HEADER).cast::<u32>();
            let (low, high) = (value as u64, (value >> (2 * DIGIT_BITS)) as u64);
            to.write(low as u32 & DIGIT_MASK);
            to.add(1).write((low >> DIGIT_BITS) as u32 & DIGIT_MASK);
            if count > 2 {
                to.add(2).write(high as u32 & DIGIT_MASK);
            }
            if count > 3 {
                to.add(3).write((high >> DIGIT_BITS) as u32 & DIGIT_MASK);
            }
            if count > 4 {
                to.add(4).write((value >> (4 * DIGIT_BITS)) as u32);
            }
            let object = Ref::from_owned(object);
            object.base.size.set(if negative { -(count as isize) } else { count as isize });
            Ok(object)
        }
    }

    /// A block for exactly `count` digits, with a header that says zero; the digits are not written yet.
    #[inline(always)]
    fn allocate(count: usize) -> Result<NonNull<Int>, Raised> {
        let Some(block) = habu_heap::alloc(Domain::Object, block_size(count)) else { return Err(memory_error()) };
        let object = block.cast::<Int>();
        // SAFETY: the block is ours, and larger than the header.
        unsafe { object.write(Int { base: VarObject::header(&raw const INT_TYPE.ty, 0), digits: [] }) };
        Ok(object)
    }

    /// An integer of exactly `count` digits, all zero, which C code fills before any other code sees it.
    pub fn unfilled(count: usize) -> Result<Ref<Int>, Raised> {
        if count > isize::MAX as usize / 8 {
            return Err(crate::raise!(OverflowError, "too many digits in integer"));
        }
        let object = Int::allocate(count)?;
        // SAFETY: the block has room for that many digits, and for one at least.
        unsafe {
            object.cast::<u8>().add(HEADER).cast::<u32>().write_bytes(0, count.max(1));
            let object = Ref::from_owned(object);
            object.base.size.set(count as isize);
            Ok(object)
        }
    }

    /// An integer of up to `room` digits that `fill` writes: it gives how many it used; leading zeros are taken off here.
    #[inline]
    pub fn build(room: usize, negative: bool, fill: impl FnOnce(&mut [u32]) -> usize) -> Result<Ref<Int>, Raised> {
        Int::build_signed(room, |digits| (negative, fill(digits)))
    }

    /// As `build`, where the sign shows only with the digits.
    ///
    /// The digits are made in place. A block is always of the size that the digits of a short result need, and can be freed by that
    /// size: where fewer than expected leave part of it over, the result moves.
    #[inline]
    pub fn build_signed(room: usize, fill: impl FnOnce(&mut [u32]) -> (bool, usize)) -> Result<Ref<Int>, Raised> {
        if room > isize::MAX as usize / 8 {
            return Err(memory_error());
        }
        let object = Int::allocate(room)?;
        // SAFETY: the block has room for the digits, which are zeroed before they are lent. The object is freed by hand, as its
        // size does not say yet how large the block is.
        unsafe {
            let start = object.cast::<u8>().add(HEADER).cast::<u32>();
            zero(start, room);
            let digits = std::slice::from_raw_parts_mut(start.as_ptr(), room);
            let (negative, used) = fill(digits);
            let used = habu_numbers::digits::normalised_len(&digits[..used.min(room)]);
            if !Int::fits_block(used, room) {
                return Int::moved(object, room, used, negative);
            }
            let object = Ref::from_owned(object);
            object.base.size.set(if negative { -(used as isize) } else { used as isize });
            Ok(object)
        }
    }

    /// As `build_signed`, without zeroing the digits first: for what writes each of them.
    ///
    /// # Safety
    /// `fill` has written the first places, as many as it says.
    #[inline(always)]
    pub unsafe fn build_written(
        room: usize,
        fill: impl FnOnce(&mut [MaybeUninit<u32>]) -> (bool, usize),
    ) -> Result<Ref<Int>, Raised> {
        // SAFETY: as the caller says, and what is left has no leading zeros.
        unsafe {
            Int::build_normalised(
                room,
                #[inline(always)]
                |digits| {
                    let (negative, mut used) = fill(digits);
                    while used > 0 && digits[used - 1].assume_init() == 0 {
                        used -= 1;
                    }
                    (negative, used)
                },
            )
        }
    }

    /// As `build_written`, for what has no leading zeros.
    ///
    /// # Safety
    /// `fill` has written the first places, as many as it says, and the last of them is not 0.
    #[inline(always)]
    pub unsafe fn build_normalised(
        room: usize,
        fill: impl FnOnce(&mut [MaybeUninit<u32>]) -> (bool, usize),
    ) -> Result<Ref<Int>, Raised> {
        if room > isize::MAX as usize / 8 {
            return Err(memory_error());
        }
        let object = Int::allocate(room)?;
        // SAFETY: the block has room for the digits, which are lent as unwritten ones. The object is freed by hand, as its size does not
        // say yet how large the block is; what is read of it was written, as the caller says.
        unsafe {
            let start = object.cast::<u8>().add(HEADER).cast::<MaybeUninit<u32>>();
            let digits = std::slice::from_raw_parts_mut(start.as_ptr(), room);
            let (negative, used) = fill(digits);
            debug_assert!(used <= room && (used == 0 || digits[used - 1].assume_init() != 0));
            if (used != room || used < 2) && !Int::fits_block(used, room) {
                return Int::moved(object, room, used, negative);
            }
            let object = Ref::from_owned(object);
            object.base.size.set(if negative { -(used as isize) } else { used as isize });
            Ok(object)
        }
    }

    /// Whether an integer of `used` digits may stay in a block made for `room`: a block of a pool is freed by its digits, a large
    /// one should not waste much. An integer of one digit may be a static one.
    #[inline(always)]
    fn fits_block(used: usize, room: usize) -> bool {
        if room > IN_POOL {
            return used > IN_POOL && used + used / 4 >= room;
        }
        used > 1 && habu_heap::same_class(block_size(used), block_size(room))
    }

    /// The integer of the first `used` digits of a block made for `room`, which is freed.
    ///
    /// # Safety
    /// The block is the caller's alone, and its digits are written.
    #[inline(never)]
    unsafe fn moved(object: NonNull<Int>, room: usize, used: usize, negative: bool) -> Result<Ref<Int>, Raised> {
        // SAFETY: as the caller says.
        unsafe {
            let digits = std::slice::from_raw_parts(object.cast::<u8>().add(HEADER).cast::<u32>().as_ptr(), used);
            let copy = Int::from_digits(digits, negative);
            habu_heap::free(Domain::Object, object.cast(), block_size(room));
            copy
        }
    }

    /// An integer of these digits; leading zeros are taken off.
    pub fn from_digits(digits: &[u32], negative: bool) -> Result<Ref<Int>, Raised> {
        let digits = habu_numbers::digits::normalised(digits);
        if let [] | [_] = digits {
            let value = i64::from(digits.first().copied().unwrap_or(0));
            return Int::from_i64(if negative { -value } else { value });
        }
        let object = Int::allocate(digits.len())?;
        // SAFETY: the block has room for the digits.
        unsafe {
            let to = object.cast::<u8>().add(HEADER).cast::<u32>();
            to.copy_from_nonoverlapping(NonNull::from(digits).cast(), digits.len());
            let object = Ref::from_owned(object);
            object.base.size.set(if negative { -(digits.len() as isize) } else { digits.len() as isize });
            Ok(object)
        }
    }

    /// The integer that an algorithm gave.
    pub fn from_number(value: &habu_numbers::digits::Int) -> Result<Ref<Int>, Raised> {
        Int::from_digits(&value.magnitude, value.negative)
    }

    /// An integer of the type `cls`, int or a subclass, with the value of this one.
    pub fn instantiate(&self, cls: &Type) -> Result<Ref<Int>, Raised> {
        if std::ptr::eq(cls, Int::type_object()) {
            return self.to_exact();
        }
        let digits = self.digits();
        // An instance's dictionary stands behind the digits, counted from the rounded end.
        let size = (cls.tp_basicsize.get() as usize + 4 * digits.len().max(1)).next_multiple_of(8);
        let object = allocate::allocate_zeroed(cls, size)?.cast::<Int>();
        // SAFETY: the block has room for a header and the digits; it becomes an object of the class, which it refers to.
        unsafe {
            object.write(Int { base: VarObject::header(cls, self.base.size.get()), digits: [] });
            let to = object.cast::<u8>().add(HEADER).cast::<u32>();
            to.copy_from_nonoverlapping(NonNull::from(digits).cast(), digits.len());
            allocate::own_type(cls);
            if cls.has_flag(flags::HAVE_GC) {
                crate::gc::track(object.cast::<Object>().as_ref());
            }
            Ok(Ref::from_owned(object))
        }
    }

    /// The same value as an integer of exactly that type.
    #[inline]
    pub fn to_exact(&self) -> Result<Ref<Int>, Raised> {
        if self.is_exact::<Int>() {
            return Ok(Ref::from_borrowed(self));
        }
        Int::from_digits(self.digits(), self.is_negative())
    }

    /// The digits, least significant first, without leading zeros.
    #[inline(always)]
    pub fn digits(&self) -> &[u32] {
        let start = std::ptr::from_ref(self).cast::<u8>();
        // SAFETY: the digits stand behind the header.
        unsafe { std::slice::from_raw_parts(start.add(24).cast(), self.base.size.get().unsigned_abs()) }
    }

    /// The digits with the sign, for the algorithms of `habu_numbers`.
    #[inline(always)]
    pub fn signed(&self) -> habu_numbers::digits::Signed<'_> {
        habu_numbers::digits::Signed { negative: self.is_negative(), magnitude: self.digits() }
    }

    /// Whether the integer is below zero.
    #[inline(always)]
    pub fn is_negative(&self) -> bool {
        self.base.size.get() < 0
    }

    /// Whether the integer has at most one digit.
    #[inline(always)]
    pub fn is_single(&self) -> bool {
        (self.base.size.get() + 1) as usize <= 2
    }

    /// The value of an integer of at most one digit.
    #[inline(always)]
    pub fn small_value(&self) -> i64 {
        debug_assert!(self.is_single());
        let start = std::ptr::from_ref(self).cast::<u8>();
        // SAFETY: every integer has room for one digit, which is 0 for zero.
        let digit = unsafe { start.add(24).cast::<u32>().read() };
        self.base.size.get() as i64 * i64::from(digit)
    }

    /// Whether the integer has at most two digits.
    #[inline(always)]
    pub fn has_two_digits(&self) -> bool {
        (self.base.size.get() + 2) as usize <= 4
    }

    /// The value of an integer of at most two digits.
    #[inline(always)]
    pub fn two_digits(&self) -> Option<i64> {
        if self.is_single() {
            return Some(self.small_value());
        }
        match *self.digits() {
            [low, high] => {
                let magnitude = i64::from(high) << DIGIT_BITS | i64::from(low);
                Some(if self.is_negative() { -magnitude } else { magnitude })
            }
            _ => None,
        }
    }

    /// The magnitude of an integer of at most three digits that fits.
    #[inline(always)]
    pub fn word(&self) -> Option<u64> {
        match *self.digits() {
            [] => Some(0),
            [a] => Some(u64::from(a)),
            [a, b] => Some(u64::from(b) << DIGIT_BITS | u64::from(a)),
            [a, b, c] if c < 16 => Some(u64::from(c) << 60 | u64::from(b) << DIGIT_BITS | u64::from(a)),
            _ => None,
        }
    }

    /// The value of an integer of at most four digits: of 120 bits, so that sums and shifts by a few do not overflow.
    #[inline(always)]
    pub fn four_digits(&self) -> Option<i128> {
        let pair = |low: u32, high: u32| u64::from(high) << DIGIT_BITS | u64::from(low);
        let magnitude = match *self.digits() {
            [] => 0,
            [a] => i128::from(a),
            [a, b] => i128::from(pair(a, b)),
            [a, b, c] => i128::from(pair(a, b)) | i128::from(c) << 60,
            [a, b, c, d] => i128::from(pair(a, b)) | i128::from(pair(c, d)) << 60,
            _ => return None,
        };
        Some(if self.is_negative() { -magnitude } else { magnitude })
    }

    /// The value, when it fits.
    #[inline]
    pub fn to_i64(&self) -> Option<i64> {
        match self.two_digits() {
            Some(value) => Some(value),
            None => habu_numbers::digits::small::to_i64(self.signed()),
        }
    }

    /// The value, when it is not negative and fits.
    #[inline]
    pub fn to_u64(&self) -> Option<u64> {
        if self.is_negative() { None } else { habu_numbers::digits::small::to_u64(self.digits()) }
    }

    /// The value, when it has at most four digits.
    pub fn to_i128(&self) -> Option<i128> {
        let digits = self.digits();
        if digits.len() > 4 {
            return None;
        }
        let magnitude = digits.iter().rev().fold(0i128, |value, digit| value << DIGIT_BITS | i128::from(*digit));
        Some(if self.is_negative() { -magnitude } else { magnitude })
    }
}

/// The `tp_dealloc` of integers.
///
/// # Safety
/// As `tp_dealloc`.
#[inline]
pub unsafe fn dealloc(object: NonNull<Object>) {
    // SAFETY: the object is an integer, whose fields need no ending. The block of an exact one has the size that its digits need;
    // that of a subclass's instance is not known.
    unsafe {
        let integer = object.cast::<Int>().as_ref();
        if integer.is_exact::<Int>() {
            let size = block_size(integer.base.size.get().unsigned_abs());
            habu_heap::free(Domain::Object, object.cast(), size);
        } else {
            let preheader = object.as_ref().ty().preheader_size();
            allocate::free_memory_unsized(object, preheader);
        }
    }
}

/// The nearest double; too large is an OverflowError.
#[inline]
pub fn to_f64(value: &Int) -> Result<f64, Raised> {
    if value.is_single() {
        return Ok(value.small_value() as f64);
    }
    habu_numbers::digits::float::to_f64(value.signed())
        .ok_or_else(|| crate::raise!(OverflowError, "int too large to convert to float"))
}
