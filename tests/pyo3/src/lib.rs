//! An extension made with PyO3 for the stable ABI of Python 3.11: functions, classes, exceptions, iteration, callbacks and threads.

use std::collections::BTreeMap;

use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyKeyError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyAnyMethods, PyBytes, PyDict, PyList, PyString, PyTuple};

create_exception!(pyo3_exercise, ExerciseError, PyException, "An error of this module.");

/// A point with a name.
#[pyclass(subclass, weakref, dict)]
#[derive(Clone)]
struct Point {
    #[pyo3(get, set)]
    x: f64,
    #[pyo3(get, set)]
    y: f64,
    name: Option<String>,
}

#[pymethods]
impl Point {
    #[new]
    #[pyo3(signature = (x, y = 0.0, *, name = None))]
    fn new(x: f64, y: f64, name: Option<String>) -> Point {
        Point { x, y, name }
    }

    /// The name, upper case.
    #[getter]
    fn shouted(&self) -> PyResult<String> {
        self.name.as_ref().map(|name| name.to_uppercase()).ok_or_else(|| PyKeyError::new_err("no name"))
    }

    #[staticmethod]
    fn origin() -> Point {
        Point { x: 0.0, y: 0.0, name: None }
    }

    #[classmethod]
    fn named(class: &Bound<'_, pyo3::types::PyType>, name: &str) -> PyResult<Py<PyAny>> {
        Ok(class.call((1.0,), Some(&[("name", name)].into_py_dict_of(class.py())?))?.unbind())
    }

    fn __add__(&self, other: &Point) -> Point {
        Point { x: self.x + other.x, y: self.y + other.y, name: None }
    }

    fn __repr__(&self) -> String {
        format!("Point({:?}, {:?})", self.x, self.y)
    }

    fn __richcmp__(&self, other: &Point, op: pyo3::basic::CompareOp) -> bool {
        op.matches(self.x.total_cmp(&other.x))
    }

    fn __len__(&self) -> usize {
        2
    }

    fn __getitem__(&self, index: usize) -> PyResult<f64> {
        match index {
            0 => Ok(self.x),
            1 => Ok(self.y),
            _ => Err(pyo3::exceptions::PyIndexError::new_err(format!("no coordinate {index}"))),
        }
    }
}

/// Makes a dictionary of keyword arguments.
trait IntoDict {
    fn into_py_dict_of(self, py: Python<'_>) -> PyResult<Bound<'_, PyDict>>;
}

impl IntoDict for &[(&str, &str); 1] {
    fn into_py_dict_of(self, py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
        let dict = PyDict::new(py);
        for (key, value) in self {
            dict.set_item(key, value)?;
        }
        Ok(dict)
    }
}

/// Counts down.
#[pyclass]
struct Countdown(u32);

#[pymethods]
impl Countdown {
    #[new]
    fn new(from: u32) -> Countdown {
        Countdown(from)
    }

    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __next__(&mut self) -> Option<u32> {
        self.0 = self.0.checked_sub(1)?;
        Some(self.0)
    }
}

/// Holds an object, which may be itself.
#[pyclass]
struct Holder {
    held: Option<Py<PyAny>>,
}

#[pymethods]
impl Holder {
    #[new]
    fn new(held: Option<Py<PyAny>>) -> Holder {
        Holder { held }
    }

    fn hold(&mut self, held: Py<PyAny>) {
        self.held = Some(held);
    }

    fn __traverse__(&self, visit: pyo3::PyVisit<'_>) -> Result<(), pyo3::PyTraverseError> {
        visit.call(&self.held)
    }

    fn __clear__(&mut self) {
        self.held = None;
    }
}

#[pyfunction]
fn count_words(text: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word.to_owned()).or_insert(0) += 1;
    }
    counts
}

#[pyfunction]
#[pyo3(signature = (*args, **kwargs))]
fn all_of(args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<String> {
    Ok(format!("{} {}", args.repr()?, kwargs.map_or(Ok("none".to_owned()), |kwargs| kwargs.repr().map(|text| text.to_string()))?))
}

#[pyfunction]
fn call_back(py: Python<'_>, function: &Bound<'_, PyAny>, values: &Bound<'_, PyList>) -> PyResult<Vec<i64>> {
    let mut results = vec![];
    for value in values.iter() {
        match function.call1((value,)) {
            Ok(result) => results.push(result.extract()?),
            Err(error) if error.is_instance_of::<PyValueError>(py) => results.push(-1),
            Err(error) => return Err(error),
        }
    }
    Ok(results)
}

#[pyfunction]
fn fail(message: &str) -> PyResult<()> {
    Err(ExerciseError::new_err(message.to_owned()))
}

#[pyfunction]
fn panics() {
    panic!("a panic in Rust");
}

/// Sums in a thread that Rust started, without the interpreter's lock, then calls back with it.
#[pyfunction]
fn sum_in_thread(py: Python<'_>, numbers: Vec<i64>, done: Py<PyAny>) -> PyResult<i64> {
    py.detach(move || {
        let worker = std::thread::spawn(move || {
            let sum: i64 = numbers.iter().sum();
            Python::attach(|py| done.call1(py, (sum,)).and_then(|result| result.extract::<i64>(py)))
        });
        worker.join().unwrap_or_else(|_| Err(PyValueError::new_err("the thread panicked")))
    })
}

#[pyfunction]
fn reversed_bytes<'py>(py: Python<'py>, data: &[u8]) -> Bound<'py, PyBytes> {
    PyBytes::new(py, &data.iter().rev().copied().collect::<Vec<_>>())
}

#[pyfunction]
fn describe(object: &Bound<'_, PyAny>) -> PyResult<String> {
    if let Ok(text) = object.cast::<PyString>() {
        return Ok(format!("text of {}", text.to_str()?.chars().count()));
    }
    if let Ok(number) = object.extract::<u128>() {
        return Ok(format!("number {number}"));
    }
    Ok(format!("{} with {}", object.get_type().name()?, object.hasattr("__dict__")?))
}

/// Exercises PyO3.
#[pymodule]
fn pyo3_exercise(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Point>()?;
    module.add_class::<Countdown>()?;
    module.add_class::<Holder>()?;
    module.add("ExerciseError", module.py().get_type::<ExerciseError>())?;
    module.add_function(wrap_pyfunction!(count_words, module)?)?;
    module.add_function(wrap_pyfunction!(all_of, module)?)?;
    module.add_function(wrap_pyfunction!(call_back, module)?)?;
    module.add_function(wrap_pyfunction!(fail, module)?)?;
    module.add_function(wrap_pyfunction!(panics, module)?)?;
    module.add_function(wrap_pyfunction!(sum_in_thread, module)?)?;
    module.add_function(wrap_pyfunction!(reversed_bytes, module)?)?;
    module.add_function(wrap_pyfunction!(describe, module)?)
}
