//! The table of a set: pairs of key and hash, searched in runs of ten places that follow one another, then by the perturbed hash.
//!
//! The order of iteration is the order of the table, which programs see: sizes, growth and probes are CPython 3.11's. A place is empty
//! (no key, hash 0), taken, or *dummy* (its key was removed; hash -1). Comparing keys may run Python code that changes the set: after each such
//! comparison the table and the place are looked at again.

use std::cell::Cell;
use std::ptr::NonNull;

use habu_heap::Domain;

use crate::exceptions::memory_error;
use crate::object::protocol;
use crate::object::slots::CompareOp;
use crate::object::visit::{Stopped, Traverse, Visit};
use crate::object::{Object, Raised, Ref};
use crate::types::dict::table::hash_key;
use crate::types::singletons::none_static;
use crate::types::str::Str;

/// The places of the table inside the object.
pub const SMALL_SIZE: usize = 8;
const LINEAR_PROBES: usize = 9;

/// A place of the table.
#[repr(C)]
pub struct Entry {
    key: Cell<*const Object>,
    hash: Cell<isize>,
}

/// The key of a removed entry: an address that no key has in a set's table with the hash -1.
fn dummy() -> *const Object {
    none_static()
}

impl Entry {
    const EMPTY: Entry = Entry { key: Cell::new(std::ptr::null()), hash: Cell::new(0) };

    /// Whether a key stands here: hashes are never -1.
    #[inline(always)]
    fn is_taken(&self) -> bool {
        !self.key.get().is_null() && self.hash.get() != -1
    }
}

/// What `set` and `frozenset` are made of (`PySetObject`, 200 bytes).
#[repr(C)]
pub struct SetCore {
    /// The header.
    pub base: Object,
    /// Taken and dummy places.
    fill: Cell<usize>,
    /// Taken places.
    used: Cell<usize>,
    mask: Cell<usize>,
    /// The table: `small`, or memory of its own.
    table: Cell<*mut Entry>,
    /// The hash of a frozen set, once it was computed, or -1.
    pub(super) hash: Cell<isize>,
    /// Where `pop` goes on.
    finger: Cell<usize>,
    small: [Entry; SMALL_SIZE],
    /// Weak references to the set.
    pub weaklist: Cell<*const Object>,
}

crate::assert_layout!(SetCore, size 200, fill @ 16, used @ 24, mask @ 32, table @ 40, hash @ 48, finger @ 56, small @ 64, weaklist @ 192);

impl SetCore {
    /// The fields of an empty set.
    pub(super) fn empty(base: Object) -> SetCore {
        SetCore {
            base,
            fill: Cell::new(0),
            used: Cell::new(0),
            mask: Cell::new(SMALL_SIZE - 1),
            table: Cell::new(std::ptr::null_mut()),
            hash: Cell::new(-1),
            finger: Cell::new(0),
            small: [Entry::EMPTY; SMALL_SIZE],
            weaklist: Cell::new(std::ptr::null()),
        }
    }

    /// The set or frozen set in an object.
    pub fn of(object: &Object) -> Option<&SetCore> {
        let is_set = object.is_exact::<super::Set>()
            || object.is_exact::<super::FrozenSet>()
            || object.isinstance::<super::Set>()
            || object.isinstance::<super::FrozenSet>();
        // SAFETY: both types begin with a SetCore.
        is_set.then(|| unsafe { &*std::ptr::from_ref(object).cast() })
    }

    /// The number of keys.
    #[inline(always)]
    #[expect(clippy::len_without_is_empty, reason = "compare with 0, as for every container")]
    pub fn len(&self) -> usize {
        self.used.get()
    }

    /// The bytes of the table that is not in the object.
    pub(super) fn table_bytes(&self) -> usize {
        if self.is_small() { 0 } else { (self.mask.get() + 1) * size_of::<Entry>() }
    }

    fn is_small(&self) -> bool {
        self.table.get().is_null() || std::ptr::eq(self.table.get(), self.small.as_ptr())
    }

    #[inline(always)]
    fn entries(&self) -> *const Entry {
        let table = self.table.get();
        if table.is_null() { self.small.as_ptr() } else { table }
    }

