//! The order of an `OrderedDict`: a doubly linked list of its keys, and for each entry of the dictionary's table the node of its key.
//!
//! The list is apart from the table, so that an item moves to either end in one step. `nodes` belongs to the table `table`: when the
//! dictionary has made its table anew, `sync` fills it again. A node lives from `append` until `unlink`, which gives its key back; nothing
//! else frees one, and `state` changes with each change of the list: who keeps the address of a node keeps the state with it. Nodes
//! and their places have CPython's sizes, which `sys.getsizeof` tells.

use std::cell::Cell;
use std::ptr::{NonNull, null};

use habu_heap::Domain;
use habu_runtime::exceptions::memory_error;
use habu_runtime::object::{Object, Raised, Ref, Stopped, Visit};
use habu_runtime::types::dict::Dict;

/// A key in its place.
pub(super) struct Node {
    key: Ref,
    hash: isize,
    next: Cell<*const Node>,
    previous: Cell<*const Node>,
}

const _: () = assert!(size_of::<Node>() == 32);

/// The list. All addresses are null while it is empty.
pub(super) struct Order {
    /// For each entry of the table its node or null; `room` of them.
    nodes: Cell<*mut *const Node>,
    room: Cell<usize>,
    /// The address of the table that `nodes` is about; 0 when it must be filled again.
    table: Cell<usize>,
    state: Cell<usize>,
    first: Cell<*const Node>,
    last: Cell<*const Node>,
}

impl Order {
    /// What changes with every change of the list.
    pub(super) fn state(&self) -> usize {
        self.state.get()
    }

    fn changed(&self) {
        self.state.set(self.state.get().wrapping_add(1));
    }

    /// The bytes of the list beside the object, where the dictionary has `count` items.
    pub(super) fn size(&self, count: usize) -> usize {
        self.room.get() * size_of::<*const Node>()
            + if self.first.get().is_null() { 0 } else { count * size_of::<Node>() }
    }

    /// The first node, or the last one; null where there is none. It is good while `state` stays the same.
    pub(super) fn end(&self, last: bool) -> *const Node {
        if last { self.last.get() } else { self.first.get() }
    }

    /// The key and hash of a node, and the node after it (or before it, on the way back).
    ///
    /// # Safety
    /// The node was given by this list, whose state is still that of then.
    pub(super) unsafe fn step(&self, node: *const Node, back: bool) -> Option<(Ref, isize, *const Node)> {
        // SAFETY: nodes of the list live until it changes, which the caller excludes.
        let node = unsafe { node.as_ref() }?;
        Some((node.key.clone(), node.hash, if back { node.previous.get() } else { node.next.get() }))
    }

    /// The keys, each with its hash, as they are now.
    pub(super) fn keys(&self) -> Result<habu_heap::Buffer<(Ref, isize)>, Raised> {
        let mut keys = habu_heap::Buffer::new();
        let mut at = self.first.get();
        // SAFETY: nothing that is done here changes the list: growing a buffer runs no Python code.
        while let Some((key, hash, next)) = unsafe { self.step(at, false) } {
            keys.push((key, hash))?;
            at = next;
        }
        Ok(keys)
    }

    /// Shows the keys to a visitor, which changes nothing.
    pub(super) fn visit(&self, visit: &Visit) -> Result<(), Stopped> {
        let mut at = self.first.get();
        // SAFETY: the nodes of the list are alive, and a visitor changes nothing.
        while let Some(node) = unsafe { at.as_ref() } {
            visit.object(&node.key)?;
            at = node.next.get();
        }
        Ok(())
    }

    /// The place of an entry, where `nodes` has one.
    fn place(&self, entry: usize) -> Option<&Cell<*const Node>> {
        // SAFETY: the array has `room` places, and a `Cell` of a pointer is laid out as the pointer.
        (entry < self.room.get()).then(|| unsafe { &*self.nodes.get().add(entry).cast::<Cell<*const Node>>() })
    }

