//! Wide strings, and lists of them, as C passes them (`wchar_t *`, `PyWideStringList`). Their memory is the raw domain's: the system's.

use std::ffi::{CStr, c_char};

use super::status::Status;

/// A wide string of C, or null.
pub(crate) type Wide = *mut u32;

/// The text of a wide string; nothing for null. Bytes that were no text stand as surrogates and are replaced.
///
/// # Safety
/// Null, or a string with an end.
pub(crate) unsafe fn text(wide: *const u32) -> Option<String> {
    if wide.is_null() {
        return None;
    }
    // SAFETY: by the contract.
    let codes = unsafe { (0..).map(|index| wide.add(index).read()).take_while(|code| *code != 0) };
    Some(codes.map(|code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}

/// The text of a C string; nothing for null.
///
/// # Safety
/// Null, or a string with an end.
pub(crate) unsafe fn narrow(bytes: *const c_char) -> Option<String> {
    // SAFETY: by the contract.
    (!bytes.is_null()).then(|| unsafe { CStr::from_ptr(bytes) }.to_string_lossy().into_owned())
}

/// A new wide string; null where there is no memory.
pub(crate) fn new(text: &str) -> Wide {
    let codes: Vec<u32> = text.chars().map(u32::from).chain([0]).collect();
    // SAFETY: there is room for all of them.
    unsafe {
        let memory = libc::malloc(codes.len() * 4).cast::<u32>();
        if !memory.is_null() {
            memory.copy_from_nonoverlapping(codes.as_ptr(), codes.len());
        }
        memory
    }
}

/// Replaces a wide string.
///
/// # Safety
/// The place holds null or a string of [`new`].
pub(crate) unsafe fn replace(place: &mut Wide, text: Option<&str>) {
    // SAFETY: by the contract.
    unsafe { libc::free(place.cast()) };
    *place = text.map_or(std::ptr::null_mut(), new);
}

/// `PyWideStringList`
#[repr(C)]
pub struct List {
    length: isize,
    items: *mut Wide,
}

impl List {
    /// The strings.
    pub(crate) fn texts(&self) -> Vec<String> {
        // SAFETY: a list has as many strings as it says.
        (0..self.length.max(0) as usize).filter_map(|index| unsafe { text(self.items.add(index).read()) }).collect()
    }

    /// Puts a string at an index, or at the end.
    pub(crate) fn insert(&mut self, index: usize, text: &str) -> Status {
        let count = self.length.max(0) as usize;
        let index = index.min(count);
        // SAFETY: the list's memory is the system's; there is room for one more behind what is moved.
        unsafe {
            let items = libc::realloc(self.items.cast(), (count + 1) * size_of::<Wide>()).cast::<Wide>();
            let made = new(text);
            if items.is_null() || made.is_null() {
                return Status::no_memory();
            }
            items.add(index + 1).copy_from(items.add(index), count - index);
            items.add(index).write(made);
            self.items = items;
        }
        self.length += 1;
        Status::ok()
    }

    /// Frees all strings.
    pub(crate) fn clear(&mut self) {
        // SAFETY: the strings and the list are the system's memory, and not used any more.
        unsafe {
            for index in 0..self.length.max(0) as usize {
                libc::free(self.items.add(index).read().cast());
            }
            libc::free(self.items.cast());
        }
        (self.length, self.items) = (0, std::ptr::null_mut());
    }

    /// Makes the list one of these strings.
    pub(crate) fn set(&mut self, texts: &[String]) -> Status {
        self.clear();
        for text in texts {
            let status = self.insert(usize::MAX, text);
            if !status.is_ok() {
                return status;
            }
        }
        Status::ok()
    }
}

/// `PyWideStringList_Append` of the C API.
///
/// # Safety
/// A list of C, and a string with an end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyWideStringList_Append(list: &mut List, item: *const u32) -> Status {
    // SAFETY: by the contract.
    list.insert(usize::MAX, &unsafe { text(item) }.unwrap_or_default())
}

/// `PyWideStringList_Insert` of the C API.
///
/// # Safety
/// As `PyWideStringList_Append`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyWideStringList_Insert(list: &mut List, index: isize, item: *const u32) -> Status {
    let Ok(index) = usize::try_from(index) else {
        return Status::error(c"PyWideStringList_Insert", c"PyWideStringList_Insert index must be >= 0");
    };
    // SAFETY: by the contract.
    list.insert(index, &unsafe { text(item) }.unwrap_or_default())
}
