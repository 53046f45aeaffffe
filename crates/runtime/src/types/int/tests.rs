//! Integers of all sizes against machine integers, through the typed functions and the slots.

use super::{Int, arithmetic, bits, compare};
use crate::object::protocol::{self, Operator, binary_op};
use crate::object::{Raised, Ref};
use crate::threads::start;

const VALUES: [i128; 24] = [
    0,
    1,
    -1,
    2,
    7,
    -5,
    -6,
    256,
    257,
    (1 << 30) - 1,
    1 << 30,
    -(1 << 30),
    (1 << 30) + 1,
    1 << 31,
    (1 << 60) - 1,
    1 << 60,
    -(1 << 60),
    1 << 61,
    i64::MAX as i128,
    i64::MIN as i128,
    1 << 90,
    -(1 << 90) + 12_345,
    (1 << 100) - 1,
    987_654_321,
];

fn number(value: i128) -> Ref<Int> {
    Int::from_i128(value).expect("memory")
}

fn shown(value: Result<Ref<Int>, Raised>) -> String {
    protocol::repr(&value.expect("a result")).expect("a text").to_string_lossy()
}

#[test]
fn arithmetic_agrees_with_machine_integers() {
    start::start(crate::threads::Config::default(), habu_heap::Config::default()).expect("an interpreter");
    for a in VALUES {
        assert_eq!(shown(Ok(number(a))), a.to_string());
        assert_eq!(shown(arithmetic::negate(&number(a))), (-a).to_string());
        assert_eq!(shown(bits::invert(&number(a))), (!a).to_string());
        for b in VALUES {
            let (x, y) = (number(a), number(b));
            assert_eq!(shown(arithmetic::add(&x, &y)), (a + b).to_string());
            assert_eq!(shown(arithmetic::subtract(&x, &y)), (a - b).to_string());
            assert_eq!(shown(bits::and(&x, &y)), (a & b).to_string());
            assert_eq!(shown(bits::or(&x, &y)), (a | b).to_string());
            assert_eq!(shown(bits::xor(&x, &y)), (a ^ b).to_string());
            assert_eq!(compare::compare(&x, &y), a.cmp(&b));
            assert_eq!(compare::equal(&x, &y), a == b);
            if let Some(product) = a.checked_mul(b) {
                assert_eq!(shown(arithmetic::multiply(&x, &y)), product.to_string());
            }
            if b != 0 {
                let floor = a.div_euclid(b) - i128::from(b < 0 && a.rem_euclid(b) != 0);
                assert_eq!(shown(arithmetic::floor_divide(&x, &y)), floor.to_string(), "{a} // {b}");
                assert_eq!(shown(arithmetic::remainder(&x, &y)), (a - floor * b).to_string(), "{a} % {b}");
            }
            if (0..27).contains(&b) {
                assert_eq!(shown(bits::left_shift(&x, &y)), (a << b).to_string());
                assert_eq!(shown(bits::right_shift(&x, &y)), (a >> b).to_string());
            }
        }
    }
}

#[test]
fn operators_find_the_slots() {
    start::start(crate::threads::Config::default(), habu_heap::Config::default()).expect("an interpreter");
    let sum = binary_op(&number(1 << 70), &number(1), Operator::Add).expect("a sum");
    assert_eq!(protocol::repr(&sum).expect("a text").to_string_lossy(), ((1i128 << 70) + 1).to_string());
    let quotient = binary_op(&number(1), &number(4), Operator::TrueDivide).expect("a quotient");
    assert_eq!(protocol::repr(&quotient).expect("a text").to_string_lossy(), "0.25");
    let error = binary_op(&number(1), &number(0), Operator::Remainder).expect_err("an error").take();
    assert_eq!(protocol::str(&error).expect("a text").to_string_lossy(), "integer modulo by zero");
    let power = arithmetic::power(&number(3), &number(200)).expect("a power");
    assert_eq!(power.refcount(), 1);
    assert_eq!(power.digits().len(), 11);
    let huge = binary_op(&power, &power, Operator::Multiply).expect("a product");
    drop(binary_op(&huge, &huge, Operator::Subtract));
}