    /// All places, while nothing changes the table.
    #[inline(always)]
    fn places(&self) -> &[Entry] {
        // SAFETY: the table has mask + 1 places.
        unsafe { std::slice::from_raw_parts(self.entries(), self.mask.get() + 1) }
    }

    /// The place `index`, which must be at most the mask.
    #[inline(always)]
    fn entry(&self, index: usize) -> &Entry {
        debug_assert!(index <= self.mask.get());
        // SAFETY: the table has mask + 1 places.
        unsafe { &*self.entries().add(index) }
    }

    /// Walks the places where a hash may stand, until `stop` says so.
    #[inline(always)]
    fn probe<T>(&self, hash: isize, mut look: impl FnMut(usize, &Entry) -> Option<T>) -> T {
        let (mask, entries) = (self.mask.get(), self.entries());
        let (mut index, mut perturb) = (hash as usize & mask, hash as usize);
        loop {
            let run = if index + LINEAR_PROBES <= mask { LINEAR_PROBES } else { 0 };
            let last = index + run;
            let mut place = index;
            loop {
                // SAFETY: the place is at most the mask; `look` does not change the table.
                if let Some(found) = look(place, unsafe { &*entries.add(place) }) {
                    return found;
                }
                if place == last {
                    break;
                }
                place += 1;
            }
            perturb >>= 5;
            index = (index.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb)) & mask;
        }
    }

    /// The place of a key as `find` gives it, where no keys need to be compared: its own object stands there, or none has its hash.
    #[inline(always)]
    fn find_at_once(&self, key: &Object, hash: isize) -> Option<(usize, bool)> {
        self.probe(hash, |place, entry| {
            let known = entry.key.get();
            if std::ptr::eq(known, key) {
                Some(Some((place, true)))
            } else if known.is_null() {
                Some(Some((place, false)))
            } else {
                (entry.hash.get() == hash).then_some(None)
            }
        })
    }

    /// The place of a key: where it stands, or the empty place that ends the search.
    fn find(&self, key: &Object, hash: isize) -> Result<(usize, bool), Raised> {
        self.find_noting(key, hash, &mut None)
    }

    /// As `find`; notes the last place on the way that a key was taken out of.
    #[inline]
    fn find_noting(&self, key: &Object, hash: isize, freed: &mut Option<usize>) -> Result<(usize, bool), Raised> {
        enum Seen {
            Empty(usize),
            Same(usize),
            Candidate(usize, Ref),
        }
        // Keys of the same hash that were compared and found different, by number of the candidate.
        let mut skip = 0usize;
        'again: loop {
            let mut candidates = 0usize;
            *freed = None;
            let table = self.entries();
            let seen = self.probe(hash, |place, entry| {
                if entry.key.get().is_null() {
                    return Some(Seen::Empty(place));
                }
                if entry.hash.get() != hash {
                    // No key has this hash.
                    if entry.hash.get() == -1 {
                        *freed = Some(place);
                    }
                    return None;
                }
                if std::ptr::eq(entry.key.get(), key) {
                    return Some(Seen::Same(place));
                }
                // SAFETY: a taken place holds a live key.
                let known = unsafe { &*entry.key.get() };
                if let (Some(left), Some(right)) = (known.downcast_exact::<Str>(), key.downcast_exact::<Str>()) {
                    return left.same_text(right).then_some(Seen::Same(place));
                }
                candidates += 1;
                (candidates > skip).then(|| Seen::Candidate(place, known.to_ref()))
            });
            match seen {
                Seen::Empty(place) => return Ok((place, false)),
                Seen::Same(place) => return Ok((place, true)),
                Seen::Candidate(place, known) => {
                    let equal = protocol::compare_truth(&known, key, CompareOp::Eq)?;
                    if !std::ptr::eq(table, self.entries())
                        || place > self.mask.get()
                        || !std::ptr::eq(self.entry(place).key.get(), &*known)
                    {
                        skip = 0;
                        continue 'again;
                    }
                    if equal {
                        return Ok((place, true));
                    }
                    skip += 1;
                }
            }
        }
    }

    /// Whether the key is there.
    pub fn contains(&self, key: &Object) -> Result<bool, Raised> {
        let hash = hash_key(key)?;
        self.contains_hashed(key, hash)
    }

    /// Whether the key, whose hash is known, is there.
    pub fn contains_hashed(&self, key: &Object, hash: isize) -> Result<bool, Raised> {
        if self.len() == 0 {
            return Ok(false);
        }
        match self.find_at_once(key, hash) {
            Some((_, found)) => Ok(found),
            None => Ok(self.find(key, hash)?.1),
        }
    }

    /// Adds a key.
    pub fn add(&self, key: &Object) -> Result<(), Raised> {
        let hash = hash_key(key)?;
        self.add_hashed(key, hash)
    }

    /// Adds a key whose hash is known.
    pub fn add_hashed(&self, key: &Object, hash: isize) -> Result<(), Raised> {
        let mut freed = None;
        let at_once = if self.fill.get() == self.used.get() { self.find_at_once(key, hash) } else { None };
        let (place, found) = match at_once {
            Some(found) => found,
            None => self.find_noting(key, hash, &mut freed)?,
        };
        if found {
            return Ok(());
        }
        // The last place on the way that a key was taken out of comes before the empty one behind it.
        let entry = self.entry(freed.unwrap_or(place));
        entry.key.set(key.to_ref().into_pointer().as_ptr());
        entry.hash.set(hash);
        self.used.set(self.used.get() + 1);
        if freed.is_some() {
            return Ok(());
        }
        self.fill.set(self.fill.get() + 1);
        if self.fill.get() * 5 < self.mask.get() * 3 {
            return Ok(());
        }
        let used = self.used.get();
        self.resize(if used > 50_000 { used * 2 } else { used * 4 })
    }

    /// Takes a key out; gives whether it was there.
    pub fn remove(&self, key: &Object) -> Result<bool, Raised> {
        let hash = hash_key(key)?;
        self.remove_hashed(key, hash)
    }

    /// Takes a key whose hash is known out; gives whether it was there.
    pub fn remove_hashed(&self, key: &Object, hash: isize) -> Result<bool, Raised> {
        let (place, found) = self.find(key, hash)?;
        if !found {
            return Ok(false);
        }
        drop(self.take(place));
        Ok(true)
    }

    /// Empties a taken place.
    fn take(&self, place: usize) -> Option<Ref> {
        let entry = self.entry(place);
        let key = NonNull::new(entry.key.replace(dummy()).cast_mut())?;
        entry.hash.set(-1);
        self.used.set(self.used.get() - 1);
        // SAFETY: the place owned a reference to its key.
        Some(unsafe { Ref::from_owned(key) })
    }

    /// Takes some key out.
    pub fn pop(&self) -> Option<Ref> {
        if self.len() == 0 {
            return None;
        }
        let mask = self.mask.get();
        let mut place = self.finger.get() & mask;
        while !self.entry(place).is_taken() {
            place = (place + 1) & mask;
        }
        self.finger.set(place + 1);
        self.take(place)
    }

    /// Drops the dummies where they take more than a quarter of the table.
    pub(super) fn sweep(&self) -> Result<(), Raised> {
        if self.fill.get() - self.used.get() <= self.mask.get() / 4 {
            return Ok(());
        }
        let used = self.used.get();
        self.resize(if used > 50_000 { used * 2 } else { used * 4 })
    }

    /// Gives the table room for more than `size` keys, and drops the dummies.
    fn resize(&self, size: usize) -> Result<(), Raised> {
        let mut new_size = SMALL_SIZE;
        while new_size <= size {
            new_size =
                new_size.checked_mul(2).filter(|size| *size < isize::MAX as usize / 32).ok_or_else(memory_error)?;
        }
        let (was_small, places, used) = (self.is_small(), self.mask.get() + 1, self.used.get());
        if was_small && new_size == SMALL_SIZE {
            // The same places without the dummies.
            let old = self.detach();
            self.fill.set(used);
            self.used.set(used);
            old.for_each(|key, hash| self.insert_clean(key, hash));
            return Ok(());
        }
        // While there is a table outside of the object, the small one is empty.
        let fresh =
            if new_size == SMALL_SIZE { std::ptr::null_mut() } else { allocate(new_size).ok_or_else(memory_error)? };
        let old = self.entries();
        self.table.set(fresh);
        self.mask.set(new_size - 1);
        self.fill.set(used);
        for index in 0..places {
            // SAFETY: the old table has so many places, and is freed below.
            let entry = unsafe { &*old.add(index) };
            if entry.is_taken() {
                self.insert_clean(entry.key.get(), entry.hash.get());
            }
        }
        if was_small {
            for entry in &self.small {
                entry.key.set(std::ptr::null());
                entry.hash.set(0);
            }
        } else if let Some(old) = NonNull::new(old.cast_mut()) {
            // SAFETY: allocated with this size.
            unsafe { habu_heap::free(Domain::Mem, old.cast(), places * size_of::<Entry>()) };
        }
        Ok(())
    }

    /// Puts a key that is not there into a table without dummies.  The reference passes to the table.
    fn insert_clean(&self, key: *const Object, hash: isize) {
        self.probe(hash, |_, entry| {
            entry.key.get().is_null().then(|| {
                entry.key.set(key);
                entry.hash.set(hash);
            })
        });
    }

    /// Takes the table away: the set is empty and small afterwards.
    pub(super) fn detach(&self) -> Detached {
        let detached = Detached {
            table: if self.is_small() { std::ptr::null_mut() } else { self.table.get() },
            small: std::array::from_fn(|index| Entry {
                key: Cell::new(self.small[index].key.replace(std::ptr::null())),
                hash: Cell::new(self.small[index].hash.replace(0)),
            }),
            mask: self.mask.get(),
            fill: self.fill.get(),
            used: self.used.get(),
        };
        self.table.set(std::ptr::null_mut());
        self.mask.set(SMALL_SIZE - 1);
        self.fill.set(0);
        self.used.set(0);
        detached
    }

    /// Puts a detached table back into a set that is empty.
    pub(super) fn attach(&self, detached: Detached) {
        for (place, entry) in self.small.iter().zip(&detached.small) {
            place.key.set(entry.key.get());
            place.hash.set(entry.hash.get());
        }
        self.table.set(detached.table);
        self.mask.set(detached.mask);
        self.fill.set(detached.fill);
        self.used.set(detached.used);
        self.finger.set(0);
    }

    /// Exchanges the contents of two sets.
    pub(super) fn swap(&self, other: &SetCore) {
        let (own, theirs) = (self.detach(), other.detach());
        self.attach(theirs);
        other.attach(own);
    }

    /// Drops all keys.
    pub fn clear_keys(&self) {
        let old = self.detach();
        old.drop_keys();
        old.release_memory();
    }

    /// Makes room for `more` keys that are to be added together.
    pub(super) fn reserve(&self, more: usize) -> Result<(), Raised> {
        if (self.fill.get() + more) * 5 >= self.mask.get() * 3 {
            return self.resize((self.used.get() + more) * 2);
        }
        Ok(())
    }

    /// Adds all keys of another set.
    pub(super) fn merge(&self, other: &SetCore) -> Result<(), Raised> {
        if std::ptr::eq(self, other) || other.len() == 0 {
            return Ok(());
        }
        self.reserve(other.len())?;
        if self.fill.get() == 0 && self.mask.get() == other.mask.get() && other.fill.get() == other.used.get() {
            // The same places as in the other table.
            for (from, to) in other.places().iter().zip(self.places()) {
                if from.is_taken() {
                    // SAFETY: a taken place holds a live key.
                    unsafe { &*from.key.get() }.add_references(1);
                    to.key.set(from.key.get());
                    to.hash.set(from.hash.get());
                }
            }
            self.fill.set(other.used.get());
            self.used.set(other.used.get());
            return Ok(());
        }
        if self.fill.get() == 0 {
            self.fill.set(other.used.get());
            self.used.set(other.used.get());
            for from in other.places() {
                if from.is_taken() {
                    // SAFETY: as above.
                    let key = unsafe { &*from.key.get() }.to_ref().into_pointer().as_ptr();
                    self.insert_clean(key, from.hash.get());
                }
            }
            return Ok(());
        }
        let mut at = 0;
        while let Some((key, hash)) = other.next(&mut at) {
            self.add_hashed(&key, hash)?;
        }
        Ok(())
    }

    /// The key at or behind a place, with its hash; the place moves behind it. The set may change between calls.
    pub fn next(&self, at: &mut usize) -> Option<(Ref, isize)> {
        while *at <= self.mask.get() {
            let entry = self.entry(*at);
            *at += 1;
            if entry.is_taken() {
                // SAFETY: a taken place holds a live key.
                return Some((unsafe { &*entry.key.get() }.to_ref(), entry.hash.get()));
            }
        }
        None
    }

    /// All keys, in the order of their places, for code that changes nothing meanwhile.
    #[inline(always)]
    pub(crate) fn keys(&self) -> impl Iterator<Item = &Object> {
        // SAFETY: a taken place holds a live key.
        self.places().iter().filter(|entry| entry.is_taken()).map(|entry| unsafe { &*entry.key.get() })
    }

    /// The hash of the contents, in any order.
    pub(super) fn contents_hash(&self) -> isize {
        let shuffle = |hash: usize| ((hash ^ 89_869_747) ^ (hash << 16)).wrapping_mul(3_644_798_167);
        let mut hash = 0usize;
        for entry in self.places() {
            hash ^= if entry.is_taken() { shuffle(entry.hash.get() as usize) } else { 0 };
        }
        hash ^= (self.used.get().wrapping_add(1)).wrapping_mul(1_927_868_237);
        hash ^= (hash >> 11) ^ (hash >> 25);
        hash = hash.wrapping_mul(69_069).wrapping_add(907_133_923);
        match hash as isize {
            -1 => 590_923_713,
            hash => hash,
        }
    }
}

