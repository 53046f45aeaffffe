//! The auditor: adds up the references that can be seen to each object, and compares with its count.
//!
//! Every tracked or frozen object is looked into, and every object with references of its own that these lead to. References from frames that
//! run, from static memory and from the interpreter itself are not seen, so that a count may be higher than what is found; it must never be
//! lower, and never below one. The lists of the generations, the types' headers, and every pool and arena of the heap are checked too.
//!
//! It allocates, but makes no object and runs no Python code.

use habu_heap::{Buffer, OutOfMemory};

use super::head::{GcHead, PREV_COLLECTING, is_collectable, is_tracked};
use super::list::{at, previous};
use super::search::for_each_referent;
use super::state::GcState;
use crate::object::typeobject::flags;
use crate::object::{Object, PyType, Type};

/// Something that is wrong.
pub struct Finding {
    /// What is wrong.
    pub what: &'static str,
    /// The type of the object, where that can be told.
    pub type_name: Option<Box<str>>,
    /// The address of the object or block.
    pub address: usize,
    /// The references found, and the count.
    pub counts: Option<(usize, isize)>,
}

/// What an audit saw.
#[derive(Default)]
pub struct Audit {
    /// Objects that were looked into.
    pub objects: usize,
    /// References that were found.
    pub references: usize,
    /// Objects that references were found to.
    pub referents: usize,
    /// What is wrong, at most a hundred of them.
    pub findings: Vec<Finding>,
}

const FINDINGS_MAX: usize = 100;

impl Audit {
    fn report(&mut self, what: &'static str, object: Option<&Object>, address: usize, counts: Option<(usize, isize)>) {
        if self.findings.len() < FINDINGS_MAX {
            let type_name = object.map(|object| object.ty().full_name().into());
            self.findings.push(Finding { what, type_name, address, counts });
        }
    }

    /// Checks the links of a generation's list.
    fn check_list(&mut self, anchor: &GcHead) {
        let mut head = anchor;
        loop {
            let next = at(head.next.get());
            if previous(next) != head.address() {
                self.report("a link of a generation's list does not lead back", None, next.address(), None);
                return;
            }
            if std::ptr::eq(next, anchor) {
                return;
            }
            if next.prev.get() & PREV_COLLECTING != 0 {
                self.report("an object is marked as being collected", Some(next.object()), next.address(), None);
            }
            head = next;
        }
    }

    /// Looks into an object: notes what it refers to.
    fn look_into(&mut self, object: &Object, found: &mut Buffer<usize>) -> Result<(), OutOfMemory> {
        self.objects += 1;
        let mut result = Ok(());
        for_each_referent(object, |referent| {
            if result.is_ok() {
                result = found.push(referent.address());
            }
        });
        result
    }

    fn check_counts(&mut self, found: &[usize]) {
        let mut at = 0;
        while let Some(&address) = found.get(at) {
            let count = found[at..].iter().take_while(|other| **other == address).count();
            at += count;
            self.referents += 1;
            // SAFETY: a visitor was shown this object, which is alive: nothing has run since.
            let object = unsafe { &*(address as *const Object) };
            let refcount = object.refcount();
            if !object.ty().ty().is_subtype(Type::type_object()) {
                self.report("the type of an object is no type", None, address, None);
            } else if refcount <= 0 {
                self.report(
                    "an object that is referred to has no count",
                    Some(object),
                    address,
                    Some((count, refcount)),
                );
            } else if (refcount as usize) < count {
                self.report(
                    "there are more references than are counted",
                    Some(object),
                    address,
                    Some((count, refcount)),
                );
            }
        }
    }
}

impl GcState {
    /// Audits the interpreter's objects and its heap.
    pub fn audit(&self) -> Result<Audit, OutOfMemory> {
        let mut audit = Audit::default();
        for generation in self.generations.iter().chain([&self.permanent]) {
            audit.check_list(&generation.anchor);
        }
        if !audit.findings.is_empty() {
            return Ok(audit);
        }
        let mut found = Buffer::new();
        let mut result = Ok(());
        let mut look = |object: &Object| {
            if result.is_ok() {
                result = audit.look_into(object, &mut found);
            }
        };
        for number in 0..self.generations.len() {
            self.for_each(number, &mut look);
        }
        self.for_each_frozen(&mut look);
        result?;
        // Objects that are not tracked, but have references of their own: each once, round by round.
        let (mut seen, mut from) = (Buffer::<usize>::new(), 0);
        loop {
            let mut fresh = Buffer::<usize>::new();
            for &address in &found[from..] {
                // SAFETY: a visitor was shown this object.
                let object = unsafe { &*(address as *const Object) };
                let looks = object.ty().has_flag(flags::HAVE_GC) && is_collectable(object) && !is_tracked(object);
                if looks && seen.binary_search(&address).is_err() {
                    fresh.push(address)?;
                }
            }
            from = found.len();
            if fresh.is_empty() {
                break;
            }
            fresh.sort_unstable();
            let mut last = 0;
            for &address in fresh.iter() {
                if address != last {
                    // SAFETY: as above.
                    audit.look_into(unsafe { &*(address as *const Object) }, &mut found)?;
                    seen.push(address)?;
                }
                last = address;
            }
            seen.sort_unstable();
        }
        audit.references = found.len();
        found.sort_unstable();
        audit.check_counts(&found);
        if let Err(corruption) = crate::threads::Thread::current().interpreter().heap.validate() {
            audit.report(corruption.what, None, corruption.address, None);
        }
        Ok(audit)
    }

    /// Audits, and ends the process with what is wrong, if anything is: after every collection under HABU_AUDIT.
    pub(super) fn audit_or_abort(&self) {
        let Ok(audit) = self.audit() else { return };
        if audit.findings.is_empty() {
            return;
        }
        eprintln!("Fatal Python error: the audit after a collection found damage");
        for finding in &audit.findings {
            eprintln!("  {finding}");
        }
        std::process::abort();
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {:#x}: {}", self.type_name.as_deref().unwrap_or("memory"), self.address, self.what)?;
        match self.counts {
            Some((found, count)) => write!(f, " ({found} found, count {count})"),
            None => Ok(()),
        }
    }
}
