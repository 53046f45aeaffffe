//! What must not compile: objects where the interpreter's lock is not held.

#[test]
fn objects_stay_with_the_lock() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