/// Memory for a table of `size` empty places.
fn allocate(size: usize) -> Option<*mut Entry> {
    let memory = habu_heap::alloc_zeroed(Domain::Mem, size * size_of::<Entry>())?;
    Some(memory.cast::<Entry>().as_ptr())
}

/// A table that was taken out of its set, with its references.
pub(super) struct Detached {
    table: *mut Entry,
    small: [Entry; SMALL_SIZE],
    mask: usize,
    fill: usize,
    used: usize,
}

impl Detached {
    fn for_each(&self, mut each: impl FnMut(*const Object, isize)) {
        let start = if self.table.is_null() { self.small.as_ptr() } else { self.table.cast_const() };
        for index in 0..=self.mask {
            // SAFETY: the table has mask + 1 places.
            let entry = unsafe { &*start.add(index) };
            if entry.is_taken() {
                each(entry.key.get(), entry.hash.get());
            }
        }
    }

    /// Drops the references.
    fn drop_keys(&self) {
        self.for_each(|key, _| {
            if let Some(key) = NonNull::new(key.cast_mut()) {
                // SAFETY: the table owned a reference, which is dropped once.
                drop(unsafe { Ref::from_owned(key) });
            }
        });
    }

    /// Frees the table's own memory.
    fn release_memory(self) {
        if let Some(table) = NonNull::new(self.table) {
            // SAFETY: allocated with this size.
            unsafe { habu_heap::free(Domain::Mem, table.cast(), (self.mask + 1) * size_of::<Entry>()) };
        }
    }
}

impl Traverse for SetCore {
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        self.keys().try_for_each(|key| visit.object(key))
    }

    fn clear(&self) {
        self.clear_keys();
    }
}

impl Drop for SetCore {
    /// As `clear_keys`, without taking the table out first: nobody sees it any more.
    fn drop(&mut self) {
        let mut left = self.used.get();
        for entry in self.places() {
            if left == 0 {
                break;
            }
            if entry.is_taken()
                && let Some(key) = NonNull::new(entry.key.get().cast_mut())
            {
                left -= 1;
                // SAFETY: the table owned a reference, which is dropped once.
                drop(unsafe { Ref::from_owned(key) });
            }
        }
        if !self.is_small()
            && let Some(table) = NonNull::new(self.table.get())
        {
            // SAFETY: allocated with this size.
            unsafe { habu_heap::free(Domain::Mem, table.cast(), (self.mask.get() + 1) * size_of::<Entry>()) };
        }
    }
}
