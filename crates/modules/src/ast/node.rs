//! `ast.AST`, the base of all nodes.

use habu_macros::{pymethods, pytype};
use habu_runtime::object::protocol::sequence::{contains, get_index, index_of};
use habu_runtime::object::protocol::{get_attribute_str, length, set_attribute};
use habu_runtime::object::{Field, Object, Raised, Ref, Type, instantiate};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

#[pytype(name = "ast.AST", doc = "", gc, heap, unbound, basetype, dict = dict)]
pub(super) struct Ast {
    base: Object,
    #[traverse]
    dict: Field<Dict>,
}

habu_runtime::assert_layout!(Ast, size 24, dict @ 16);

/// Sets an attribute whose name comes from a program.
fn set(object: &Object, name: &Object, value: &Object) -> Result<(), Raised> {
    match name.downcast::<Str>() {
        Some(name) => set_attribute(object, name, Some(value)),
        None => Err(raise!(TypeError, "attribute name must be string, not '{}'", name.ty().name())),
    }
}

impl Ast {
    /// An instance of a class of nodes with these attributes.
    pub(super) fn with_attributes(cls: &Type, dict: Option<Ref<Dict>>) -> Result<Ref<Ast>, Raised> {
        instantiate(cls, Ast { base: Object::of::<Ast>(), dict: Field::optional(dict) })
    }
}

#[pymethods]
impl Ast {
    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Ast>, Raised> {
        let _ = (args, kwargs);
        Ast::with_attributes(cls, None)
    }

    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        let fields = get_attribute_str(self.ty(), "_fields")?;
        let (count, given) = (length(&fields)?, args.len());
        if given > count {
            let plural = if count == 1 { "" } else { "s" };
            let name = self.ty().name();
            return Err(raise!(TypeError, "{name} constructor takes at most {count} positional argument{plural}"));
        }
        for (index, value) in args.as_slice().iter().enumerate() {
            set(self, &*get_index(&fields, index as isize)?, value)?;
        }
        let Some(kwargs) = kwargs else { return Ok(()) };
        let mut at = 0;
        while let Some((name, value)) = kwargs.next_item(&mut at) {
            if contains(&fields, &name)? && index_of(&fields, &name)? < given {
                let class = self.ty().name();
                let shown = habu_runtime::object::protocol::str(&name)?;
                return Err(raise!(TypeError, "{class} got multiple values for argument '{shown}'"));
            }
            set(self, &name, &value)?;
        }
        Ok(())
    }

    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let dict = get_attribute_str(self, "__dict__")?;
        Tuple::from_refs([self.type_ref().into_object(), Tuple::empty().into_object(), dict])
    }

    #[getter]
    #[name = "__dict__"]
    fn get_dict(&self) -> Result<Ref<Dict>, Raised> {
        habu_runtime::types::dict::instance::dictionary(self)
    }

    #[setter]
    #[name = "__dict__"]
    fn set_dict(&self, value: Option<&Object>) -> Result<(), Raised> {
        habu_runtime::types::dict::instance::set_dictionary(self, value)
    }
}
