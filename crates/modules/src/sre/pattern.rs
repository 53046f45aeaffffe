//! `re.Pattern`: a compiled pattern. Its code words stand in the object itself, behind its fields, as in CPython, for `==` and
//! `hash`; what runs is the program that the engine made of them.

use std::cell::Cell;
use std::fmt::Write;
use std::mem::offset_of;

use habu_macros::{pymethods, pytype};
use habu_runtime::exceptions::memory_error;
use habu_runtime::object::allocate::{own_type, raw_memory};
use habu_runtime::object::descriptor_tables::{READONLY, T_INT, T_OBJECT, T_PYSSIZET};
use habu_runtime::object::protocol::{equal, get_attribute_str, hash, repr};
use habu_runtime::object::slots::CompareOp;
use habu_runtime::object::{Field, MemberDef, Object, Raised, Ref, Type, VarObject};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::iterators::CallableIterator;
use habu_runtime::types::list::List;
use habu_runtime::types::mappingproxy::MappingProxy;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::types::{boolean, none, not_implemented};
use habu_runtime::{assert_layout, gc, raise};
use habu_text::regex::{CompileError, Mode, Program};

use super::found::Match;
use super::replace;
use super::scanner::Scanner;
use super::series::{Found, Series};
use super::subject::Subject;

/// Compiled regular expression object.
#[pytype(name = "re.Pattern", gc, heap, immutable, flag = DISALLOW_INSTANTIATION, weaklist = weaklist, itemsize = 4, basicsize = 96)]
#[repr(C)]
pub(super) struct Pattern {
    base: VarObject,
    /// The number of groups, the whole match not counted.
    pub(super) groups: isize,
    /// From the names of groups to their numbers.
    #[traverse]
    pub(super) groupindex: Field<Dict>,
    /// The names of groups by number, or None.
    #[traverse]
    pub(super) indexgroup: Field<Tuple>,
    #[traverse]
    pattern: Field,
    flags: i32,
    weaklist: Cell<*const Object>,
    /// 0 for text, 1 for bytes, -1 for a pattern that does not say.
    pub(super) is_bytes: Cell<i32>,
    program: Box<Program>,
    code: [u32; 0],
}

assert_layout!(Pattern, size 88, weaklist @ 64, code @ 88);

const fn member(name: &'static std::ffi::CStr, kind: i32, offset: usize, doc: &'static std::ffi::CStr) -> MemberDef {
    MemberDef { name: name.as_ptr(), kind, offset: offset as isize, flags: READONLY, doc: doc.as_ptr() }
}

static MEMBERS: &[MemberDef] = &[
    member(
        c"pattern",
        T_OBJECT,
        offset_of!(Pattern, pattern),
        c"The pattern string from which the RE object was compiled.",
    ),
    member(c"flags", T_INT, offset_of!(Pattern, flags), c"The regex matching flags."),
    member(c"groups", T_PYSSIZET, offset_of!(Pattern, groups), c"The number of capturing groups in the pattern."),
];

/// The flags by name, in the order of their values.
const FLAG_NAMES: [(i32, &str); 9] = [
    (1, "re.TEMPLATE"),
    (2, "re.IGNORECASE"),
    (4, "re.LOCALE"),
    (8, "re.MULTILINE"),
    (16, "re.DOTALL"),
    (UNICODE, "re.UNICODE"),
    (64, "re.VERBOSE"),
    (128, "re.DEBUG"),
    (256, "re.ASCII"),
];
const UNICODE: i32 = 32;
/// `LOCALE`, `UNICODE` and `ASCII`, of which one holds.
const CHARACTER_SETS: i32 = 4 | UNICODE | 256;

/// What `_sre.compile` is told beside the code.
pub(super) struct Parts<'a> {
    pub(super) pattern: &'a Object,
    pub(super) flags: i32,
    pub(super) groups: isize,
    pub(super) groupindex: &'a Dict,
    pub(super) indexgroup: &'a Tuple,
}

