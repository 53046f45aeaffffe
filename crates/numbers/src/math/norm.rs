//! `math.hypot` of any number of coordinates, and `math.dist`.
//!
//! Squares are summed in twice the precision and the root is corrected once, so that the result is the nearest
//! float almost always, as CPython's is.

/// The length of the vector. Infinite if any coordinate is, else NaN if any is.
pub fn hypot(coordinates: &[f64]) -> f64 {
    norm(coordinates.len(), |i| coordinates.get(i).copied().unwrap_or(0.0).abs())
}

/// The distance of two points of the same number of coordinates.
pub fn dist(p: &[f64], q: &[f64]) -> f64 {
    norm(p.len().min(q.len()), |i| match (p.get(i), q.get(i)) {
        (Some(a), Some(b)) => (a - b).abs(),
        _ => 0.0,
    })
}

fn norm(len: usize, at: impl Fn(usize) -> f64) -> f64 {
    let (mut max, mut nan) = (0f64, false);
    for i in 0..len {
        let x = at(i);
        nan |= x.is_nan();
        max = max.max(x);
    }
    if max.is_infinite() {
        return max;
    }
    if nan {
        return f64::NAN;
    }
    if max == 0.0 || len <= 1 {
        return max;
    }
    // So small that a power of two to scale by is out of range: all are scaled up first, which is exact.
    let up = if max < f64::MIN_POSITIVE * 2.0 { 1.0 / f64::EPSILON / f64::EPSILON } else { 1.0 };
    // A power of two just above the largest; its inverse may be out of range.
    let exponent = (((max * up).to_bits() >> 52) as i32 - 1022).min(1022);
    let scale = crate::digits::float::power_of_two(-exponent);
    let mut sum = Double::default();
    for i in 0..len {
        let x = at(i) * up * scale;
        let square = x * x;
        sum.add(square);
        sum.add(x.mul_add(x, -square));
    }
    let root = sum.value().sqrt();
    let square = root * root;
    sum.add(-square);
    sum.add(-root.mul_add(root, -square));
    (root + sum.value() / (2.0 * root)) / scale / up
}

/// A sum in twice the precision.
#[derive(Default)]
struct Double {
    high: f64,
    low: f64,
}

impl Double {
    fn add(&mut self, x: f64) {
        let sum = self.high + x;
        let back = sum - self.high;
        self.low += (self.high - (sum - back)) + (x - back);
        self.high = sum;
    }

    fn value(&self) -> f64 {
        self.high + self.low
    }
}
