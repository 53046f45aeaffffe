//! The scanner: an object that gives the matches in a subject one by one. `Pattern.finditer` is an iterator over its `search`.

use std::cell::Cell;
use std::mem::offset_of;

use habu_macros::{pymethods, pytype};
use habu_runtime::object::descriptor_tables::{READONLY, T_OBJECT};
use habu_runtime::object::{Field, MemberDef, Object, Raised, Ref, Room, create};
use habu_text::regex::Mode;

use super::found::Match;
use super::pattern::Pattern;
use super::series::Series;

#[pytype(name = "_sre.SRE_Scanner", doc = "", gc, heap, immutable, flag = DISALLOW_INSTANTIATION)]
pub(super) struct Scanner {
    base: Object,
    #[traverse]
    pattern: Field<Pattern>,
    string: Field,
    /// Whether there is nothing more to be found.
    ended: Cell<bool>,
    series: Series,
    room: Room<72>,
}

habu_runtime::assert_layout!(Scanner, size 232);

static MEMBERS: &[MemberDef] = &[MemberDef {
    name: c"pattern".as_ptr(),
    kind: T_OBJECT,
    offset: offset_of!(Scanner, pattern) as isize,
    flags: READONLY,
    doc: std::ptr::null(),
}];

impl Scanner {
    /// A scanner of a part of a subject.
    pub(super) fn new(pattern: &Pattern, string: &Object, pos: isize, endpos: isize) -> Result<Ref<Scanner>, Raised> {
        create(Scanner {
            base: Object::of::<Scanner>(),
            pattern: Field::new(Ref::from_borrowed(pattern)),
            string: Field::new(string.to_ref()),
            ended: Cell::new(false),
            series: Series::new(pattern, string, pos, endpos)?,
            room: Room::new(),
        })
    }

    fn next(&self, mode: Mode) -> Result<Option<Ref<Match>>, Raised> {
        let (Some(pattern), Some(string)) = (self.pattern.get(), self.string.get()) else { return Ok(None) };
        if self.ended.get() {
            return Ok(None);
        }
        let found = self.series.next_match(&pattern, mode, &string)?;
        self.ended.set(found.is_none());
        Ok(found)
    }
}

#[pymethods(members = MEMBERS)]
impl Scanner {
    #[name = "match"]
    #[of_class]
    fn match_(&self) -> Result<Option<Ref<Match>>, Raised> {
        self.next(Mode::Match)
    }

    #[of_class]
    fn search(&self) -> Result<Option<Ref<Match>>, Raised> {
        self.next(Mode::Search)
    }
}
