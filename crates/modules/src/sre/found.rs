//! `re.Match`: where a pattern matched. The spans of the groups stand in the object itself, behind its fields.

use std::mem::offset_of;

use habu_macros::{pymethods, pytype};
use habu_runtime::object::allocate::{own_type, raw_memory};
use habu_runtime::object::args::{Given, omitted};
use habu_runtime::object::descriptor_tables::{READONLY, T_OBJECT, T_PYSSIZET};
use habu_runtime::object::protocol::number::{has_index, index_as_size};
use habu_runtime::object::protocol::{self, repr};
use habu_runtime::object::{Field, IntoObject, MemberDef, Object, Raised, Ref, Type, VarObject};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{assert_layout, gc, raise};

use super::pattern::Pattern;
use super::series::{Found, Series};
use super::subject::Subject;

/// The result of re.match() and re.search().
/// Match objects always have a boolean value of True.
#[pytype(name = "re.Match", gc, heap, immutable, flag = DISALLOW_INSTANTIATION, itemsize = 8, basicsize = 88)]
#[repr(C)]
pub(super) struct Match {
    base: VarObject,
    #[traverse]
    string: Field,
    /// The value of `regs`, once it was asked for.
    #[traverse]
    regs: Field<Tuple>,
    #[traverse]
    pattern: Field<Pattern>,
    pos: isize,
    endpos: isize,
    /// The group that closed last, or -1.
    lastindex: isize,
    /// The number of groups, the whole match counted.
    groups: isize,
    /// A start and an end for each group; -1 for one that did not match.
    marks: [isize; 0],
}

assert_layout!(Match, size 80, marks @ 80);

const fn member(name: &'static std::ffi::CStr, kind: i32, offset: usize, doc: &'static std::ffi::CStr) -> MemberDef {
    MemberDef { name: name.as_ptr(), kind, offset: offset as isize, flags: READONLY, doc: doc.as_ptr() }
}

static MEMBERS: &[MemberDef] = &[
    member(c"string", T_OBJECT, offset_of!(Match, string), c"The string passed to match() or search()."),
    member(c"re", T_OBJECT, offset_of!(Match, pattern), c"The regular expression object."),
    member(
        c"pos",
        T_PYSSIZET,
        offset_of!(Match, pos),
        c"The index into the string at which the RE engine started looking for a match.",
    ),
    member(
        c"endpos",
        T_PYSSIZET,
        offset_of!(Match, endpos),
        c"The index into the string beyond which the RE engine will not go.",
    ),
];

impl Match {
    /// A match of `pattern` in the subject of `series`, which is the object `string`.
    pub(super) fn new(
        pattern: &Pattern,
        series: &Series,
        found: &Found,
        string: &Object,
    ) -> Result<Ref<Match>, Raised> {
        let groups = pattern.groups.max(0) as usize + 1;
        let object = raw_memory(16, 80 + 16 * groups, true)?.cast::<Match>();
        // SAFETY: the memory is ours, with room for the fields and two numbers for each group.
        unsafe {
            object.write(Match {
                base: VarObject::header(&MATCH_TYPE.ty, 2 * groups as isize),
                string: Field::new(string.to_ref()),
                regs: Field::empty(),
                pattern: Field::new(Ref::from_borrowed(pattern)),
                pos: series.pos as isize,
                endpos: series.endpos as isize,
                lastindex: found.span.last_index.map_or(-1, |index| index as isize),
                groups: groups as isize,
                marks: [],
            });
            let marks = object.cast::<u8>().add(offset_of!(Match, marks)).cast::<isize>();
            marks.write(found.span.start as isize);
            marks.add(1).write(found.span.end as isize);
            for group in 1..groups {
                let (start, end) = found.group(group).map_or((-1, -1), |(start, end)| (start as isize, end as isize));
                marks.add(2 * group).write(start);
                marks.add(2 * group + 1).write(end);
            }
            own_type(&MATCH_TYPE.ty);
            let object = Ref::from_owned(object);
            gc::track(&object);
            Ok(object)
        }
    }

    fn marks(&self) -> &[isize] {
        // SAFETY: `new` wrote as many numbers behind the fields.
        unsafe {
            let marks = std::ptr::from_ref(self).cast::<u8>().add(offset_of!(Match, marks)).cast::<isize>();
            std::slice::from_raw_parts(marks, 2 * self.groups as usize)
        }
    }

    fn pattern(&self) -> Result<Ref<Pattern>, Raised> {
        self.pattern.get().ok_or_else(|| raise!(SystemError, "match without a pattern"))
    }

    fn string(&self) -> Ref {
        self.string.get().unwrap_or_else(none)
    }

    /// The number of a group, from its number or name.
    fn index(&self, group: &Object) -> Result<usize, Raised> {
        let mut index = -1;
        if has_index(group) {
            index = index_as_size(group, None)?;
        } else if let Some(names) = self.pattern()?.groupindex.get()
            && let Some(number) = names.get(group)?
            && number.isinstance::<Int>()
        {
            index = index_as_size(&number, None)?;
        }
        match usize::try_from(index) {
            Ok(number) if index < self.groups => Ok(number),
            _ => Err(raise!(IndexError, "no such group")),
        }
    }

    /// The span of a group by number; -1 and -1 for one that did not match.
    fn span_of(&self, group: usize) -> (isize, isize) {
        match self.marks().get(2 * group..2 * group + 2) {
            Some([start, end]) => (*start, *end),
            _ => (-1, -1),
        }
    }