    /// Makes `nodes` fit the table of the dictionary. Comparing keys may run Python code, which may change both: then it starts over.
    fn sync(&self, dict: &Dict) -> Result<(), Raised> {
        'again: while self.table.get() != dict.table_address() || self.room.get() != dict.table_length() {
            self.forget_places();
            let room = dict.table_length();
            if room > 0 {
                let memory = habu_heap::alloc_zeroed(Domain::Mem, room * 8).ok_or_else(memory_error)?;
                self.nodes.set(memory.cast().as_ptr());
                self.room.set(room);
            }
            let (table, state) = (dict.table_address(), self.state());
            let mut at = self.first.get();
            // SAFETY: the state is looked at after all that can change the list.
            while let Some((key, hash, next)) = unsafe { self.step(at, false) } {
                let entry = dict.find(&key, hash)?;
                if self.state() != state || dict.table_address() != table || self.room.get() != room {
                    continue 'again;
                }
                if let Some(place) = usize::try_from(entry).ok().and_then(|entry| self.place(entry)) {
                    place.set(at);
                }
                drop(key);
                if self.state() != state {
                    continue 'again;
                }
                at = next;
            }
            self.table.set(table);
        }
        Ok(())
    }

    fn forget_places(&self) {
        self.table.set(0);
        let (nodes, room) = (self.nodes.replace(std::ptr::null_mut()), self.room.replace(0));
        if let Some(nodes) = NonNull::new(nodes) {
            // SAFETY: the array was allocated with this size, and nothing else knows it.
            unsafe { habu_heap::free(Domain::Mem, nodes.cast(), room * 8) };
        }
    }

    /// The place of a key that is in the dictionary, which may have no node.
    fn place_of(&self, dict: &Dict, key: &Object, hash: isize) -> Result<Option<&Cell<*const Node>>, Raised> {
        loop {
            self.sync(dict)?;
            let entry = dict.find(key, hash)?;
            // What was compared may have changed the table.
            if self.table.get() == dict.table_address() && self.room.get() == dict.table_length() {
                return Ok(usize::try_from(entry).ok().and_then(|entry| self.place(entry)));
            }
        }
    }

    /// The node of a key, or null. It is good while `state` stays the same.
    pub(super) fn find(&self, dict: &Dict, key: &Object, hash: isize) -> Result<*const Node, Raised> {
        Ok(self.place_of(dict, key, hash)?.map_or(null(), Cell::get))
    }

    /// Puts a key that is in the dictionary at the end, where it has no node.
    pub(super) fn append(&self, dict: &Dict, key: &Object, hash: isize) -> Result<(), Raised> {
        let Some(place) = self.place_of(dict, key, hash)? else {
            return Err(habu_runtime::exceptions::raise_key_error(key));
        };
        if !place.get().is_null() {
            return Ok(());
        }
        let memory = habu_heap::alloc(Domain::Mem, size_of::<Node>()).ok_or_else(memory_error)?.cast::<Node>();
        let node = Node { key: key.to_ref(), hash, next: Cell::new(null()), previous: Cell::new(null()) };
        // SAFETY: the memory is ours and large enough.
        unsafe { memory.write(node) };
        place.set(memory.as_ptr());
        self.attach(memory.as_ptr(), true);
        Ok(())
    }

    /// Links a node of no list at an end.
    fn attach(&self, node: *const Node, last: bool) {
        let (end, other) = if last { (&self.last, &self.first) } else { (&self.first, &self.last) };
        let neighbour = end.replace(node);
        // SAFETY: the node is alive, and so are those of the list.
        unsafe {
            let (inward, outward) = links(&*node, last);
            inward.set(neighbour);
            outward.set(null());
            match neighbour.as_ref() {
                Some(neighbour) => links(neighbour, last).1.set(node),
                None => other.set(node),
            }
        }
        self.changed();
    }

    /// Takes a node of the list out of its row.
    fn detach(&self, node: *const Node) {
        // SAFETY: the node and its neighbours are alive.
        unsafe {
            let (previous, next) = ((*node).previous.get(), (*node).next.get());
            previous.as_ref().map_or(&self.first, |node| &node.next).set(next);
            next.as_ref().map_or(&self.last, |node| &node.previous).set(previous);
        }
        self.changed();
    }

    /// Moves a node to an end.
    ///
    /// # Safety
    /// The node was given by this list, whose state is still that of then.
    pub(super) unsafe fn move_to(&self, node: *const Node, last: bool) {
        if !node.is_null() && self.end(last) != node {
            self.detach(node);
            self.attach(node, last);
        }
    }

    /// Takes the node of a key out, if it has one, and gives its key.
    pub(super) fn unlink(&self, dict: &Dict, key: &Object, hash: isize) -> Result<Option<Ref>, Raised> {
        let Some(place) = self.place_of(dict, key, hash)? else { return Ok(None) };
        let node = place.replace(null());
        Ok(NonNull::new(node.cast_mut()).map(|node| self.take_out(node)))
    }

    /// Takes out a node whose key is no longer in the dictionary.
    ///
    /// # Safety
    /// The node was given by this list, whose state is still that of then.
    pub(super) unsafe fn unlink_node(&self, node: *const Node) -> Option<Ref> {
        // Some place may know it: they are found again when one is asked for.
        self.forget_places();
        NonNull::new(node.cast_mut()).map(|node| self.take_out(node))
    }

    /// Frees a node that no place knows.
    fn take_out(&self, node: NonNull<Node>) -> Ref {
        self.detach(node.as_ptr());
        // SAFETY: the node is in no row and no place any more; it is read once and its memory freed with its size.
        unsafe {
            let key = node.read().key;
            habu_heap::free(Domain::Mem, node.cast(), size_of::<Node>());
            key
        }
    }

    /// Empties the list.
    pub(super) fn clear(&self) {
        self.forget_places();
        let mut at = self.first.replace(null());
        self.last.set(null());
        self.changed();
        while let Some(node) = NonNull::new(at.cast_mut()) {
            // SAFETY: the nodes of this row are no longer reachable from the list, whatever dropping a key does to that.
            let Node { key, next, .. } = unsafe { node.read() };
            at = next.get();
            // SAFETY: as above; the memory was allocated with this size.
            unsafe { habu_heap::free(Domain::Mem, node.cast(), size_of::<Node>()) };
            drop(key);
        }
    }
}

/// The links of a node to the inside and to the outside, seen from an end.
fn links(node: &Node, last: bool) -> (&Cell<*const Node>, &Cell<*const Node>) {
    if last { (&node.previous, &node.next) } else { (&node.next, &node.previous) }
}

impl Drop for Order {
    fn drop(&mut self) {
        self.clear();
    }
}
