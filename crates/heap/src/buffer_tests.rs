//! Tests of [`Buffer`].

use std::fmt::Write;
use std::rc::Rc;

use crate::*;

fn with_heap(body: impl FnOnce(&Heap)) {
    let heap = Heap::new(Config { debug: true, ..Config::default() }).unwrap();
    // SAFETY: the heap outlives its being current, and only this thread uses it.
    unsafe { set_current(&raw const *heap) };
    body(&heap);
    assert_eq!(heap.allocated_blocks(), 0, "a buffer was leaked");
    heap.trim();
    assert_eq!(heap.bytes_in_use(), 0, "a buffer was leaked");
    // SAFETY: null is none.
    unsafe { set_current(std::ptr::null()) };
}

#[test]
fn does_what_a_vec_does() {
    with_heap(|_| {
        let mut buffer = Buffer::new();
        let mut vec = Vec::new();
        for number in 0..1000_u32 {
            buffer.push(number).unwrap();
            vec.push(number);
        }
        for index in [0, 999, 500, 1, 7] {
            buffer.insert(index, 5).unwrap();
            vec.insert(index, 5);
            assert_eq!(buffer.remove(index / 2), Some(vec.remove(index / 2)));
            assert_eq!(buffer.swap_remove(index / 3), Some(vec.swap_remove(index / 3)));
        }
        buffer.extend_from_slice(&[1, 2, 3]).unwrap();
        vec.extend_from_slice(&[1, 2, 3]);
        buffer.retain(|number| number % 3 != 0);
        vec.retain(|number| number % 3 != 0);
        assert_eq!(*buffer, *vec);
        buffer.resize(1200, 9).unwrap();
        vec.resize(1200, 9);
        buffer.truncate(1100);
        vec.truncate(1100);
        buffer.shrink_to_fit();
        assert_eq!(buffer.capacity(), 1100);
        assert_eq!((buffer.pop(), buffer.len()), (vec.pop(), vec.len()));
        assert_eq!(buffer.remove(5000), None);
        assert!(buffer.into_iter().rev().eq(vec.into_iter().rev()));
    });
}

#[test]
fn drops_every_element_once() {
    with_heap(|_| {
        let item = Rc::new(());
        let buffer = |count| Buffer::try_from_iter((0..count).map(|_| Rc::clone(&item))).unwrap();
        let mut some = buffer(100);
        some.truncate(60);
        assert_eq!(Rc::strong_count(&item), 61);
        some.retain({
            let mut index = 0;
            move |_| {
                index += 1;
                index % 2 == 0
            }
        });
        assert_eq!(Rc::strong_count(&item), 31);
        let mut items = some.into_iter();
        items.next();
        items.next_back();
        assert_eq!((items.len(), Rc::strong_count(&item)), (28, 29));
        drop(items);
        let (pointer, length, capacity) = buffer(10).into_raw_parts();
        assert_eq!(Rc::strong_count(&item), 11);
        // SAFETY: taken apart the line before the last.
        drop(unsafe { Buffer::from_raw_parts(pointer, length, capacity) });
        assert_eq!(Rc::strong_count(&item), 1);
    });
}

#[test]
fn says_when_memory_is_out() {
    with_heap(|heap| {
        heap.set_limit(Some(1 << 20));
        assert!(Buffer::<u64>::with_capacity(1 << 20).is_err());
        assert!(Buffer::<u64>::with_capacity(usize::MAX).is_err());
        assert!(Buffer::<u64>::with_capacity(isize::MAX as usize / 8 + 1).is_err());
        let mut buffer = Buffer::new();
        let error = (0..).map(|number: u64| buffer.push(number)).find(Result::is_err);
        assert_eq!(error, Some(Err(OutOfMemory)));
        assert!(buffer.iter().copied().eq(0..buffer.len() as u64));
        let mut text = Buffer::new();
        text.resize(900_000 - buffer.capacity() * 8, b'x').unwrap_or_default();
        assert!((0..1_000_000).any(|_| text.write_str("0123456789").is_err()));
    });
}

#[test]
fn writes_text() {
    with_heap(|_| {
        let mut text = Buffer::new();
        write!(text, "{}-{:?}", 17, "ü").unwrap();
        assert_eq!(&*text, "17-\"ü\"".as_bytes());
        assert_eq!(format!("{:?}", Buffer::from_slice(&[1, 2]).unwrap()), "[1, 2]");
    });
}

#[test]
fn elements_may_have_no_size() {
    let mut buffer = Buffer::new();
    for _ in 0..1000 {
        buffer.push(()).unwrap();
    }
    assert_eq!((buffer.len(), buffer.iter().count()), (1000, 1000));
    buffer.shrink_to_fit();
    assert_eq!(buffer.into_iter().count(), 1000);
    const { assert!(size_of::<Option<Buffer<u8>>>() == 24) };
}