    /// What a group matched, by number.
    fn part(&self, subject: &Subject, group: usize, default: &Object) -> Result<Ref, Raised> {
        match self.span_of(group) {
            (start @ 0.., end @ 0..) => subject.slice(start as usize, end as usize),
            _ => Ok(default.to_ref()),
        }
    }

    /// What a group matched, by number or name, or None.
    fn part_named(&self, group: &Object) -> Result<Ref, Raised> {
        let index = self.index(group)?;
        self.part(&Subject::new(&self.string())?, index, &none())
    }

    fn pair((start, end): (isize, isize)) -> Result<Ref<Tuple>, Raised> {
        Tuple::from_refs([start.into_object()?, end.into_object()?])
    }

    /// The number of a group that may be left out.
    fn given(&self, group: Given<'_>) -> Result<usize, Raised> {
        group.0.map_or(Ok(0), |group| self.index(group))
    }
}

#[pymethods(members = MEMBERS)]
impl Match {
    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let (start, end) = self.span_of(0);
        let text = self.part(&Subject::new(&self.string())?, 0, &none())?;
        let text = repr(&text)?;
        Str::from_format(format_args!("<{} object; span=({start}, {end}), match={text}>", self.ty().full_name()))
    }

    #[slot(mp_subscript)]
    fn subscript(&self, key: &Object) -> Result<Ref, Raised> {
        self.part_named(key)
    }

    /// group([group1, ...]) -> str or tuple.
    ///     Return subgroup(s) of the match by indices or names.
    ///     For 0 returns the entire match.
    #[raw]
    fn group(&self, args: &[&Object], names: Option<&Tuple>) -> Result<Ref, Raised> {
        if names.is_some_and(|names| names.len() > 0) {
            return Err(raise!(TypeError, "re.Match.group() takes no keyword arguments"));
        }
        match args {
            [] => self.part(&Subject::new(&self.string())?, 0, &none()),
            [group] => self.part_named(group),
            _ => Ok(Tuple::build(args.len(), |at| match args.get(at) {
                Some(group) => self.part_named(group),
                None => Ok(none()),
            })?
            .into_object()),
        }
    }

    /// Return a tuple containing all the subgroups of the match, from 1.
    ///
    ///   default
    ///     Is used for groups that did not participate in the match.
    #[signature(default = None)]
    fn groups(&self, default: Option<&Object>) -> Result<Ref<Tuple>, Raised> {
        let subject = Subject::new(&self.string())?;
        let none = none();
        let default = default.unwrap_or(&none);
        Tuple::build(self.groups as usize - 1, |at| self.part(&subject, at + 1, default))
    }

    /// Return a dictionary containing all the named subgroups of the match, keyed by the subgroup name.
    ///
    ///   default
    ///     Is used for groups that did not participate in the match.
    #[signature(default = None)]
    fn groupdict(&self, default: Option<&Object>) -> Result<Ref<Dict>, Raised> {
        let result = Dict::new()?;
        let subject = Subject::new(&self.string())?;
        let none = none();
        let Some(names) = self.pattern()?.groupindex.get() else { return Ok(result) };
        let mut at = 0;
        while let Some((name, _)) = names.next_item(&mut at) {
            let value = self.part(&subject, self.index(&name)?, default.unwrap_or(&none))?;
            result.set(&name, &value)?;
        }
        Ok(result)
    }

    /// Return index of the start of the substring matched by group.
    #[signature(group = omitted("0"), /)]
    fn start(&self, group: Given<'_>) -> Result<isize, Raised> {
        Ok(self.span_of(self.given(group)?).0)
    }

    /// Return index of the end of the substring matched by group.
    #[signature(group = omitted("0"), /)]
    fn end(&self, group: Given<'_>) -> Result<isize, Raised> {
        Ok(self.span_of(self.given(group)?).1)
    }

    /// For match object m, return the 2-tuple (m.start(group), m.end(group)).
    #[signature(group = omitted("0"), /)]
    fn span(&self, group: Given<'_>) -> Result<Ref<Tuple>, Raised> {
        Match::pair(self.span_of(self.given(group)?))
    }

    /// Return the string obtained by doing backslash substitution on the string template, as done by the sub() method.
    #[signature(template)]
    fn expand(&self, template: &Object) -> Result<Ref, Raised> {
        let expand = protocol::get_attribute_str(&*habu_runtime::import::import_module("re")?, "_expand")?;
        protocol::call(&expand, &[&*self.pattern()?, self, template])
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

    /// The integer index of the last matched capturing group.
    #[getter]
    fn lastindex(&self) -> Result<Option<isize>, Raised> {
        Ok(Some(self.lastindex).filter(|index| *index >= 0))
    }

    /// The name of the last matched capturing group.
    #[getter]
    fn lastgroup(&self) -> Result<Ref, Raised> {
        let names = self.pattern()?.indexgroup.get();
        let index = usize::try_from(self.lastindex).ok();
        Ok(names.zip(index).and_then(|(names, index)| names.get(index)).unwrap_or_else(none))
    }

    #[getter]
    fn regs(&self) -> Result<Ref<Tuple>, Raised> {
        if let Some(regs) = self.regs.get() {
            return Ok(regs);
        }
        let regs = Tuple::build(self.groups as usize, |at| Ok(Match::pair(self.span_of(at))?.into_object()))?;
        self.regs.set(Some(regs.clone()));
        Ok(regs)
    }

    /// See PEP 585
    #[classmethod]
    #[name = "__class_getitem__"]
    #[no_signature]
    fn class_getitem(cls: &Type, item: &Object) -> Result<Ref, Raised> {
        habu_runtime::types::generic_alias::alias(cls, item)
    }
}
