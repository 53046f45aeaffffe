//! The program `habu`.

fn main() {
    let started = habu_runtime::threads::start::start(habu_heap::Config::default());
    println!("{}", started.is_some());
}
