//! Digits on the way to a result: on the stack while they are few, since allocating would take longer than computing them.

use std::ops::{Deref, DerefMut};

/// Digits that stay on the stack.
const FEW: usize = 24;

/// A magnitude of any size.
#[derive(Clone, Debug)]
pub(super) struct Store {
    few: [u32; FEW],
    /// Used instead where there are more.
    many: Vec<u32>,
    len: usize,
}

impl Store {
    /// So many zeros.
    pub(super) fn zeros(len: usize) -> Store {
        Store { few: [0; FEW], many: if len > FEW { vec![0; len] } else { Vec::new() }, len }
    }

    /// Keeps the lowest digits.
    pub(super) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// What `write` makes of so many zeros; it gives how many digits it used.
    #[inline(always)]
    pub(super) fn made(room: usize, write: impl FnOnce(&mut [u32]) -> usize) -> Store {
        let mut store = Store::zeros(room);
        let len = write(&mut store);
        store.truncate(len);
        store
    }
}

impl Deref for Store {
    type Target = [u32];

    #[inline(always)]
    fn deref(&self) -> &[u32] {
        if self.many.is_empty() { &self.few[..self.len] } else { &self.many[..self.len] }
    }
}

impl DerefMut for Store {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [u32] {
        if self.many.is_empty() { &mut self.few[..self.len] } else { &mut self.many[..self.len] }
    }
}