impl Pattern {
    /// Checks code words and makes a pattern of them.
    ///
    /// Raises RuntimeError for code that `re` does not make.
    pub(super) fn compile(words: &[u32], parts: Parts<'_>) -> Result<Ref<Pattern>, Raised> {
        let invalid = || raise!(RuntimeError, "invalid SRE code");
        let is_bytes = if is_none(parts.pattern) { -1 } else { i32::from(Subject::new(parts.pattern)?.is_bytes()) };
        let groups = usize::try_from(parts.groups).map_err(|_| invalid())?;
        let program = Program::compile(words, groups).map_err(|error| match error {
            CompileError::Invalid => invalid(),
            CompileError::OutOfMemory => memory_error(),
        })?;
        let object = raw_memory(16, 96 + 4 * words.len(), true)?.cast::<Pattern>();
        // SAFETY: the memory is ours, with room for the fields and the words.
        unsafe {
            object.write(Pattern {
                base: VarObject::header(&PATTERN_TYPE.ty, words.len() as isize),
                groups: parts.groups,
                groupindex: Field::optional((parts.groupindex.len() > 0).then(|| Ref::from_borrowed(parts.groupindex))),
                indexgroup: Field::optional((parts.groupindex.len() > 0).then(|| Ref::from_borrowed(parts.indexgroup))),
                pattern: Field::new(parts.pattern.to_ref()),
                flags: parts.flags,
                weaklist: Cell::new(std::ptr::null()),
                is_bytes: Cell::new(is_bytes),
                program: Box::new(program),
                code: [],
            });
            let code = object.cast::<u8>().add(offset_of!(Pattern, code)).cast::<u32>();
            code.copy_from_nonoverlapping(std::ptr::NonNull::from(words).cast(), words.len());
            own_type(&PATTERN_TYPE.ty);
            let object = Ref::from_owned(object);
            gc::track(&object);
            Ok(object)
        }
    }

    /// What the engine runs.
    pub(super) fn program(&self) -> &Program {
        &self.program
    }

    fn code(&self) -> &[u32] {
        // SAFETY: `compile` wrote as many words behind the fields.
        unsafe {
            let code = std::ptr::from_ref(self).cast::<u8>().add(offset_of!(Pattern, code)).cast::<u32>();
            std::slice::from_raw_parts(code, self.base.size.get() as usize)
        }
    }

    fn find(&self, string: &Object, pos: isize, endpos: isize, mode: Mode) -> Result<Option<Ref<Match>>, Raised> {
        Series::new(self, string, pos, endpos)?.next_match(self, mode, string)
    }

    /// What a group matched, by number; else an empty text.
    fn part(&self, series: &Series, found: &Found, group: usize) -> Result<Ref, Raised> {
        let (start, end) = found.group(group).unwrap_or_default();
        series.subject.slice(start, end)
    }
}

