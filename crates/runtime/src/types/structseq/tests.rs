//! Tests of named tuples: items, hidden fields, and what the type says of itself.

use super::field;
use crate::object::PyType;
use crate::threads::start::start;
use crate::types::int::Int;
use crate::types::tuple::Tuple;

crate::struct_sequence! {
    doc "A point."
    static POINT = "geometry.point", visible 2,
    { x: "across", y: "up", colour }
}

#[test]
fn hidden_fields_are_no_items() {
    assert!(start(crate::threads::Config::default(), habu_heap::Config::default()).is_some());
    assert!(POINT.ready().is_ok());
    let point = POINT.build(|index| Ok(Int::from_i64(index as i64 + 7)?.into_object())).unwrap();
    assert!(point.isinstance::<Tuple>());
    assert_eq!(point.len(), 2);
    assert_eq!(crate::object::protocol::repr(&point).unwrap().to_string_lossy(), "geometry.point(x=7, y=8)");
    let hidden = field(&POINT, &point, 2).unwrap();
    assert_eq!(hidden.downcast::<Int>().unwrap().to_i64(), Some(9));
    let colour = crate::object::protocol::get_attribute_str(&point, "colour").unwrap();
    assert!(colour.is(&hidden));
    assert!(!std::ptr::eq(POINT.type_object(), Tuple::type_object()));
}
