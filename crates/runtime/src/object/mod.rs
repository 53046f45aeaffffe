//! What every object is made of: its header, references to it, its type, how it is made and how it dies.
//!
//! Layouts are CPython 3.11's (`Include/object.h`, `Include/cpython/object.h`), stated here once and asserted at compile
//! time in [`layout`].

pub mod allocate;
pub mod args;
pub mod convert;
pub mod dealloc;
pub mod descriptor_tables;
pub mod field;
pub mod free_list;
pub mod header;
pub mod layout;
pub mod protocol;
pub mod raised;
pub mod reference;
pub mod room;
pub mod slots;
pub mod static_cell;
pub mod typeobject;
pub mod visit;
pub mod words;

pub use allocate::{create, instantiate};
pub use convert::{IntoObject, PyType};
pub use descriptor_tables::{GetSetDef, MemberDef, MethodDef, MethodFlags};
pub use field::Field;
pub use header::{Object, VarObject};
pub use raised::{Raised, Status};
pub use reference::Ref;
pub use room::Room;
pub use static_cell::ProcessStatic;
pub use typeobject::{Headed, HeapType, StaticType, Type, TypeMethods, TypeSpec};
pub use visit::{Stopped, Traverse, Visit};