#[pymethods(members = MEMBERS)]
impl Pattern {
    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let shown = repr(&self.pattern.get().unwrap_or_else(none))?;
        let shown = if shown.len() > 200 { shown.substring(0, 200)? } else { shown };
        let mut flags = self.flags;
        if self.is_bytes.get() == 0 && flags & CHARACTER_SETS == UNICODE {
            // Text is matched as Unicode anyway.
            flags &= !UNICODE;
        }
        let mut names = String::new();
        for (flag, name) in FLAG_NAMES {
            if flags & flag != 0 {
                names.push_str(if names.is_empty() { ", " } else { "|" });
                names.push_str(name);
                flags &= !flag;
            }
        }
        if flags != 0 {
            let _ = write!(names, "{}0x{flags:x}", if names.is_empty() { ", " } else { "|" });
        }
        Str::from_format(format_args!("re.compile({shown}{names})"))
    }

    #[slot(tp_hash)]
    fn hash(&self) -> Result<isize, Raised> {
        let pattern = hash(&self.pattern.get().unwrap_or_else(none))?;
        let code = self.code().iter().fold(0u64, |hash, word| (hash ^ u64::from(*word)).wrapping_mul(0x100_0000_01b3));
        let all = pattern ^ code as isize ^ self.flags as isize ^ self.is_bytes.get() as isize ^ self.groups;
        Ok(if all == -1 { -2 } else { all })
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        let (Some(other), CompareOp::Eq | CompareOp::Ne) = (other.downcast::<Pattern>(), op) else {
            return Ok(not_implemented());
        };
        let mut same = self.is(other);
        if !same
            && self.flags == other.flags
            && self.is_bytes.get() == other.is_bytes.get()
            && self.code() == other.code()
        {
            same = equal(&self.pattern.get().unwrap_or_else(none), &other.pattern.get().unwrap_or_else(none))?;
        }
        Ok(boolean(same == (op == CompareOp::Eq)))
    }

    /// Matches zero or more characters at the beginning of the string.
    #[signature(string, pos = 0, endpos = isize::MAX)]
    #[name = "match"]
    fn match_(&self, string: &Object, pos: isize, endpos: isize) -> Result<Option<Ref<Match>>, Raised> {
        self.find(string, pos, endpos, Mode::Match)
    }

    /// Matches against all of the string.
    #[signature(string, pos = 0, endpos = isize::MAX)]
    fn fullmatch(&self, string: &Object, pos: isize, endpos: isize) -> Result<Option<Ref<Match>>, Raised> {
        self.find(string, pos, endpos, Mode::FullMatch)
    }

    /// Scan through string looking for a match, and return a corresponding match object instance.
    ///
    /// Return None if no position in the string matches.
    #[signature(string, pos = 0, endpos = isize::MAX)]
    fn search(&self, string: &Object, pos: isize, endpos: isize) -> Result<Option<Ref<Match>>, Raised> {
        self.find(string, pos, endpos, Mode::Search)
    }

    /// Return a list of all non-overlapping matches of pattern in string.
    #[signature(string, pos = 0, endpos = isize::MAX)]
    fn findall(&self, string: &Object, pos: isize, endpos: isize) -> Result<Ref<List>, Raised> {
        let series = Series::new(self, string, pos, endpos)?;
        let list = List::new()?;
        while let Some(found) = series.next(self, Mode::Search)? {
            list.push(match self.groups {
                0 => series.subject.slice(found.span.start, found.span.end)?,
                1 => self.part(&series, &found, 1)?,
                groups => Tuple::build(groups as usize, |at| self.part(&series, &found, at + 1))?.into_object(),
            })?;
        }
        Ok(list)
    }

    /// Return an iterator over all non-overlapping matches for the RE pattern in string.
    ///
    /// For each match, the iterator returns a match object.
    #[signature(string, pos = 0, endpos = isize::MAX)]
    fn finditer(&self, string: &Object, pos: isize, endpos: isize) -> Result<Ref<CallableIterator>, Raised> {
        let scanner = Scanner::new(self, string, pos, endpos)?;
        CallableIterator::new(get_attribute_str(&scanner, "search")?, none())
    }

    #[signature(string, pos = 0, endpos = isize::MAX)]
    fn scanner(&self, string: &Object, pos: isize, endpos: isize) -> Result<Ref<Scanner>, Raised> {
        Scanner::new(self, string, pos, endpos)
    }

    /// Split string by the occurrences of pattern.
    #[signature(string, maxsplit = 0)]
    fn split(&self, string: &Object, maxsplit: isize) -> Result<Ref<List>, Raised> {
        let series = Series::new(self, string, 0, isize::MAX)?;
        let list = List::new()?;
        let (mut last, mut count) = (0, 0);
        while maxsplit == 0 || count < maxsplit {
            let Some(found) = series.next(self, Mode::Search)? else { break };
            list.push(series.subject.slice(last, found.span.start)?)?;
            for group in 1..=self.groups as usize {
                list.push(match found.group(group) {
                    Some((start, end)) => series.subject.slice(start, end)?,
                    None => none(),
                })?;
            }
            last = found.span.end;
            count += 1;
        }
        list.push(series.subject.slice(last, series.endpos)?)?;
        Ok(list)
    }

    /// Return the string obtained by replacing the leftmost non-overlapping occurrences of pattern in string by the replacement repl.
    #[signature(repl, string, count = 0)]
    fn sub(&self, repl: &Object, string: &Object, count: isize) -> Result<Ref, Raised> {
        Ok(replace::replace(self, repl, string, count)?.0)
    }

    /// Return the tuple (new_string, number_of_subs_made) found by replacing the leftmost non-overlapping occurrences of pattern with the replacement repl.
    #[signature(repl, string, count = 0)]
    fn subn(&self, repl: &Object, string: &Object, count: isize) -> Result<Ref<Tuple>, Raised> {
        let (text, made) = replace::replace(self, repl, string, count)?;
        let made = habu_runtime::object::IntoObject::into_object(made)?;
        Tuple::from_refs([text, made])
    }

    #[name = "__copy__"]
    fn copy(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[name = "__deepcopy__"]
    fn deepcopy(&self, memo: &Object) -> Result<Ref, Raised> {
        let _ = memo;
        Ok(self.to_ref())
    }

    /// A dictionary mapping group names to group numbers.
    #[getter]
    fn groupindex(&self) -> Result<Ref, Raised> {
        match self.groupindex.get() {
            Some(names) if names.len() > 0 => Ok(MappingProxy::of(names.into_object())?.into_object()),
            _ => Ok(Dict::new()?.into_object()),
        }
    }

    /// See PEP 585
    #[classmethod]
    #[name = "__class_getitem__"]
    #[no_signature]
    fn class_getitem(cls: &Type, item: &Object) -> Result<Ref, Raised> {
        habu_runtime::types::generic_alias::alias(cls, item)
    }
}
