//! What extensions keep with code objects (PEP 523): a word for each index that somebody asked for, freed with the code by a function of
//! whoever asked.

use std::ffi::c_void;
use std::sync::Mutex;

use super::value::Code;

/// Frees a word.
pub type Free = unsafe extern "C" fn(*mut c_void);

/// How the words of each index are freed. Indexes are given out for the whole process and never taken back.
static INDEXES: Mutex<Vec<Option<Free>>> = Mutex::new(Vec::new());

/// CPython has as many.
const MOST: usize = 255;

/// The next index; nothing where all are taken.
pub fn request(free: Option<Free>) -> Option<usize> {
    let mut indexes = INDEXES.lock().ok()?;
    if indexes.len() >= MOST {
        return None;
    }
    indexes.push(free);
    Some(indexes.len() - 1)
}

fn free_of(index: usize) -> Option<Option<Free>> {
    INDEXES.lock().ok()?.get(index).copied()
}

/// The words of a code object.
///
/// # Safety
/// Nobody else has a borrow of them: only the functions below make one, and none calls out while it has it.
#[expect(
    clippy::mut_from_ref,
    reason = "the words are not part of the code object; the contract says who may borrow them"
)]
unsafe fn words(code: &Code) -> Option<&mut Vec<*mut c_void>> {
    // SAFETY: null, or what `set` made; by the contract.
    unsafe { code.extra.get().cast::<Vec<*mut c_void>>().as_mut() }
}

/// The word at an index, null where there is none; nothing for an index that was not given out.
pub fn get(code: &Code, index: usize) -> Option<*mut c_void> {
    free_of(index)?;
    // SAFETY: the borrow ends here.
    let found = unsafe { words(code) }.and_then(|words| words.get(index).copied());
    Some(found.unwrap_or(std::ptr::null_mut()))
}

/// Sets the word at an index, and frees the one before; nothing for an index that was not given out.
pub fn set(code: &Code, index: usize, word: *mut c_void) -> Option<()> {
    let free = free_of(index)?;
    if code.extra.get().is_null() {
        code.extra.set(Box::into_raw(Box::<Vec<*mut c_void>>::default()).cast());
    }
    let old = {
        // SAFETY: the borrow ends before anything is called.
        let words = unsafe { words(code) }?;
        if words.len() <= index {
            words.resize(index + 1, std::ptr::null_mut());
        }
        std::mem::replace(&mut words[index], word)
    };
    if let Some(free) = free.filter(|_| !old.is_null()) {
        // SAFETY: the function frees what its extension stored.
        unsafe { free(old) };
    }
    Some(())
}

/// Frees all words of a code object that ends.
#[cold]
pub(super) fn drop_all(code: &Code) {
    let words = code.extra.replace(std::ptr::null_mut()).cast::<Vec<*mut c_void>>();
    // SAFETY: what `set` made, taken out above.
    let words = unsafe { Box::from_raw(words) };
    for (index, word) in words.into_iter().enumerate() {
        if let Some(free) = free_of(index).flatten().filter(|_| !word.is_null()) {
            // SAFETY: as in `set`.
            unsafe { free(word) };
        }
    }
}
