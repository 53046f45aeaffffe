//! The program `habu`.

fn main() {}
