//! The time that two interpreters on two threads take for their work, over the time that one takes for its own alone. Of a machine that does two
//! things at a time the goal is at most 1.1.
//!
//!     cargo build --release -p habu-libpython
//!     cargo bench -p habu-interpreters [-- PATH_OF_LIBRARY]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use habu_interpreters::Interpreter;

/// What each does: it makes and drops objects, and computes.
const WORK: &str = "
class Node:
    def __init__(self, value, next): self.value, self.next = value, next
def work():
    total = 0
    for turn in range(30):
        node = None
        for number in range(20_000): node = Node(number, node)
        table = {}
        while node is not None:
            table[node.value % 1000] = table.get(node.value % 1000, 0) + node.value
            node = node.next
        total += sum(table.values()) + len(','.join(map(str, table)))
    return total
";

fn once(interpreters: &[&Interpreter]) -> Duration {
    let began = Instant::now();
    std::thread::scope(|scope| {
        for interpreter in interpreters {
            scope.spawn(|| assert_eq!(interpreter.run("work()"), 0));
        }
    });
    began.elapsed()
}

fn main() {
    let beside = || {
        let bench = std::env::current_exe().unwrap_or_default();
        bench
            .parent()
            .and_then(std::path::Path::parent)
            .map(|folder| folder.join("libpython3_11.so"))
            .unwrap_or_default()
    };
    let given = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let library = given.map_or_else(beside, PathBuf::from);
    let start = || match Interpreter::start(&library, &["-I"]) {
        Ok(interpreter) => interpreter,
        Err(error) => panic!("{}: {error}", library.display()),
    };
    let (one, two) = (start(), start());
    for interpreter in [&one, &two] {
        assert_eq!(interpreter.run(WORK), 0);
        once(&[interpreter]);
    }
    // They take turns, so that a change of the machine's speed falls on both; the best of each counts.
    let (mut alone, mut both) = (Duration::MAX, Duration::MAX);
    for _ in 0..7 {
        alone = alone.min(once(&[&one])).min(once(&[&two]));
        both = both.min(once(&[&one, &two]));
    }
    println!("one {alone:.3?}, two {both:.3?}: {:.3} times", both.as_secs_f64() / alone.as_secs_f64());
}
